/** Parties, a listed product and its registration; every step is followed by the money's audit. */
import { expect } from 'chai';
import type { Outcome } from '../../src/base/result.ts';
import type { Actor } from '../../src/base/room.ts';
import type { Hex } from '../../src/base/bytes.ts';
import type { RulePack } from '../../src/base/rules.ts';
import { listingRecord } from '../../src/listing/state.ts';
import { jobsRoom } from '../../src/privacy/jobs/room.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { clear, refuseClearance } from '../../src/trading/agreement/clear.ts';
import { sign } from '../../src/trading/agreement/sign.ts';
import { verify } from '../../src/trading/agreement/verify.ts';
import { acceptDelivery } from '../../src/trading/delivery/accept-delivery.ts';
import { deliver } from '../../src/trading/delivery/deliver.ts';
import { startDelivery } from '../../src/trading/delivery/start-delivery.ts';
import { resumeDelivery, suspendDelivery } from '../../src/trading/delivery/suspend-delivery.ts';
import { dispute } from '../../src/trading/dispute/dispute.ts';
import { rejectDelivery } from '../../src/trading/dispute/reject-delivery.ts';
import { ruleDispute } from '../../src/trading/dispute/rule-dispute.ts';
import { certify } from '../../src/trading/escrow/certify.ts';
import { fund } from '../../src/trading/escrow/fund.ts';
import { checkMoneyInvariants } from '../../src/trading/escrow/invariants.ts';
import { payOut } from '../../src/trading/escrow/pay-out.ts';
import { settle } from '../../src/trading/escrow/settle.ts';
import { acceptOffer } from '../../src/trading/negotiation/accept-offer.ts';
import { cancel } from '../../src/trading/negotiation/cancel.ts';
import { counter } from '../../src/trading/negotiation/counter.ts';
import { offer } from '../../src/trading/negotiation/offer.ts';
import { request } from '../../src/trading/negotiation/request.ts';
import { tradingRoom } from '../../src/trading/room.ts';
import type { Trade, TradeState } from '../../src/trading/schema.ts';
import {
  accountRecord,
  licenceRecord,
  postingRecord,
  tradeRecord,
} from '../../src/trading/state.ts';
import {
  accountIdOf,
  agreedTermsOf,
  termsHash,
  type AccountName,
} from '../../src/trading/types.ts';
import { memoryLedger, type MemoryLedger } from '../support/ledger.ts';
import { testRules } from '../support/rules.ts';
import {
  computeTerms,
  digestOf,
  fileTerms,
  listing,
  priceFen,
  registration,
} from './sample-product.ts';

export interface World {
  readonly ledger: MemoryLedger;
  readonly actors: Readonly<Record<ActorName, Actor>>;
}

type ActorName =
  | 'seller'
  | 'buyer'
  | 'stranger'
  | 'rival'
  | 'reviewer'
  | 'bank'
  | 'otherBank'
  | 'operator'
  | 'workerOne'
  | 'workerTwo';

export function makeWorld(rules: RulePack = testRules): World {
  const ledger = memoryLedger({ rooms: [tradingRoom, jobsRoom], rules });
  const actors = {
    seller: ledger.admit('seller', ['SELLER'], { beneficialOwner: 'Owner of the seller' }),
    buyer: ledger.admit('buyer', ['BUYER'], { beneficialOwner: 'Owner of the buyer' }),
    stranger: ledger.admit('stranger', ['BUYER', 'SELLER']),
    rival: ledger.admit('rival', ['REVIEWER'], { beneficialOwner: 'Owner of the seller' }),
    reviewer: ledger.admit('reviewer', ['REVIEWER']),
    bank: ledger.admit('bank', ['BANK']),
    otherBank: ledger.admit('other-bank', ['BANK']),
    operator: ledger.admit('operator', ['OPERATOR']),
    workerOne: ledger.admit('worker-one', ['WORKER']),
    workerTwo: ledger.admit('worker-two', ['WORKER']),
  };
  ledger.put(registrationRecord, registration);
  ledger.put(listingRecord, listing);
  return { ledger, actors };
}

export const tradeOf = ({ ledger }: World, id = 'trade-1'): Trade => ledger.get(tradeRecord, id);

export const licenceOf = ({ ledger }: World, id = 'trade-1') => ledger.get(licenceRecord, id);

export const balanceOf = ({ ledger }: World, name: AccountName): bigint =>
  ledger.read(accountRecord, accountIdOf(name))?.balanceFen ?? 0n;

