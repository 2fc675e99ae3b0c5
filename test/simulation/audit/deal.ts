/** A trade as the rules see it: its states, its clocks, who takes which step. */
import type { testRules } from '../../support/rules.ts';
import { vatOf } from './books.ts';

type Period = keyof typeof testRules.periods;

export interface Deal {
  readonly id: string;
  readonly compute: boolean;
  readonly buyer: string;
  readonly seller: string;
  readonly listingId: string;
  readonly revision: number;
  priceFen: bigint;
  durationDays: number;
  usesMax: number | null;
  state: string;
  dueMs: number | null;
  readonly signed: Set<string>;
  /** Which bank was proposed last, and which holds the money. */
  agreedBank: string;
  bank: string | null;
  computed: boolean;
  postings: number;
  owed: Record<Leg, { amountFen: bigint; paidBy: string | null }> | null;
  /** By machine version 2: when the bank is in default, and whether it is. */
  payDueMs: number | null;
  isOverdue: boolean;
}

export type Leg = 'SELLER' | 'BUYER';

export interface Licence {
  readonly id: string;
  state: string;
  uses: number;
  nonce: number;
  untilMs: number;
}

export interface Job {
  readonly tradeId: string;
  readonly attested: Map<string, string>;
  proposed: string | null;
}

export const clocks: Readonly<Record<string, readonly [period: Period, restarts: boolean]>> = {
  REQUESTED: ['negotiation', true],
  OFFERED: ['negotiation', true],
  ACCEPTED: ['negotiation', true],
  COMPLIANCE_CLEARED: ['negotiation', true],
  AGREED: ['funding', true],
  VERIFIED: ['funding', false],
  FUNDED: ['delivery', true],
  DELIVERING: ['delivery', false],
  SUSPENDED: ['delivery', false],
  DELIVERED: ['buyerAcceptance', true],
  ACCEPTED_BY_BUYER: ['payout', true],
  REJECTED: ['buyerAcceptance', true],
  DISPUTED: ['disputeRuling', true],
};

/** Who takes a step, from which states, and where it leads where that is always the same. */
export const steps: Readonly<
  Record<string, readonly [by: string, from: readonly string[], to: string | null]>
> = {
  offer: ['seller', ['REQUESTED'], 'OFFERED'],
  counter: ['buyer', ['OFFERED'], 'REQUESTED'],
  'accept-offer': ['buyer', ['OFFERED'], 'ACCEPTED'],
  clear: ['stranger', ['ACCEPTED'], 'COMPLIANCE_CLEARED'],
  'refuse-clearance': ['stranger', ['ACCEPTED'], 'TERMINATED'],
  sign: ['party', ['COMPLIANCE_CLEARED'], null],
  verify: ['buyer', ['AGREED'], 'VERIFIED'],
  fund: ['bank', ['VERIFIED'], 'FUNDED'],
  'start-delivery': ['seller', ['FUNDED'], 'DELIVERING'],
  'suspend-delivery': ['operator', ['DELIVERING'], 'SUSPENDED'],
  'resume-delivery': ['operator', ['SUSPENDED'], 'DELIVERING'],
  deliver: ['seller', ['DELIVERING'], 'DELIVERED'],
  'accept-delivery': ['buyer', ['DELIVERED'], 'ACCEPTED_BY_BUYER'],
  'reject-delivery': ['buyer', ['DELIVERED'], 'REJECTED'],
  dispute: ['party', ['REJECTED'], 'DISPUTED'],
  'rule-dispute': ['operator', ['DISPUTED'], null],
  settle: ['operator', ['ACCEPTED_BY_BUYER'], 'SETTLED'],
  certify: ['operator', ['SETTLED'], 'CERTIFIED'],
  cancel: [
    'party',
    ['REQUESTED', 'OFFERED', 'ACCEPTED', 'COMPLIANCE_CLEARED', 'AGREED', 'VERIFIED'],
    null,
  ],
};

export const totalOf = ({ priceFen }: Deal): bigint => priceFen + vatOf(priceFen);
