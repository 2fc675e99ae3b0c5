/** What a worker or seller might try at a compute job. */
import { expect } from 'chai';
import { attest } from '../../../src/privacy/jobs/attest.ts';
import { commitInputs } from '../../../src/privacy/jobs/commit-inputs.ts';
import { release } from '../../../src/privacy/jobs/release.ts';
import { request } from '../../../src/privacy/jobs/request.ts';
import { jobResults } from '../../../src/privacy/jobs/results.ts';
import { registrationRecord } from '../../../src/rights/state.ts';
import { tradingResults } from '../../../src/trading/results.ts';
import { digestOf } from '../../trading/sample-product.ts';
import { letPass, licenceOf, play, tradeOf, type World } from '../../trading/trading-world.ts';
import {
  computeWorld,
  inputsOf,
  playJob,
  releaseOf,
  requestOf,
  waysToJob,
  worldAtJob,
} from './jobs-world.ts';

describe('two workers of one beneficial owner', () => {
  it('count as one', () => {
    const { ledger } = worldAtJob('PROVISIONED');
    const attestation = { jobId: 'job-1', resultDigest: digestOf('job-1 result') };
    const owner = { beneficialOwner: 'Owner of both' };
    const [one, two] = ['left', 'right'].map((id) => ledger.admit(id, ['WORKER'], owner));
    if (!one || !two) throw new Error('there are two');
    ledger.accept(attest, one, attestation);
    ledger.refuse(jobResults.JOB_WORKER_REPEATED, attest, two, attestation);
  });

  it('have no part in a job of its company', () => {
    const { ledger } = worldAtJob('PROVISIONED');
    const attestation = { jobId: 'job-1', resultDigest: digestOf('job-1 result') };
    for (const beneficialOwner of ['Owner of the seller', 'Owner of the buyer', 'Buyer']) {
      const worker = ledger.admit('in-house', ['WORKER'], { beneficialOwner });
      ledger.refuse(jobResults.JOB_WORKER_RELATED, attest, worker, attestation);
    }
  });
});

describe('a right that ends under a compute licence', () => {
  it('ends new jobs', () => {
    const { ledger, actors } = computeWorld();
    const registration = ledger.get(registrationRecord, 'registration-1');
    ledger.put(registrationRecord, { ...registration, state: 'EXPIRED' });
    const { JOB_RIGHTS_NOT_ACTIVE } = jobResults;
    ledger.refuse(JOB_RIGHTS_NOT_ACTIVE, request, actors.buyer, requestOf('job-1'));
  });
});

describe('a right that ends while a job is under way', () => {
  const lose = ({ ledger }: World): void => {
    const registration = ledger.get(registrationRecord, 'registration-1');
    ledger.put(registrationRecord, { ...registration, state: 'DEREGISTERED' });
  };
  const { JOB_RIGHTS_NOT_ACTIVE } = jobResults;

  it('lets nothing more be computed', () => {
    const world = worldAtJob('APPROVED');
    const { ledger, actors } = world;
    lose(world);
    const inputs = { jobId: 'job-1', ...inputsOf('job-1') };
    ledger.refuse(JOB_RIGHTS_NOT_ACTIVE, commitInputs, actors.seller, inputs);
  });

  it('delivers no trade: the buyer gets its money back', () => {
    const world = worldAtJob('OUTPUT_REVIEW');
    const { ledger, actors } = world;
    lose(world);
    const proposed = { jobId: 'job-1', commitment: releaseOf('job-1') };
    ledger.refuse(JOB_RIGHTS_NOT_ACTIVE, release, actors.reviewer, proposed);
    letPass(world);
    expect(tradeOf(world).state).to.equal('EXPIRED');
    expect(tradeOf(world).settlement?.refundFen).to.equal(tradeOf(world).totalFen);
  });
});

describe('a buyer who claims its money back and computes on', () => {
  const { TRADING_STATE } = tradingResults;

  it('gets no further job while the delivery is rejected or disputed', () => {
    const world = play(worldAtJob('RELEASED'), ['reject-delivery']);
    const { ledger, actors } = world;
    ledger.refuse(TRADING_STATE, request, actors.buyer, requestOf('job-2'));
    play(world, ['dispute']);
    ledger.refuse(TRADING_STATE, request, actors.buyer, requestOf('job-2'));
    play(world, ['rule-in-part']);
    ledger.accept(request, actors.buyer, requestOf('job-2'));
  });

  it('has no job released that was under way; once it is ruled, the job goes on', () => {
    const world = worldAtJob('RELEASED');
    playJob(world, waysToJob.OUTPUT_REVIEW, 'job-2');
    play(world, ['reject-delivery']);
    const { ledger, actors } = world;
    const proposed = { jobId: 'job-2', commitment: releaseOf('job-2') };
    ledger.refuse(TRADING_STATE, release, actors.reviewer, proposed);
    play(world, ['dispute', 'rule-for-seller']);
    ledger.accept(release, actors.reviewer, proposed);
    expect(licenceOf(world).uses).to.equal(2);
  });
});
