/**
 * More deadlines can fall due at one midnight than a block meets: what they end stands still open for
 * a few blocks, and nobody may use that.
 */
import { expect } from 'chai';
import { jobResults } from '../../src/privacy/jobs/results.ts';
import { tradingResults } from '../../src/trading/results.ts';
import { use } from '../../src/trading/licence/use.ts';
import type { TradeState } from '../../src/trading/schema.ts';
import { tradeRecord } from '../../src/trading/state.ts';
import { attemptJob, jobOf, worldAtJob } from '../privacy/jobs/jobs-world.ts';
import {
  attempt,
  attemptOverdue,
  licenceOf,
  tradeOf,
  worldAt,
  type StepName,
  type World,
} from './trading-world.ts';

/** Block time without its deadlines, as in a block that had too many of them. */
const leaveUnmet = ({ ledger }: World, timeMs: number): void => {
  ledger.timeMs = timeMs;
};

const late: readonly (readonly [TradeState, StepName])[] = [
  ['OFFERED', 'accept-offer'],
  ['COMPLIANCE_CLEARED', 'sign-buyer'],
  ['VERIFIED', 'fund'],
  ['DELIVERING', 'deliver'],
  ['DELIVERED', 'reject-delivery'],
  ['REJECTED', 'dispute'],
  ['DISPUTED', 'rule-for-seller'],
];

describe('a step at the moment of a deadline that is not met yet', () => {
  for (const [state, step] of late) {
    it(`${step} is refused, and is taken one millisecond before`, () => {
      const world = worldAt(state);
      const dueAtMs = tradeOf(world).dueAtMs ?? 0;
      leaveUnmet(world, dueAtMs);
      const outcome = attemptOverdue(world, step);
      expect(outcome.ok ? '' : outcome.result.name).to.equal(tradingResults.TRADING_STATE.name);
      leaveUnmet(world, dueAtMs - 1);
      expect(attempt(world, step).ok).to.equal(true);
    });
  }

  it('a use is refused at the end of the term, and is taken one millisecond before', () => {
    const world = worldAt('SETTLED');
    const { ledger, actors } = world;
    const report = { licenceId: 'trade-1', permission: 'USE', count: 1, nonce: 0 } as const;
    const { validUntilMs } = licenceOf(world);
    leaveUnmet(world, validUntilMs);
    ledger.refuse(tradingResults.LICENCE_STATE, use, actors.buyer, report);
    leaveUnmet(world, validUntilMs - 1);
    ledger.accept(use, actors.buyer, report);
  });

  it('a job is refused its release at its end, and has it one millisecond before', () => {
    const world = worldAtJob('OUTPUT_REVIEW');
    const dueAtMs = jobOf(world).dueAtMs ?? 0;
    const { ledger } = world;
    ledger.put(tradeRecord, { ...tradeOf(world), dueAtMs: dueAtMs + 1 });
    leaveUnmet(world, dueAtMs);
    const outcome = attemptJob(world, 'release');
    expect(outcome.ok ? '' : outcome.result.name).to.equal(jobResults.JOB_STATE.name);
    leaveUnmet(world, dueAtMs - 1);
    expect(attemptJob(world, 'release').ok).to.equal(true);
  });
});
