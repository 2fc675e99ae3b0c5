import { expect } from 'chai';
import fc from 'fast-check';
import type { Outcome } from '../../src/base/result.ts';
import { tradingResults } from '../../src/trading/results.ts';
import { jobRecord } from '../../src/privacy/jobs/state.ts';
import { reversePayOut } from '../../src/trading/escrow/pay-out.ts';
import { revokeLicence } from '../../src/trading/licence/supervise.ts';
import { use } from '../../src/trading/licence/use.ts';
import { licenceRecord, postingRecord, tradeRecord } from '../../src/trading/state.ts';
import { holdingStates, tradeDeadlines, tradeTransitions } from '../../src/trading/transitions.ts';
import { attemptJob, jobSteps, type JobStep } from '../privacy/jobs/jobs-world.ts';
import { digestOf } from './sample-product.ts';
import {
  attempt,
  brokenInvariants,
  makeWorld,
  stepNames,
  type StepName,
  type World,
} from './trading-world.ts';

type Move =
  | { readonly kind: 'trade'; readonly step: StepName; readonly tradeId: string }
  | {
      readonly kind: 'job';
      readonly step: JobStep;
      readonly jobId: string;
      readonly tradeId: string;
    }
  | { readonly kind: 'next'; readonly tradeId: string; readonly choice: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'use' | 'revoke' | 'reverse'; readonly tradeId: string };

const tradeId = fc.constantFrom('trade-1', 'trade-2');

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('trade' as const),
      step: fc.constantFrom(...stepNames),
      tradeId,
    }),
  },
  {
    weight: 30,
    arbitrary: fc.record({ kind: fc.constant('next' as const), tradeId, choice: fc.nat(50) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('job' as const),
      step: fc.constantFrom(...jobSteps),
      jobId: fc.constantFrom('job-1', 'job-2'),
      tradeId,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 1, 1000, 100_000, 300_000, 600_000, 40_000_000_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('use' as const, 'revoke' as const, 'reverse' as const),
      tradeId,
    }),
  },
);

/** A step that the table allows where the trade stands, so that runs get far. */
function nextStep({ ledger }: World, id: string, choice: number): StepName {
  const trade = ledger.read(tradeRecord, id);
  if (!trade) return choice % 2 === 0 ? 'request' : 'request-compute';
  const ends = ['cancel', 'refuse-clearance'];
  const verbs = Object.keys(tradeTransitions[trade.state]).filter((verb) => !ends.includes(verb));
  const possible = stepNames.filter((name) =>
    verbs.some((verb) => name === verb || (verb === 'sign' && name.startsWith('sign-'))),
  );
  if (verbs.includes('rule-dispute')) {
    possible.push('rule-for-seller', 'rule-in-part', 'rule-for-buyer');
  }
  if (trade.settlement) possible.push('pay-seller', 'pay-buyer');
  return possible[choice % possible.length] ?? 'cancel';
}

function perform(world: World, made: Move): Outcome | null {
  const { ledger, actors } = world;
  switch (made.kind) {
    case 'trade':
      return attempt(world, made.step, made.tradeId);
    case 'next':
      return attempt(world, nextStep(world, made.tradeId, made.choice), made.tradeId);
    case 'job':
      return attemptJob(world, made.step, made.jobId, made.tradeId);
    case 'wait':
      ledger.advanceTo(ledger.timeMs + made.ms);
      return null;
    case 'use':
      return ledger.apply(use, actors.buyer, {
        licenceId: made.tradeId,
        permission: 'USE',
        count: 4,
        nonce: ledger.read(licenceRecord, made.tradeId)?.nextNonce ?? 0,
      });
    case 'revoke':
      return ledger.apply(revokeLicence, actors.operator, {
        licenceId: made.tradeId,
        reason: 'order',
      });
    case 'reverse': {
      const paid = ledger
        .all(postingRecord)
        .find(({ kind, tradeId: id }) => kind === 'PAY_OUT' && id === made.tradeId);
      return ledger.apply(reversePayOut, actors.bank, {
        postingId: paid?.id ?? `${made.tradeId}-posting-1`,
        referenceCommitment: digestOf('reference'),
      });
    }
  }
}

/** Every deadline that a trade or job shows is due in the ledger, and nothing is held for ever. */
function checkEnd(world: World): void {
  const { ledger } = world;
  for (let waits = 0; ledger.nextDeadlineMs !== null; waits += 1) {
    expect(waits, 'waits until nothing is left to wait for').to.be.below(50);
    ledger.advanceTo(Math.max(ledger.timeMs, ledger.nextDeadlineMs));
    expect(brokenInvariants(world)).to.deep.equal([]);
  }
  for (const { id, state } of ledger.all(tradeRecord)) {
    expect(holdingStates, `${id} is ${state}`).not.to.include(state);
    expect(tradeDeadlines[state], `${id} is ${state}`).to.equal(undefined);
  }
  for (const { id, dueAtMs } of ledger.all(jobRecord)) expect(dueAtMs, id).to.equal(null);
}

describe('random trades, jobs and waits', () => {
  it('break no invariant and leave no hold', () => {
    const reached = new Set<string>();
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(fc.array(move, { minLength: 40, maxLength: 150, size: 'max' }), (moves) => {
        const world = makeWorld();
        for (const made of moves) {
          const outcome = perform(world, made);
          if (outcome && !outcome.ok) outcomes.add(outcome.result.name);
          if (made.kind !== 'trade' && made.kind !== 'next' && made.kind !== 'job') {
            expect(brokenInvariants(world), JSON.stringify(made)).to.deep.equal([]);
          }
          for (const { state } of world.ledger.all(tradeRecord)) reached.add(state);
        }
        checkEnd(world);
      }),
      { numRuns: 40, seed: 20_260_302 },
    );
    // The runs are only worth their time where they get far; the seed makes this certain.
    expect(reached.size, [...reached].join()).to.be.at.least(18);
    expect([...outcomes]).to.include(tradingResults.TRADING_STATE.name);
  });
});
