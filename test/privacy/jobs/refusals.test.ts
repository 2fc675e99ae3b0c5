import { expect } from 'chai';
import { organisationRecord } from '../../../src/identity/state.ts';
import { attest } from '../../../src/privacy/jobs/attest.ts';
import { cancel } from '../../../src/privacy/jobs/cancel.ts';
import { commitInputs } from '../../../src/privacy/jobs/commit-inputs.ts';
import { proposeRelease, release } from '../../../src/privacy/jobs/release.ts';
import { request } from '../../../src/privacy/jobs/request.ts';
import { jobResults } from '../../../src/privacy/jobs/results.ts';
import { jobsRoom } from '../../../src/privacy/jobs/room.ts';
import { approve, reject } from '../../../src/privacy/jobs/review.ts';
import { revokeLicence } from '../../../src/trading/licence/supervise.ts';
import { tradingResults } from '../../../src/trading/results.ts';
import { digestOf } from '../../trading/sample-product.ts';
import {
  letPass,
  licenceOf,
  makeWorld,
  play,
  tradeOf,
  worldAt,
} from '../../trading/trading-world.ts';
import {
  computeWorld,
  inputsOf,
  jobOf,
  playJob,
  releaseOf,
  requestOf,
  spec,
  waysToJob,
  worldAtJob,
} from './jobs-world.ts';

const jobId = 'job-1';

describe('a job', () => {
  it('spends one use of the licence and delivers its trade', () => {
    const world = worldAtJob('RELEASED');
    expect(tradeOf(world)).to.deep.include({
      state: 'DELIVERED',
      computation: {
        jobId,
        releaseCommitment: releaseOf(jobId),
        atMs: world.ledger.timeMs,
      },
    });
    expect(licenceOf(world)).to.include({ state: 'ACTIVE', uses: 1 });
    expect(jobOf(world)).to.include({ reviewer: 'reviewer', releasedBy: 'reviewer' });
    play(world, ['accept-delivery', 'settle', 'pay-seller', 'certify']);
  });

  it('may follow another until the licence is exhausted', () => {
    const world = play(worldAtJob('RELEASED'), ['accept-delivery', 'settle']);
    playJob(world, waysToJob.RELEASED, 'job-2');
    expect(tradeOf(world).computation?.jobId).to.equal(jobId);
    expect(licenceOf(world)).to.include({ state: 'EXHAUSTED', uses: 2 });
    const { ledger, actors } = world;
    ledger.refuse(jobResults.JOB_LICENCE_UNFIT, request, actors.buyer, requestOf('job-3'));
  });

  it('is not released beyond the quota: the last use goes to the first that is released', () => {
    const world = computeWorld();
    const { ledger, actors } = world;
    for (const id of ['job-1', 'job-2', 'job-3']) playJob(world, waysToJob.OUTPUT_REVIEW, id);
    playJob(world, ['release'], 'job-1');
    playJob(world, ['release'], 'job-2');
    ledger.refuse(tradingResults.LICENCE_EXHAUSTED, release, actors.reviewer, {
      jobId: 'job-3',
      commitment: releaseOf('job-3'),
    });
    expect(jobOf(world, 'job-3').state).to.equal('OUTPUT_REVIEW');
  });

  it('that fails leaves the licence unspent and lets another job deliver', () => {
    const world = worldAtJob('FAILED');
    expect(licenceOf(world).uses).to.equal(0);
    expect(tradeOf(world).state).to.equal('DELIVERING');
    playJob(world, waysToJob.RELEASED, 'job-2');
    expect(tradeOf(world).computation?.jobId).to.equal('job-2');
  });

  it('that nobody ends lets the money go back', () => {
    const world = worldAtJob('PROVISIONED');
    letPass(world);
    expect(tradeOf(world).state).to.equal('EXPIRED');
    expect(licenceOf(world).state).to.equal('TERMINATED');
    expect(jobOf(world).state).to.equal('EXPIRED');
  });
});

