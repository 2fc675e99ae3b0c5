/** What is always true of the money: checked by tests after every block, and by fsck. */
import { compareText } from '../../base/bytes.ts';
import type { Account, Licence, Posting, Side, Trade } from '../schema.ts';
import { holdingStates } from '../transitions.ts';
import { accountIdOf, isFree } from '../types.ts';

export interface MoneyRows {
  readonly trades: Iterable<Trade>;
  readonly licences: Iterable<Licence>;
  readonly postings: Iterable<Posting>;
  readonly accounts: Iterable<Account>;
  /** Time of the last block; deadlines up to it have been met. */
  readonly timeMs: number;
}

/** Rows by id, wherever they are. */
export interface MoneyTable<Row> {
  get(id: string): Row | undefined;
  values(): Iterable<Row>;
}

/** Walked over several times: an audit of a long ledger reads the rows anew each time. */
export interface MoneyBooks {
  readonly trades: MoneyTable<Trade>;
  readonly licences: MoneyTable<Licence>;
  readonly postings: MoneyTable<Posting>;
  readonly accounts: MoneyTable<Account>;
  /** Time of the last block; deadlines up to it have been met. */
  readonly timeMs: number;
}

type Check = (books: MoneyBooks) => Iterable<string>;

const byId = <Row extends { id: string }>(rows: Iterable<Row>): ReadonlyMap<string, Row> =>
  new Map([...rows].map((row) => [row.id, row]));

/** Names of broken invariants, each with the id that breaks it; empty where all hold. */
export function checkMoneyInvariants(rows: MoneyRows): string[] {
  return checkMoneyBooks({
    trades: byId(rows.trades),
    licences: byId(rows.licences),
    postings: byId(rows.postings),
    accounts: byId(rows.accounts),
    timeMs: rows.timeMs,
  });
}

/** The same, of rows that need not be in memory; what it keeps is an id and a number an account. */
export function checkMoneyBooks(books: MoneyBooks): string[] {
  return checks.flatMap((check) => [...check(books)]).sort(compareText);
}

const total = (lines: Posting['lines'], side: Side): bigint =>
  lines.filter((line) => line.side === side).reduce((sum, line) => sum + line.amountFen, 0n);

const balanceOf = ({ accounts }: MoneyBooks, kind: Account['kind'], holder: string): bigint =>
  accounts.get(accountIdOf({ kind, holder }))?.balanceFen ?? 0n;

function* postingsBalance({ postings }: MoneyBooks): Iterable<string> {
  for (const { id, lines } of postings.values()) {
    if (total(lines, 'DEBIT') !== total(lines, 'CREDIT')) yield `posting-unbalanced ${id}`;
  }
}

/** A balance is what the postings made it: the accounts can be thrown away and rebuilt. */
function* accountsFollowPostings({ postings, accounts }: MoneyBooks): Iterable<string> {
  const moved = new Map<string, bigint>();
  for (const { lines } of postings.values()) {
    for (const { accountId, side, amountFen } of lines) {
      const normal = accounts.get(accountId)?.normalSide;
      const before = moved.get(accountId) ?? 0n;
      moved.set(accountId, side === normal ? before + amountFen : before - amountFen);
    }
  }
  for (const { id, balanceFen } of accounts.values()) {
    if (balanceFen !== moved.get(id)) yield `account-drift ${id}`;
    moved.delete(id);
  }
  for (const id of moved.keys()) yield `account-drift ${id}`;
}

function* ledgerBalances({ accounts }: MoneyBooks): Iterable<string> {
  const sides = { DEBIT: 0n, CREDIT: 0n };
  for (const { normalSide, balanceFen } of accounts.values()) sides[normalSide] += balanceFen;
  if (sides.DEBIT !== sides.CREDIT) yield 'ledger-unbalanced CNY';
}

/** A trade that holds money holds exactly its total; every other holds none. */
function* escrowsHoldTotals(books: MoneyBooks): Iterable<string> {
  for (const trade of books.trades.values()) {
    const held = holdingStates.includes(trade.state) ? trade.totalFen : 0n;
    if (balanceOf(books, 'ESCROW', trade.id) !== held) yield `escrow-mismatch ${trade.id}`;
  }
  for (const { id, kind, holder } of books.accounts.values()) {
    if (kind === 'ESCROW' && !books.trades.get(holder ?? '')) yield `escrow-orphan ${id}`;
  }
}

