import { refuse, success, type Outcome } from '../../base/result.ts';
import type { Context } from '../../base/room.ts';
import { tradingResults } from '../results.ts';
import { accountRecord } from '../state.ts';
import { accountIdOf } from '../types.ts';

/**
 * Client money of one bank at most: far below what an amount can say, so that no sum leaves it. All
 * that is owed or earned is somebody's client money, so this bounds every other account too.
 */
const bankMaxFen = 100_000_000_000_000n;

/** Whether the acting bank may hold `addedFen` more. Refuses with TRADING_BANK_LIMIT. */
export function checkBankLimit(context: Context, addedFen: bigint): Outcome {
  const bank = context.actor.organisationId;
  const account = accountIdOf({ kind: 'CLIENT_MONEY', holder: bank });
  const heldFen = context.read(accountRecord, account)?.balanceFen ?? 0n;
  return heldFen + addedFen > bankMaxFen
    ? refuse(tradingResults.TRADING_BANK_LIMIT, `${bank} holds ${heldFen} of ${bankMaxFen} fen.`)
    : success;
}
