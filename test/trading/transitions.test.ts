import { expect } from 'chai';
import { tradeStates, type TradeState } from '../../src/trading/schema.ts';
import {
  holdingStates,
  licenceTransitions,
  licenceVerbs,
  tradeDeadlines,
  tradeTransitions,
  tradeVerbs,
  type TradeVerb,
} from '../../src/trading/transitions.ts';
import { attempt, letPass, tradeOf, worldAt, type StepName } from './trading-world.ts';

/** Every step of the test world, as the verb of the table, and the state it should lead to. */
const verbOf: Partial<Record<StepName, TradeVerb>> = {
  offer: 'offer',
  counter: 'counter',
  'accept-offer': 'accept-offer',
  clear: 'clear',
  'refuse-clearance': 'refuse-clearance',
  'sign-buyer': 'sign',
  'sign-seller': 'sign',
  verify: 'verify',
  fund: 'fund',
  'start-delivery': 'start-delivery',
  'suspend-delivery': 'suspend-delivery',
  'resume-delivery': 'resume-delivery',
  deliver: 'deliver',
  'accept-delivery': 'accept-delivery',
  'reject-delivery': 'reject-delivery',
  dispute: 'dispute',
  'rule-for-seller': 'rule-dispute',
  'rule-in-part': 'rule-dispute',
  'rule-for-buyer': 'rule-dispute',
  settle: 'settle',
  certify: 'certify',
  cancel: 'cancel',
};

/** domain.md, Trade: what a state's deadline does. */
const afterDeadline: Partial<Record<TradeState, TradeState>> = {
  REQUESTED: 'EXPIRED',
  OFFERED: 'EXPIRED',
  ACCEPTED: 'EXPIRED',
  COMPLIANCE_CLEARED: 'EXPIRED',
  AGREED: 'EXPIRED',
  VERIFIED: 'EXPIRED',
  FUNDED: 'EXPIRED',
  DELIVERING: 'EXPIRED',
  SUSPENDED: 'EXPIRED',
  DELIVERED: 'ACCEPTED_BY_BUYER',
  ACCEPTED_BY_BUYER: 'SETTLED',
  REJECTED: 'REFUNDED',
  DISPUTED: 'REFUNDED',
};

describe('the states of a trade', () => {
  for (const state of tradeStates) {
    describe(state, () => {
      for (const [step, verb] of Object.entries(verbOf) as [StepName, TradeVerb][]) {
        const targets = tradeTransitions[state][verb];
        it(targets ? `${step} leads to ${targets.join(' or ')}` : `${step} is refused`, () => {
          const world = worldAt(state);
          const before = world.ledger.fingerprint();
          const outcome = attempt(world, step);
          if (targets) {
            expect(outcome.ok, outcome.ok ? '' : outcome.detail).to.equal(true);
            expect(tradeOf(world).state).to.be.oneOf([...targets]);
            return;
          }
          expect(outcome.ok).to.equal(false);
          expect(outcome.ok || outcome.result.name).to.equal('TRADING_STATE');
          expect(outcome.ok || outcome.detail).to.contain(`is ${state}`);
          expect(world.ledger.fingerprint(), 'nothing changed').to.equal(before);
        });
      }

      it(`by time leads to ${afterDeadline[state] ?? 'nothing'}`, () => {
        const world = worldAt(state);
        const due = tradeOf(world).dueAtMs;
        const after = afterDeadline[state];
        if (after === undefined) {
          expect(due).to.equal(null);
          return;
        }
        world.ledger.advanceTo((due ?? 0) - 1);
        expect(tradeOf(world).state, 'one moment before').to.equal(state);
        letPass(world);
        expect(tradeOf(world).state).to.equal(after);
      });
    });
  }

  it('has a deadline wherever it holds money', () => {
    for (const state of holdingStates) expect(tradeDeadlines[state], state).to.be.an('object');
  });

  it('uses each verb, and reaches each state but the first, somewhere in the table', () => {
    const used = new Set(tradeStates.flatMap((state) => Object.keys(tradeTransitions[state])));
    expect([...used].sort()).to.deep.equal([...tradeVerbs].sort());
    const reached = tradeStates.flatMap((state) => Object.values(tradeTransitions[state]).flat());
    expect([...new Set(reached)].sort()).to.deep.equal([...tradeStates].sort());
  });

  it('uses each verb of a licence in its table', () => {
    const used = new Set(Object.values(licenceTransitions).flatMap((steps) => Object.keys(steps)));
    expect([...used].sort()).to.deep.equal([...licenceVerbs].sort());
  });
});
