import { assert } from '../../base/assert.ts';
import type { Ledger } from '../../base/room.ts';
import { compareText } from '../../base/bytes.ts';
import type { AccountKind, Posting, Side, Trade } from '../schema.ts';
import { accountRecord, postingRecord } from '../state.ts';
import { accountIdOf, normalSideOf, postingId, type AccountName } from '../types.ts';

export interface EntryLine {
  readonly account: AccountName;
  readonly side: Side;
  readonly amountFen: bigint;
}

export interface Entry extends Pick<Posting, 'kind' | 'reversesPostingId' | 'referenceCommitment'> {
  readonly lines: readonly EntryLine[];
}

export const debit = (kind: AccountKind, holder: string | null, amountFen: bigint): EntryLine => ({
  account: { kind, holder },
  side: 'DEBIT',
  amountFen,
});

export const credit = (kind: AccountKind, holder: string | null, amountFen: bigint): EntryLine => ({
  account: { kind, holder },
  side: 'CREDIT',
  amountFen,
});

const sumOf = (lines: readonly EntryLine[], side: Side): bigint =>
  lines.filter((line) => line.side === side).reduce((sum, line) => sum + line.amountFen, 0n);

/**
 * Books an entry of a trade and moves its accounts; lines of nothing are left out. An unbalanced
 * entry or an account below zero is a bug. The caller writes the trade that is returned.
 */
export function book(ledger: Ledger, trade: Trade, entry: Entry): Trade {
  const lines = entry.lines.filter(({ amountFen }) => amountFen > 0n);
  assert(sumOf(lines, 'DEBIT') === sumOf(lines, 'CREDIT'), 'debits equal credits');
  const postingCount = trade.postingCount + 1;
  for (const line of [...lines].sort(byAccount)) moveAccount(ledger, line);
  ledger.write(
    postingRecord,
    {
      id: postingId(trade.id, postingCount),
      kind: entry.kind,
      tradeId: trade.id,
      currency: 'CNY',
      lines: lines.map(({ account, side, amountFen }) => ({
        accountId: accountIdOf(account),
        side,
        amountFen,
      })),
      reversesPostingId: entry.reversesPostingId,
      referenceCommitment: entry.referenceCommitment,
      atMs: ledger.timeMs,
      height: ledger.height,
    },
    'trading.posted',
  );
  return { ...trade, postingCount };
}

const byAccount = (left: EntryLine, right: EntryLine): number =>
  compareText(accountIdOf(left.account), accountIdOf(right.account));

function moveAccount(ledger: Ledger, { account, side, amountFen }: EntryLine): void {
  const id = accountIdOf(account);
  const normalSide = normalSideOf(account.kind);
  const beforeFen = ledger.read(accountRecord, id)?.balanceFen ?? 0n;
  const balanceFen = side === normalSide ? beforeFen + amountFen : beforeFen - amountFen;
  assert(balanceFen >= 0n, `account ${id} stays at or above zero`);
  ledger.write(
    accountRecord,
    { id, ...account, normalSide, currency: 'CNY', balanceFen, changedAtMs: ledger.timeMs },
    'trading.account-moved',
  );
}