/** The money's invariants over all rows as they stand. */
export const brokenInvariants = ({ ledger }: World): string[] =>
  checkMoneyInvariants({
    trades: ledger.all(tradeRecord),
    licences: ledger.all(licenceRecord),
    postings: ledger.all(postingRecord),
    accounts: ledger.all(accountRecord),
    timeMs: ledger.timeMs,
  });

/** What is signed for a trade as it stands; some digest where there is none. */
export function hashToSign({ ledger }: World, id: string): Hex {
  const trade = ledger.read(tradeRecord, id);
  return trade ? termsHash(agreedTermsOf('dxl-test', trade)) : digestOf('none');
}

export const deliveryFacts = {
  ciphertextDigest: digestOf('ciphertext'),
  ciphertextBytes: 1_000_000,
  wrappedKeyDigest: digestOf('key'),
  rowsRoot: digestOf('rows'),
  contentCommitment: digestOf('content'),
};

const reference = { referenceCommitment: digestOf('reference') };

/** What the buyer asks for in most of these tests. */
export const fileRequest = {
  purpose: 'DELIVERY',
  listingId: 'listing-1',
  listingRevision: 3,
  priceFen,
  terms: fileTerms,
  bank: 'bank',
} as const;

/** Each step by its proper party, with a command that fits the trade as it stands. */
const steps = {
  request: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(request, actors.buyer, { tradeId, ...fileRequest }),
  'request-compute': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(request, actors.buyer, {
      tradeId,
      ...fileRequest,
      purpose: 'COMPUTE',
      priceFen: 1_000_000n,
      terms: computeTerms,
    }),
  offer: (world: World, tradeId: string) =>
    world.ledger.apply(offer, world.actors.seller, {
      tradeId,
      ...standing(world, tradeId),
      valuationId: null,
    }),
  counter: (world: World, tradeId: string) =>
    world.ledger.apply(counter, world.actors.buyer, { tradeId, ...standing(world, tradeId) }),
  'accept-offer': (world: World, tradeId: string) =>
    world.ledger.apply(acceptOffer, world.actors.buyer, {
      tradeId,
      turn: standing(world, tradeId).turn,
    }),
  clear: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(clear, actors.reviewer, { tradeId }),
  'refuse-clearance': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(refuseClearance, actors.reviewer, { tradeId, reason: 'unlawful purpose' }),
  'sign-buyer': (world: World, tradeId: string) =>
    world.ledger.apply(sign, world.actors.buyer, {
      tradeId,
      termsHash: hashToSign(world, tradeId),
    }),
  'sign-seller': (world: World, tradeId: string) =>
    world.ledger.apply(sign, world.actors.seller, {
      tradeId,
      termsHash: hashToSign(world, tradeId),
    }),
  verify: (world: World, tradeId: string) =>
    world.ledger.apply(verify, world.actors.buyer, {
      tradeId,
      termsHash: hashToSign(world, tradeId),
    }),
  fund: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(fund, actors.bank, {
      tradeId,
      amountFen: ledger.read(tradeRecord, tradeId)?.totalFen ?? 1n,
      ...reference,
    }),
  'start-delivery': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(startDelivery, actors.seller, { tradeId }),
  'suspend-delivery': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(suspendDelivery, actors.operator, { tradeId, reason: 'order' }),
  'resume-delivery': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(resumeDelivery, actors.operator, { tradeId, reason: 'order' }),
  deliver: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(deliver, actors.seller, { tradeId, ...deliveryFacts }),
  'accept-delivery': ({ ledger, actors }: World, tradeId: string) => {
    const computation = ledger.read(tradeRecord, tradeId)?.computation;
    const digest = computation?.releaseCommitment ?? deliveryFacts.ciphertextDigest;
    return ledger.apply(acceptDelivery, actors.buyer, { tradeId, digest });
  },
  'reject-delivery': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(rejectDelivery, actors.buyer, {
      tradeId,
      ground: 'FINGERPRINT_MISMATCH',
      evidenceCommitment: digestOf('evidence'),
    }),
  dispute: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(dispute, actors.seller, { tradeId }),
  'rule-for-seller': (world: World, tradeId: string) => rule(world, tradeId, 0n),
  'rule-in-part': (world: World, tradeId: string) => rule(world, tradeId, 333_333n),
  'rule-for-buyer': (world: World, tradeId: string) =>
    rule(world, tradeId, world.ledger.read(tradeRecord, tradeId)?.totalFen ?? 0n),
  settle: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(settle, actors.operator, { tradeId }),
  certify: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(certify, actors.operator, { tradeId }),
  cancel: ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(cancel, actors.buyer, { tradeId, reason: 'changed plans' }),
  'pay-seller': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(payOut, actors.bank, { tradeId, to: 'SELLER', ...reference }),
  'pay-buyer': ({ ledger, actors }: World, tradeId: string) =>
    ledger.apply(payOut, actors.bank, { tradeId, to: 'BUYER', ...reference }),
} satisfies Record<string, (world: World, tradeId: string) => Outcome>;