describe('a request of a job', () => {
  it('is refused where the id is taken or the licence unknown', () => {
    const { ledger, actors } = worldAtJob('AWAITING_APPROVAL');
    ledger.refuse(jobResults.JOB_EXISTS, request, actors.buyer, requestOf(jobId));
    const unknown = requestOf('job-2', 'trade-9');
    ledger.refuse(tradingResults.LICENCE_NOT_FOUND, request, actors.buyer, unknown);
  });

  it('is of the licensee, under an active compute licence', () => {
    const { ledger, actors } = computeWorld();
    ledger.refuse(jobResults.JOB_NOT_PARTY, request, actors.stranger, requestOf(jobId));
    ledger.accept(revokeLicence, actors.operator, { licenceId: 'trade-1', reason: 'order' });
    ledger.refuse(jobResults.JOB_LICENCE_UNFIT, request, actors.buyer, requestOf(jobId));
    const file = worldAt('SETTLED');
    const { JOB_LICENCE_UNFIT } = jobResults;
    file.ledger.refuse(JOB_LICENCE_UNFIT, request, file.actors.buyer, requestOf(jobId));
    const early = play(makeWorld(), ['request-compute', 'offer', 'accept-offer', 'clear']);
    play(early, ['sign-buyer', 'sign-seller', 'verify', 'fund']);
    early.ledger.refuse(JOB_LICENCE_UNFIT, request, early.actors.buyer, requestOf(jobId));
  });

  it('is refused while the delivery is suspended', () => {
    const world = play(computeWorld(), ['suspend-delivery']);
    const { ledger, actors } = world;
    ledger.refuse(tradingResults.TRADING_STATE, request, actors.buyer, requestOf(jobId));
  });

  it('is refused while the seller is suspended', () => {
    const { ledger, actors } = computeWorld();
    const seller = ledger.get(organisationRecord, 'seller');
    ledger.put(organisationRecord, { ...seller, state: 'SUSPENDED' });
    ledger.refuse(jobResults.JOB_PARTY_STANDING, request, actors.buyer, requestOf(jobId));
  });

  const unlicensed = [
    { functionId: 'variance' },
    { valueColumn: 'Height' },
    { groupColumn: 'Operator' },
    { rows: 10_001 },
  ];
  for (const change of unlicensed) {
    it(`is refused for what is not licensed: ${Object.keys(change).join()}`, () => {
      const { ledger, actors } = computeWorld();
      ledger.refuse(jobResults.JOB_SPEC_NOT_LICENSED, request, actors.buyer, {
        ...requestOf(jobId),
        spec: { ...spec, ...change },
      });
    });
  }

  for (const change of [{ cohortMinimum: 19 }, { groups: 8, rows: 159 }]) {
    it(`is refused for too small a cohort: ${JSON.stringify(change)}`, () => {
      const { ledger, actors } = computeWorld();
      ledger.refuse(jobResults.JOB_COHORT_TOO_SMALL, request, actors.buyer, {
        ...requestOf(jobId),
        spec: { ...spec, ...change },
      });
    });
  }

  it('is refused for a specification or nonce that served before, even in vain', () => {
    const { ledger, actors } = worldAtJob('CANCELLED');
    const { specHash, nonceDigest } = requestOf(jobId);
    for (const used of [{ specHash }, { nonceDigest }]) {
      ledger.refuse(jobResults.HE_ALREADY_EXECUTED, request, actors.buyer, {
        ...requestOf('job-2'),
        ...used,
      });
    }
    ledger.accept(request, actors.buyer, requestOf('job-2'));
  });
});

