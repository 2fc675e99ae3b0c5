/** Envelopes that are refused, and stand in a block all the same: their receipt is the answer. */
import { sha256Hex } from '../base/hash.ts';
import type { Hex } from '../base/bytes.ts';
import type { Outcome } from '../base/result.ts';
import type { Receipt } from '../chain/engine/engine.ts';
import { mayStandAlready } from '../chain/tx/fate.ts';
import { receiptOf } from './receipt.ts';
import type { ApiParts } from './parts.ts';

export interface Judged {
  readonly bytes: Uint8Array;
  /** Of `engine.submit`. */
  readonly outcome: Outcome<Receipt>;
}

/**
 * Receipts of those among them that stood in a block before, however old, by id: one indexed read
 * for all, and none where nothing was refused that might stand. It comes after the judgement: every
 * block that an engine judges by is on disk by then, so who is not found stands in none of them.
 */
export async function findStanding(
  { reader }: Pick<ApiParts, 'reader'>,
  judged: readonly Judged[],
): Promise<ReadonlyMap<Hex, Receipt>> {
  const ids = judged
    .filter(({ outcome }) => !outcome.ok && mayStandAlready(outcome))
    .map(({ bytes }) => sha256Hex(bytes));
  if (ids.length === 0) return new Map();
  const found = await reader.readEnvelopes(ids);
  return new Map([...found].map(([id, envelope]) => [id, receiptOf(envelope)]));
}
