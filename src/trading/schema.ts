import {
  digest,
  fen,
  identifier,
  integer,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../base/schema.ts';
import { licenceTermsSchema, permissions } from '../listing/schema.ts';

/** Short enough that `escrow-<trade>` and `<trade>-posting-<n>` are identifiers themselves. */
const tradeId = () => identifier('Client-made identifier', 48);

/** A prefix of its kind and the id of an organisation or trade: see types.ts. */
const accountId = () => identifier('Account', 96);

export const tradeStates = [
  'REQUESTED',
  'OFFERED',
  'ACCEPTED',
  'COMPLIANCE_CLEARED',
  'AGREED',
  'VERIFIED',
  'FUNDED',
  'DELIVERING',
  'SUSPENDED',
  'DELIVERED',
  'ACCEPTED_BY_BUYER',
  'SETTLED',
  'CERTIFIED',
  'REJECTED',
  'DISPUTED',
  'PARTIAL_REFUND',
  'REFUNDED',
  'EXPIRED',
  'CANCELLED',
  'TERMINATED',
] as const;
export type TradeState = (typeof tradeStates)[number];

export const tradePurposes = ['DELIVERY', 'COMPUTE'] as const;

export const disputeGrounds = [
  'FINGERPRINT_MISMATCH',
  'PROOF_COMMITMENT_MISMATCH',
  'UNDECRYPTABLE',
  'QUALITY_BELOW_REPORT',
  'INCOMPLETE',
  'RIGHTS_DEFECT',
] as const;

const money = {
  priceFen: fen('Price before VAT, fen'),
  vatFen: fen('VAT on the price, fen'),
  feeFen: fen('Fee of the exchange, VAT-inclusive, taken from what the seller gets, fen'),
  totalFen: fen('What the buyer pays in: price and VAT, fen'),
};

/** What a compute licence lets be computed, frozen from the listing's offer. */
export const computeSchema = record({
  functionId: identifier(),
  valueColumn: text(60),
  groupColumn: text(60),
});

/** What both parties sign: the hash of exactly this is the terms hash (types.ts). */
export const agreedTermsSchema = record({
  chainId: identifier(),
  tradeId: tradeId(),
  purpose: oneOf(tradePurposes),
  buyer: identifier(),
  seller: identifier(),
  bank: identifier('Settlement bank that holds the escrow'),
  listingId: identifier(),
  listingRevision: integer(1, 1_000_000),
  revisionRoot: digest(),
  registrationId: identifier(),
  terms: licenceTermsSchema,
  compute: nullable(computeSchema),
  ...money,
  valuationId: nullable(identifier()),
});
export type AgreedTerms = Static<typeof agreedTermsSchema>;

const standing = () => oneOf(['ACTIVE', 'SUSPENDED']);

const agreementSchema = record({
  revisionRoot: digest('Listing revision that is frozen'),
  termsHash: digest('Signed by both parties'),
  buyerKeyId: digest(),
  sellerKeyId: digest(),
  buyerState: standing(),
  sellerState: standing(),
  valuationId: nullable(identifier()),
  agreedAtMs: timeMs(),
  height: integer(0, Number.MAX_SAFE_INTEGER),
});

const signature = () => nullable(record({ keyId: digest(), signedAtMs: timeMs() }));

const disputeSchema = record({
  ground: oneOf(disputeGrounds),
  evidenceCommitment: digest('Salted commitment to the evidence'),
  rejectedAtMs: timeMs(),
  openedBy: nullable(identifier('Party that took the rejection to the operator')),
  openedAtMs: nullable(timeMs()),
  ruling: nullable(
    record({ organisationId: identifier(), refundFen: fen(), reason: text(400), atMs: timeMs() }),
  ),
});

const settlementSchema = record({
  refundFen: fen('Owed back to the buyer'),
  sellerFen: fen('Owed to the seller'),
  feeNetFen: fen('Fee without its VAT'),
  feeVatFen: fen('VAT in the fee'),
  atMs: timeMs(),
  sellerPostingId: nullable(identifier('Pay-out to the seller')),
  refundPostingId: nullable(identifier('Pay-out to the buyer')),
});

const deliveryFacts = {
  ciphertextDigest: digest('SHA-256 of the encrypted file'),
  ciphertextBytes: integer(1, Number.MAX_SAFE_INTEGER, 'Length of the encrypted file'),
  wrappedKeyDigest: digest('SHA-256 of the content key sealed to the buyer'),
  rowsRoot: digest('RFC 6962 root over rows, as registered'),
  contentCommitment: digest('Salted commitment to the content, as registered'),
};

export const tradeSchema = record({
  id: tradeId(),
  state: oneOf(tradeStates),
  purpose: oneOf(tradePurposes),
  buyer: identifier('Organisation'),
  seller: identifier('Organisation'),
  bank: identifier('Settlement bank that holds the escrow, as proposed or agreed'),
  listingId: identifier(),
  listingRevision: integer(1, 1_000_000),
  revisionRoot: digest(),
  registrationId: identifier(),
  terms: licenceTermsSchema,
  compute: nullable(computeSchema),
  ...money,
  turn: integer(1, 1000, 'Proposals made so far; an acceptance names it'),
  valuationId: nullable(identifier('Confirmed valuation that the offer rests on')),
  clearedBy: nullable(identifier('Reviewing organisation')),
  signatures: record({ buyer: signature(), seller: signature() }),
  agreement: nullable(agreementSchema),
  verifiedAtMs: nullable(timeMs()),
  funding: nullable(
    record({
      bank: identifier(),
      referenceCommitment: digest('Salted commitment to the bank’s reference'),
      amountFen: fen(),
      atMs: timeMs(),
    }),
  ),
  licenceId: nullable(tradeId()),
  delivery: nullable(record({ ...deliveryFacts, atMs: timeMs() })),
  computation: nullable(
    record({ jobId: identifier(), releaseCommitment: digest(), atMs: timeMs() }),
  ),
  acceptance: nullable(record({ by: oneOf(['BUYER', 'SILENCE']), atMs: timeMs() })),
  dispute: nullable(disputeSchema),
  settlement: nullable(settlementSchema),
  certificate: nullable(record({ number: text(40), issuedAtMs: timeMs() })),
  ending: nullable(
    record({
      organisationId: nullable(identifier('Who ended it; null: a deadline')),
      reason: text(400),
      atMs: timeMs(),
    }),
  ),
  postingCount: integer(0, 10_000),
  requestedAtMs: timeMs(),
  changedAtMs: timeMs(),
  dueAtMs: nullable(timeMs('When the ledger moves the trade on by itself')),
});
export type Trade = Static<typeof tradeSchema>;

export const licenceStates = [
  'ISSUED',
  'ACTIVE',
  'SUSPENDED',
  'EXHAUSTED',
  'EXPIRED',
  'REVOKED',
  'TERMINATED',
  'DELETION_ATTESTED',
] as const;
export type LicenceState = (typeof licenceStates)[number];

/** Uses that a licence without a quota can count. */
export const usesCountable = 1_000_000_000;

export const licenceSchema = record({
  /** The id of its trade: a trade grants one licence. */
  id: tradeId(),
  state: oneOf(licenceStates),
  tradeId: tradeId(),
  purpose: oneOf(tradePurposes),
  licensor: identifier('Seller'),
  licensee: identifier('Buyer'),
  listingId: identifier(),
  revisionRoot: digest(),
  registrationId: identifier(),
  terms: licenceTermsSchema,
  compute: nullable(computeSchema),
  uses: integer(0, usesCountable, 'Metered so far; never above terms.usesMax'),
  nextNonce: integer(0, usesCountable, 'What the next use names'),
  issuedAtMs: timeMs(),
  activatedAtMs: nullable(timeMs()),
  validUntilMs: timeMs('Last moment of the term'),
  deletionCommitment: nullable(digest('Salted commitment to the attestation of deletion')),
  changedAtMs: timeMs(),
});
export type Licence = Static<typeof licenceSchema>;

export const postingKinds = ['FUND', 'SETTLE', 'REFUND', 'PAY_OUT', 'REVERSAL'] as const;

export const sides = ['DEBIT', 'CREDIT'] as const;
export type Side = (typeof sides)[number];

export const postingSchema = record({
  id: identifier(),
  kind: oneOf(postingKinds),
  tradeId: tradeId(),
  currency: oneOf(['CNY']),
  lines: list(record({ accountId: accountId(), side: oneOf(sides), amountFen: fen() }), 2, 8),
  reversesPostingId: nullable(identifier('Posting that this one undoes')),
  referenceCommitment: nullable(digest('Salted commitment to the bank’s reference')),
  atMs: timeMs(),
  height: integer(0, Number.MAX_SAFE_INTEGER),
});
export type Posting = Static<typeof postingSchema>;

export const accountKinds = [
  'CLIENT_MONEY',
  'ESCROW',
  'SELLER_PAYABLE',
  'BUYER_REFUND',
  'FEE_INCOME',
  'OUTPUT_VAT',
] as const;
export type AccountKind = (typeof accountKinds)[number];

export const accountSchema = record({
  id: accountId(),
  kind: oneOf(accountKinds),
  holder: nullable(identifier('Bank, trade, seller or buyer; null: the exchange')),
  normalSide: oneOf(sides),
  currency: oneOf(['CNY']),
  balanceFen: fen('On its normal side, fen'),
  changedAtMs: timeMs(),
});
export type Account = Static<typeof accountSchema>;

/** Trades of one bank that are named as unpaid; of more than these it is in default all the same. */
export const overdueMax = 200;

export const bankStandingSchema = record({
  id: identifier('Settlement bank'),
  state: oneOf(['PAYING', 'IN_DEFAULT']),
  overdue: list(tradeId(), 0, overdueMax),
  changedAtMs: timeMs(),
});
export type BankStanding = Static<typeof bankStandingSchema>;

const proposal = {
  priceFen: fen('Price before VAT, fen'),
  terms: licenceTermsSchema,
  bank: identifier('Settlement bank to hold the escrow'),
};
const onTrade = { tradeId: tradeId() };
const onTradeWithReason = { ...onTrade, reason: text(400) };
const reference = { referenceCommitment: digest('Salted commitment to the bank’s reference') };
const turn = integer(1, 1000, 'The turn that is answered');

export const tradeCommand = record(onTrade);
export const tradeReasonCommand = record(onTradeWithReason);

export const requestCommand = record({
  ...onTrade,
  purpose: oneOf(tradePurposes),
  listingId: identifier(),
  listingRevision: integer(1, 1_000_000),
  ...proposal,
});

export const offerCommand = record({
  ...onTrade,
  turn,
  ...proposal,
  valuationId: nullable(identifier('Confirmed valuation of the listing revision')),
});

export const counterCommand = record({ ...onTrade, turn, ...proposal });

export const acceptOfferCommand = record({ ...onTrade, turn });

export const termsHashCommand = record({ ...onTrade, termsHash: digest('What is signed') });

export const fundCommand = record({ ...onTrade, amountFen: fen('Received, fen'), ...reference });

export const deliverCommand = record({ ...onTrade, ...deliveryFacts });

export const acceptDeliveryCommand = record({
  ...onTrade,
  digest: digest('Ciphertext digest, or the release commitment of a compute licence'),
});

export const rejectDeliveryCommand = record({
  ...onTrade,
  ground: oneOf(disputeGrounds),
  evidenceCommitment: digest('Salted commitment to the evidence'),
});

export const ruleDisputeCommand = record({
  ...onTradeWithReason,
  refundFen: fen('Owed back to the buyer: 0 to the total'),
});

export const payOutCommand = record({
  ...onTrade,
  to: oneOf(['SELLER', 'BUYER']),
  ...reference,
});

export const reversePayOutCommand = record({
  postingId: identifier('Pay-out that was booked and did not happen'),
  ...reference,
});

export const licenceUseCommand = record({
  licenceId: tradeId(),
  permission: oneOf(permissions),
  count: integer(1, 1_000_000),
  nonce: integer(0, 1_000_000_000, 'The licence’s nextNonce: a report counts once'),
});

export const licenceReasonCommand = record({ licenceId: tradeId(), reason: text(400) });

export const attestDeletionCommand = record({
  licenceId: tradeId(),
  deletionCommitment: digest('Salted commitment to the attestation'),
});