describe('the steps of a job', () => {
  it('are refused for a job that does not exist', () => {
    const { ledger, actors } = computeWorld();
    ledger.refuse(jobResults.JOB_NOT_FOUND, cancel, actors.buyer, { jobId, reason: 'none' });
  });

  it('are approved by their hash, by who is unrelated', () => {
    const { ledger, actors } = worldAtJob('AWAITING_APPROVAL');
    const approval = { jobId, specHash: requestOf(jobId).specHash };
    ledger.refuse(jobResults.JOB_REVIEWER_RELATED, approve, actors.rival, approval);
    ledger.refuse(jobResults.JOB_REVIEWER_RELATED, reject, actors.rival, { jobId, reason: 'no' });
    const own = { ...actors.seller, roles: ['REVIEWER'] } as const;
    ledger.refuse(jobResults.JOB_REVIEWER_RELATED, approve, own, approval);
    ledger.refuse(jobResults.JOB_SPEC_HASH_MISMATCH, approve, actors.reviewer, {
      jobId,
      specHash: digestOf('other'),
    });
  });

  it('take inputs from the seller, under a key and ciphertexts of their own', () => {
    const world = worldAtJob('PROVISIONED');
    playJob(world, ['request', 'approve'], 'job-2');
    const { ledger, actors } = world;
    const second = { jobId: 'job-2', ...inputsOf('job-2') };
    ledger.refuse(jobResults.JOB_NOT_PARTY, commitInputs, actors.stranger, second);
    const { root, publicKeyDigest } = inputsOf(jobId);
    for (const used of [{ root }, { publicKeyDigest }]) {
      ledger.refuse(jobResults.JOB_KEY_REUSED, commitInputs, actors.seller, {
        ...second,
        ...used,
      });
    }
    ledger.accept(commitInputs, actors.seller, second);
  });

  it('are attested by different organisations, none of them a party', () => {
    const { ledger, actors } = worldAtJob('VERIFYING');
    const attestation = { jobId, resultDigest: digestOf('job-1 result') };
    ledger.refuse(jobResults.JOB_WORKER_REPEATED, attest, actors.workerOne, attestation);
    const own = { ...actors.seller, roles: ['WORKER'] } as const;
    ledger.refuse(jobResults.JOB_WORKER_RELATED, attest, own, attestation);
  });

  it('release what the seller proposed and the reviewer restates', () => {
    const world = playJob(worldAtJob('VERIFYING'), ['attest-two']);
    const { ledger, actors } = world;
    const restated = { jobId, commitment: releaseOf(jobId) };
    ledger.refuse(jobResults.JOB_RELEASE_NOT_PROPOSED, release, actors.reviewer, restated);
    const proposal = { ...restated, groups: spec.groups };
    ledger.refuse(jobResults.JOB_NOT_PARTY, proposeRelease, actors.stranger, proposal);
    const { JOB_RELEASE_MISMATCH, JOB_REVIEWER_RELATED } = jobResults;
    const fewer = { ...proposal, groups: 7 };
    ledger.refuse(JOB_RELEASE_MISMATCH, proposeRelease, actors.seller, fewer);
    playJob(world, ['propose-release']);
    const other = { jobId, commitment: digestOf('other') };
    ledger.refuse(JOB_RELEASE_MISMATCH, release, actors.reviewer, other);
    ledger.refuse(JOB_REVIEWER_RELATED, release, actors.rival, restated);
  });

  it('are not released while the licence or the delivery is halted', () => {
    const world = worldAtJob('OUTPUT_REVIEW');
    const { ledger, actors } = world;
    const restated = { jobId, commitment: releaseOf(jobId) };
    play(world, ['suspend-delivery']);
    ledger.refuse(tradingResults.TRADING_STATE, release, actors.reviewer, restated);
    play(world, ['resume-delivery']);
    ledger.accept(revokeLicence, actors.operator, { licenceId: 'trade-1', reason: 'order' });
    ledger.refuse(tradingResults.LICENCE_STATE, release, actors.reviewer, restated);
  });

  it('are cancelled by a party', () => {
    const { ledger, actors } = worldAtJob('APPROVED');
    const reason = 'no more';
    ledger.refuse(jobResults.JOB_NOT_PARTY, cancel, actors.stranger, { jobId, reason });
    ledger.accept(cancel, actors.seller, { jobId, reason });
    expect(ledger.nextDeadlineMs).to.be.a('number');
  });
});

describe('the roles of jobs', () => {
  it('are asked of every operation', () => {
    for (const { name, roles } of jobsRoom.operations) expect(roles, name).not.to.be.empty;
  });
});