/** settled = price + tax − refund. */
function* settlementsAddUp({ trades }: MoneyBooks): Iterable<string> {
  for (const { id, settlement, priceFen, vatFen, totalFen } of trades.values()) {
    if (priceFen + vatFen !== totalFen) yield `total-mismatch ${id}`;
    if (settlement === null) continue;
    const settledFen = settlement.sellerFen + settlement.feeNetFen + settlement.feeVatFen;
    if (settledFen !== priceFen + vatFen - settlement.refundFen) yield `settled-mismatch ${id}`;
  }
}

/** Every hold posts or voids by its deadline. */
function* holdsHaveDeadlines({ trades, timeMs }: MoneyBooks): Iterable<string> {
  for (const { id, state, dueAtMs } of trades.values()) {
    if (!holdingStates.includes(state)) continue;
    if (dueAtMs === null || dueAtMs <= timeMs) yield `hold-stuck ${id}`;
  }
}

/** No grant without funded escrow, none alive after a whole refund, no use beyond the quota. */
function* licencesRestOnMoney({ licences, trades, postings }: MoneyBooks): Iterable<string> {
  const funded = new Set<string | null>();
  for (const { kind, tradeId } of postings.values()) if (kind === 'FUND') funded.add(tradeId);
  for (const { id, tradeId, state, terms, uses } of licences.values()) {
    const trade = trades.get(tradeId);
    const isPaid = trade?.funding && funded.has(tradeId);
    if (!trade || (!isPaid && !isFree(trade))) yield `licence-unfunded ${id}`;
    if (terms.usesMax !== null && uses > terms.usesMax) yield `licence-overused ${id}`;
    const alive = state === 'ISSUED' || state === 'ACTIVE' || state === 'SUSPENDED';
    if (alive && trade && isRefunded(trade)) yield `licence-refunded ${id}`;
  }
}

/** Of a free trade, which owes nothing either way, its state tells. */
const isRefunded = (trade: Trade): boolean =>
  isFree(trade)
    ? ['REFUNDED', 'EXPIRED'].includes(trade.state)
    : trade.settlement?.refundFen === trade.totalFen;

const mirrored = ({ lines }: Posting): string =>
  lines
    .map(({ accountId, side, amountFen }) => `${accountId} ${side} ${amountFen}`)
    .sort(compareText)
    .join();

const turned = (posting: Posting): Posting => ({
  ...posting,
  lines: posting.lines.map((line) => ({
    ...line,
    side: line.side === 'DEBIT' ? ('CREDIT' as const) : ('DEBIT' as const),
  })),
});

/** A reversal is the mirror of one earlier posting, which is reversed once. */
function* reversalsMirror({ postings }: MoneyBooks): Iterable<string> {
  const reversed = new Set<string>();
  for (const posting of postings.values()) {
    if (posting.kind !== 'REVERSAL') continue;
    const original = postings.get(posting.reversesPostingId ?? '');
    if (!original || mirrored(turned(original)) !== mirrored(posting)) {
      yield `reversal-mismatch ${posting.id}`;
    } else if (reversed.has(original.id)) yield `reversal-repeated ${posting.id}`;
    if (original) reversed.add(original.id);
  }
}

/** What parties are owed is what settlements have not paid yet; what banks hold covers all. */
function* payablesAreOwed(books: MoneyBooks): Iterable<string> {
  const owed = new Map<string, bigint>();
  for (const { buyer, seller, settlement } of books.trades.values()) {
    if (!settlement) continue;
    const { sellerPostingId, sellerFen, refundPostingId, refundFen } = settlement;
    const payable = accountIdOf({ kind: 'SELLER_PAYABLE', holder: seller });
    const refund = accountIdOf({ kind: 'BUYER_REFUND', holder: buyer });
    if (sellerPostingId === null) owed.set(payable, (owed.get(payable) ?? 0n) + sellerFen);
    if (refundPostingId === null) owed.set(refund, (owed.get(refund) ?? 0n) + refundFen);
  }
  for (const { id, kind, balanceFen } of books.accounts.values()) {
    if (kind !== 'SELLER_PAYABLE' && kind !== 'BUYER_REFUND') continue;
    if (balanceFen !== (owed.get(id) ?? 0n)) yield `payable-mismatch ${id}`;
  }
}

const checks: readonly Check[] = [
  postingsBalance,
  accountsFollowPostings,
  ledgerBalances,
  escrowsHoldTotals,
  settlementsAddUp,
  holdsHaveDeadlines,
  licencesRestOnMoney,
  reversalsMirror,
  payablesAreOwed,
];
