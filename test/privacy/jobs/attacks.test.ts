/** What a worker or seller might try at a compute job. */
import { attest } from '../../../src/privacy/jobs/attest.ts';
import { request } from '../../../src/privacy/jobs/request.ts';
import { jobResults } from '../../../src/privacy/jobs/results.ts';
import { registrationRecord } from '../../../src/rights/state.ts';
import { digestOf } from '../../trading/sample-product.ts';
import { computeWorld, requestOf, worldAtJob } from './jobs-world.ts';

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
