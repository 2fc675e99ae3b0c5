import { expect } from 'chai';
import { jobStates } from '../../../src/privacy/jobs/schema.ts';
import { jobTransitions, jobVerbs, type JobVerb } from '../../../src/privacy/jobs/transitions.ts';
import { attemptJob, jobOf, jobSteps, worldAtJob, type JobStep } from './jobs-world.ts';

const verbOf = (step: JobStep): JobVerb | null => {
  if (step === 'request') return null;
  return step.startsWith('attest') ? 'attest' : (step as JobVerb);
};

describe('the states of a job', () => {
  for (const state of jobStates) {
    for (const step of jobSteps) {
      const verb = verbOf(step);
      if (verb === null) continue;
      const targets = jobTransitions[state][verb];
      // The first worker has attested when a job is VERIFYING; the other one may.
      if (step === 'attest-one' && state === 'VERIFYING') continue;
      it(`${state}: ${step} ${targets ? `leads to ${targets.join(' or ')}` : 'is refused'}`, () => {
        const world = worldAtJob(state);
        const before = world.ledger.fingerprint();
        const outcome = attemptJob(world, step);
        if (targets) {
          expect(outcome.ok, outcome.ok ? '' : outcome.detail).to.equal(true);
          expect(jobOf(world).state).to.be.oneOf([...targets]);
          return;
        }
        expect(outcome.ok || outcome.result.name).to.equal('JOB_STATE');
        expect(world.ledger.fingerprint(), 'nothing changed').to.equal(before);
      });
    }

    it(`${state} ${jobTransitions[state].expire ? 'expires in time' : 'has no deadline'}`, () => {
      const world = worldAtJob(state);
      const due = jobOf(world).dueAtMs;
      if (!jobTransitions[state].expire) {
        expect(due).to.equal(null);
        return;
      }
      expect(due).to.be.a('number');
      world.ledger.advanceTo((due ?? 0) - 1);
      expect(jobOf(world).state).to.equal(state);
      world.ledger.advanceTo(due ?? 0);
      expect(jobOf(world).state).to.equal('EXPIRED');
    });
  }

  it('uses each verb of the table', () => {
    const used = new Set(jobStates.flatMap((state) => Object.keys(jobTransitions[state])));
    expect([...used].sort()).to.deep.equal([...jobVerbs].sort());
  });
});
