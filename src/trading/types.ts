/** Nouns of a trade that parties compute for themselves: totals, what is signed, account ids. */
import type { Hex } from '../base/bytes.ts';
import { monthOf } from '../base/calendar.ts';
import { encodeTyped } from '../base/codec.ts';
import { taggedHashHex } from '../base/hash.ts';
import { divideHalfUp, shareFen, splitVatInclusive } from '../base/money.ts';
import type { Calendar, RulePack } from '../base/rules.ts';
import { agreedTermsSchema } from './schema.ts';
import type { AccountKind, AgreedTerms, Side, Trade } from './schema.ts';

export interface TradeTotals {
  readonly priceFen: bigint;
  readonly vatFen: bigint;
  readonly feeFen: bigint;
  readonly totalFen: bigint;
}

/** VAT on top of the price and the fee out of it, each half up to the fen. */
export function tradeTotals(priceFen: bigint, money: RulePack['money']): TradeTotals {
  const vatFen = shareFen(priceFen, money.vatBasisPoints);
  const feeFen = shareFen(priceFen, money.feeBasisPoints);
  return { priceFen, vatFen, feeFen, totalFen: priceFen + vatFen };
}

/** Nothing is paid in, held or paid out: offered so, and agreed so. */
export const isFree = ({ totalFen }: Pick<TradeTotals, 'totalFen'>): boolean => totalFen === 0n;

export interface SettlementAmounts {
  readonly refundFen: bigint;
  readonly sellerFen: bigint;
  readonly feeNetFen: bigint;
  readonly feeVatFen: bigint;
}

/**
 * How an escrow is divided: the refund first, then the fee in proportion to what remains (half up),
 * split into net and VAT, and the rest to the seller. 0 <= refundFen <= totalFen.
 */
export function settlementAmounts(
  totals: Pick<TradeTotals, 'feeFen' | 'totalFen'>,
  refundFen: bigint,
  money: RulePack['money'],
): SettlementAmounts {
  if (totals.totalFen === 0n) return { refundFen: 0n, sellerFen: 0n, feeNetFen: 0n, feeVatFen: 0n };
  const keptFen = totals.totalFen - refundFen;
  const feeFen = divideHalfUp(totals.feeFen * keptFen, totals.totalFen);
  const { netFen, vatFen } = splitVatInclusive(feeFen, money.vatBasisPoints);
  return { refundFen, sellerFen: keptFen - feeFen, feeNetFen: netFen, feeVatFen: vatFen };
}

/** What both parties of a trade sign, from its record. */
export const agreedTermsOf = (chainId: string, trade: Trade): AgreedTerms => ({
  chainId,
  tradeId: trade.id,
  purpose: trade.purpose,
  buyer: trade.buyer,
  seller: trade.seller,
  bank: trade.bank,
  listingId: trade.listingId,
  listingRevision: trade.listingRevision,
  revisionRoot: trade.revisionRoot,
  registrationId: trade.registrationId,
  terms: trade.terms,
  compute: trade.compute,
  priceFen: trade.priceFen,
  vatFen: trade.vatFen,
  feeFen: trade.feeFen,
  totalFen: trade.totalFen,
  valuationId: trade.valuationId,
});

/** H('dxl/terms/2', canonical CBOR of agreedTermsSchema). */
export const termsHash = (terms: AgreedTerms): Hex =>
  taggedHashHex('dxl/terms/2', encodeTyped(agreedTermsSchema, terms));

/** An account by what it is for; `holder` is a bank, trade or organisation, or null. */
export interface AccountName {
  readonly kind: AccountKind;
  readonly holder: string | null;
}

const accountPrefixes: Readonly<Record<AccountKind, string>> = {
  CLIENT_MONEY: 'client-money',
  ESCROW: 'escrow',
  SELLER_PAYABLE: 'seller-payable',
  BUYER_REFUND: 'buyer-refund',
  FEE_INCOME: 'fee-income',
  OUTPUT_VAT: 'output-vat',
};

/** `escrow-<trade>`, `client-money-<bank>`, `seller-payable-<organisation>`, `fee-income`, … */
export const accountIdOf = ({ kind, holder }: AccountName): string =>
  holder === null ? accountPrefixes[kind] : `${accountPrefixes[kind]}-${holder}`;

/** Assets grow by debits, what is owed or earned by credits. */
export const normalSideOf = (kind: AccountKind): Side =>
  kind === 'CLIENT_MONEY' ? 'DEBIT' : 'CREDIT';

/** `<trade>-posting-<n>`, n from 1 in order of booking. */
export const postingId = (tradeId: string, number: number): string =>
  `${tradeId}-posting-${number}`;

/**
 * Number of a trade certificate: TC, year and month of issue, and 12 hex digits of the signed terms
 * hash. For people; the key of a trade is its id.
 */
export function tradeCertificateNumber(signedHash: Hex, atMs: number, calendar: Calendar): string {
  const { year, month } = monthOf(atMs, calendar);
  const issued = `${String(year)}${String(month).padStart(2, '0')}`;
  return `TC-${issued}-${signedHash.slice(0, 12).toUpperCase()}`;
}
