import type { RulePack } from '../base/rules.ts';
import type { LicenceState, TradeState } from './schema.ts';

/** Steps of a trade: operations, and (from `expire-negotiation` on) what deadlines do. */
export const tradeVerbs = [
  'offer',
  'counter',
  'accept-offer',
  'clear',
  'refuse-clearance',
  'sign',
  'verify',
  'fund',
  'start-delivery',
  'start-free-delivery',
  'suspend-delivery',
  'resume-delivery',
  'deliver',
  'accept-delivery',
  'reject-delivery',
  'dispute',
  'rule-dispute',
  'settle',
  'certify',
  'cancel',
  'expire-negotiation',
  'expire-funding',
  'miss-delivery',
  'keep-silence',
  'leave-unanswered',
  'miss-ruling',
] as const;
export type TradeVerb = (typeof tradeVerbs)[number];

type Table<State extends string, Verb extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Verb, readonly [State, ...State[]]>>>>
>;

/**
 * Where each step leads. `sign` stays for the first signature and agrees with the second;
 * a ruling's target follows from the refund.
 */
export const tradeTransitions: Table<TradeState, TradeVerb> = {
  REQUESTED: { offer: ['OFFERED'], cancel: ['CANCELLED'], 'expire-negotiation': ['EXPIRED'] },
  OFFERED: {
    counter: ['REQUESTED'],
    'accept-offer': ['ACCEPTED'],
    cancel: ['CANCELLED'],
    'expire-negotiation': ['EXPIRED'],
  },
  ACCEPTED: {
    clear: ['COMPLIANCE_CLEARED'],
    'refuse-clearance': ['TERMINATED'],
    cancel: ['CANCELLED'],
    'expire-negotiation': ['EXPIRED'],
  },
  COMPLIANCE_CLEARED: {
    sign: ['COMPLIANCE_CLEARED', 'AGREED'],
    cancel: ['CANCELLED'],
    'expire-negotiation': ['EXPIRED'],
  },
  AGREED: { verify: ['VERIFIED'], cancel: ['TERMINATED'], 'expire-funding': ['EXPIRED'] },
  VERIFIED: {
    fund: ['FUNDED'],
    /** Of a free trade, which is not funded. */
    'start-free-delivery': ['DELIVERING'],
    cancel: ['TERMINATED'],
    'expire-funding': ['EXPIRED'],
  },
  FUNDED: { 'start-delivery': ['DELIVERING'], 'miss-delivery': ['EXPIRED'] },
  DELIVERING: {
    deliver: ['DELIVERED'],
    'suspend-delivery': ['SUSPENDED'],
    'miss-delivery': ['EXPIRED'],
  },
  SUSPENDED: { 'resume-delivery': ['DELIVERING'], 'miss-delivery': ['EXPIRED'] },
  DELIVERED: {
    'accept-delivery': ['ACCEPTED_BY_BUYER'],
    'reject-delivery': ['REJECTED'],
    'keep-silence': ['ACCEPTED_BY_BUYER'],
  },
  ACCEPTED_BY_BUYER: { settle: ['SETTLED'] },
  SETTLED: { certify: ['CERTIFIED'] },
  REJECTED: { dispute: ['DISPUTED'], 'leave-unanswered': ['REFUNDED'] },
  DISPUTED: {
    'rule-dispute': ['SETTLED', 'PARTIAL_REFUND', 'REFUNDED'],
    'miss-ruling': ['REFUNDED'],
  },
  CERTIFIED: {},
  PARTIAL_REFUND: {},
  REFUNDED: {},
  EXPIRED: {},
  CANCELLED: {},
  TERMINATED: {},
};

/** States in which the buyer's money is held in escrow. */
export const holdingStates: readonly TradeState[] = [
  'FUNDED',
  'DELIVERING',
  'SUSPENDED',
  'DELIVERED',
  'ACCEPTED_BY_BUYER',
  'REJECTED',
  'DISPUTED',
];

/** One deadline a state. States that follow each other with one name share one clock. */
export interface StateDeadline {
  readonly name: string;
  readonly period: keyof RulePack['periods'];
  /** A new proposal or step starts the clock again. */
  readonly restarts: boolean;
}

const negotiation = { name: 'trading.negotiation', period: 'negotiation', restarts: true } as const;
const funding = { name: 'trading.funding', period: 'funding', restarts: false } as const;
const delivery = { name: 'trading.delivery', period: 'delivery', restarts: false } as const;
const once = (name: string, period: StateDeadline['period']): StateDeadline => ({
  name,
  period,
  restarts: false,
});

/** Every holding state has one, so no hold outlives its deadline; a suspension stops no clock. */
export const tradeDeadlines: Readonly<Partial<Record<TradeState, StateDeadline>>> = {
  REQUESTED: negotiation,
  OFFERED: negotiation,
  ACCEPTED: negotiation,
  COMPLIANCE_CLEARED: negotiation,
  AGREED: funding,
  VERIFIED: funding,
  FUNDED: delivery,
  DELIVERING: delivery,
  SUSPENDED: delivery,
  DELIVERED: once('trading.acceptance', 'buyerAcceptance'),
  ACCEPTED_BY_BUYER: once('trading.settlement', 'payout'),
  REJECTED: once('trading.rejection', 'buyerAcceptance'),
  DISPUTED: once('trading.ruling', 'disputeRuling'),
};

export const licenceVerbs = [
  'activate',
  'use',
  'suspend',
  'resume',
  'revoke',
  'terminate',
  'expire',
  'attest-deletion',
] as const;
export type LicenceVerb = (typeof licenceVerbs)[number];

/** `use` exhausts the licence with the last of its quota. */
export const licenceTransitions: Table<LicenceState, LicenceVerb> = {
  ISSUED: { activate: ['ACTIVE'], terminate: ['TERMINATED'], expire: ['EXPIRED'] },
  ACTIVE: {
    use: ['ACTIVE', 'EXHAUSTED'],
    suspend: ['SUSPENDED'],
    revoke: ['REVOKED'],
    terminate: ['TERMINATED'],
    expire: ['EXPIRED'],
  },
  SUSPENDED: {
    resume: ['ACTIVE'],
    revoke: ['REVOKED'],
    terminate: ['TERMINATED'],
    expire: ['EXPIRED'],
  },
  EXHAUSTED: { 'attest-deletion': ['DELETION_ATTESTED'] },
  EXPIRED: { 'attest-deletion': ['DELETION_ATTESTED'] },
  REVOKED: { 'attest-deletion': ['DELETION_ATTESTED'] },
  TERMINATED: { 'attest-deletion': ['DELETION_ATTESTED'] },
  DELETION_ATTESTED: {},
};

/** States from which `verb` may be taken, for the words of a refusal. */
export const statesWith = <State extends string, Verb extends string>(
  table: Table<State, Verb>,
  verb: Verb,
): string =>
  Object.entries<Readonly<Partial<Record<Verb, unknown>>>>(table)
    .filter(([, verbs]) => verb in verbs)
    .map(([state]) => state)
    .join(' or ');