export type StepName = keyof typeof steps;
export const stepNames = Object.keys(steps) as StepName[];

function standing({ ledger }: World, tradeId: string) {
  const trade = ledger.read(tradeRecord, tradeId);
  return {
    turn: trade?.turn ?? 1,
    priceFen: trade?.priceFen ?? priceFen,
    terms: trade?.terms ?? fileTerms,
    bank: trade?.bank ?? 'bank',
  };
}

const rule = ({ ledger, actors }: World, tradeId: string, refundFen: bigint): Outcome =>
  ledger.apply(ruleDispute, actors.operator, { tradeId, refundFen, reason: 'as found' });

/** One step where the invariants need not hold, since a deadline is due and not met yet. */
export const attemptOverdue = (world: World, name: StepName, tradeId = 'trade-1'): Outcome =>
  steps[name](world, tradeId);

/** One step, accepted or not; the invariants hold after it either way. */
export function attempt(world: World, name: StepName, tradeId = 'trade-1'): Outcome {
  const outcome = steps[name](world, tradeId);
  expect(brokenInvariants(world), `after ${name}`).to.deep.equal([]);
  return outcome;
}

/** Steps that are all accepted. */
export function play(world: World, names: readonly StepName[], tradeId = 'trade-1'): World {
  for (const name of names) {
    const outcome = attempt(world, name, tradeId);
    const words = outcome.ok ? '' : `${outcome.result.name}: ${outcome.detail}`;
    expect(outcome.ok, `${name}: ${words}`).to.equal(true);
  }
  return world;
}

/** To the moment when the trade's own deadline has just passed. */
export function letPass(world: World, tradeId = 'trade-1'): void {
  const { dueAtMs } = tradeOf(world, tradeId);
  expect(dueAtMs, 'the trade has a deadline').to.be.a('number');
  world.ledger.advanceTo(dueAtMs ?? world.ledger.timeMs);
  expect(brokenInvariants(world), 'after the deadline').to.deep.equal([]);
}

const offered: readonly StepName[] = ['request', 'offer'];
const accepted: readonly StepName[] = [...offered, 'accept-offer'];
const cleared: readonly StepName[] = [...accepted, 'clear'];
const agreed: readonly StepName[] = [...cleared, 'sign-buyer', 'sign-seller'];
const verified: readonly StepName[] = [...agreed, 'verify'];
const funded: readonly StepName[] = [...verified, 'fund'];
const delivering: readonly StepName[] = [...funded, 'start-delivery'];
const delivered: readonly StepName[] = [...delivering, 'deliver'];
const acceptedByBuyer: readonly StepName[] = [...delivered, 'accept-delivery'];
const settled: readonly StepName[] = [...acceptedByBuyer, 'settle'];
const rejected: readonly StepName[] = [...delivered, 'reject-delivery'];
const disputed: readonly StepName[] = [...rejected, 'dispute'];

/** Steps that lead from nothing to each state; `EXPIRED` by a deadline after them. */
export const waysTo: Readonly<Record<TradeState, readonly StepName[]>> = {
  REQUESTED: ['request'],
  OFFERED: offered,
  ACCEPTED: accepted,
  COMPLIANCE_CLEARED: cleared,
  AGREED: agreed,
  VERIFIED: verified,
  FUNDED: funded,
  DELIVERING: delivering,
  SUSPENDED: [...delivering, 'suspend-delivery'],
  DELIVERED: delivered,
  ACCEPTED_BY_BUYER: acceptedByBuyer,
  SETTLED: settled,
  CERTIFIED: [...settled, 'certify'],
  REJECTED: rejected,
  DISPUTED: disputed,
  PARTIAL_REFUND: [...disputed, 'rule-in-part'],
  REFUNDED: [...disputed, 'rule-for-buyer'],
  EXPIRED: ['request'],
  CANCELLED: ['request', 'cancel'],
  TERMINATED: [...accepted, 'refuse-clearance'],
};

/** A world whose trade-1 stands in `state`. */
export function worldAt(state: TradeState): World {
  const world = play(makeWorld(), waysTo[state]);
  if (state === 'EXPIRED') letPass(world);
  expect(tradeOf(world).state).to.equal(state);
  return world;
}
