import { expect } from 'chai';
import { planJob } from '../../../src/demo/compute-job.ts';
import {
  openEvaluatorPool,
  openSellerPool,
  type EvaluatorPool,
  type SellerPool,
} from '../../../src/privacy/he/worker/pool.ts';
import { jobRecord } from '../../../src/privacy/jobs/state.ts';
import { licenceRecord, tradeRecord } from '../../../src/trading/state.ts';
import { nameOf } from '../../privacy/he/sample-job.ts';
import {
  encryptJob,
  evaluate,
  nonceOf,
  proposeInvented,
  release,
  spoilUpload,
  upload,
  type Spoil,
  type Upload,
} from '../support/compute-job.ts';
import { openTrade, type MidTrade } from '../support/mid-trade.ts';
import { changesNothing, refuses } from '../support/refusal.ts';

/** Bytes 49 to 56 count the polynomials; words of residues begin at byte 113. */
const spoils: readonly (readonly [string, string, Spoil])[] = [
  ['header', 'HE_CT_HEADER', (chunk) => chunk.fill(3, 49, 50)],
  ['residue', 'HE_CT_RESIDUE', (chunk) => chunk.fill(0xff, 113, 121)],
  ['scale', 'HE_CKKS_RELEASE_FORBIDDEN', (chunk) => chunk.fill(0x40, 80, 81)],
  ['rubbish', 'HE_CKKS_RELEASE_FORBIDDEN', (chunk) => chunk.fill(0xa5)],
];

/** Compute licences: what a worker refuses to load, and one use that is spent once. */
export function computeRefusals(world: () => MidTrade): void {
  let pool: SellerPool;
  /** One for all of what it refuses: it goes on after each. */
  let workers: EvaluatorPool;

  before(async () => {
    pool = openSellerPool({ presetId: 'sum-4k' });
    workers = openEvaluatorPool({ presetId: 'sum-4k', size: 1 });
    await openTrade(world(), 'compute-trade', 'COMPUTE');
  });

  after(() => {
    pool.close();
    workers.close();
  });

  for (const [name, code, spoil] of spoils) {
    it(`malformed ciphertext that the seller commits to: ${name}`, async () => {
      const plan = await planJob(world().scenario, `spoiled-${name}`, 'compute-trade');
      await world().player('buyer').submit(plan.request);
      await world().player('reviewer-a').submit(plan.approval);
      const honest = await encryptJob(world(), plan, pool);
      const files = await upload(world(), plan, await spoilUpload(plan, honest, name, spoil));
      const outcome = await changesNothing(world(), () => evaluate(world(), plan, files, workers));
      expect(nameOf(outcome)).to.equal(code);
      const job = await world().player('worker-a').read(jobRecord, plan.jobId);
      expect(job).to.include({ state: 'PROVISIONED' });
    });
  }

  it('other ciphertext than the seller committed to', async () => {
    const plan = await planJob(world().scenario, 'swapped', 'compute-trade');
    await world().player('buyer').submit(plan.request);
    await world().player('reviewer-a').submit(plan.approval);
    const honest = await encryptJob(world(), plan, pool);
    const other: Upload = await spoilUpload(plan, honest, 'swap', (chunk) => {
      chunk[113] = (chunk[113] ?? 0) ^ 1;
    });
    const files = await upload(world(), plan, { ...other, root: honest.root });
    const outcome = await changesNothing(world(), () => evaluate(world(), plan, files, workers));
    expect(nameOf(outcome)).to.equal('HE_DIGEST_MISMATCH');
  });

  it('one use of a licence, spent once whatever is prepared side by side', async () => {
    const buyer = world().player('buyer');
    const first = await planJob(world().scenario, 'first-job', 'compute-trade');
    const second = await planJob(world().scenario, 'second-job', 'compute-trade');
    await buyer.submit(first.request);
    const again = await planJob(world().scenario, 'same-nonce', 'compute-trade', nonceOf(first));
    await refuses(world(), 'buyer', again.request, 'HE_ALREADY_EXECUTED');
    await refuses(world(), 'other-buyer', second.request, 'JOB_NOT_PARTY');
    await buyer.submit(second.request);
    await proposeInvented(world(), first);
    await proposeInvented(world(), second);
    await world().player('reviewer-a').submit(release(first));
    await refuses(world(), 'reviewer-a', release(first), 'JOB_STATE');
    await refuses(world(), 'reviewer-a', release(second), 'LICENCE_EXHAUSTED');
    const third = await planJob(world().scenario, 'third-job', 'compute-trade');
    await refuses(world(), 'buyer', third.request, 'JOB_LICENCE_UNFIT');
    const licence = await buyer.read(licenceRecord, 'compute-trade');
    expect(licence).to.include({ state: 'EXHAUSTED', uses: 1 });
    const trade = await buyer.read(tradeRecord, 'compute-trade');
    expect(trade.state).to.equal('DELIVERED');
    expect(trade.computation?.jobId).to.equal('first-job');
  });
}
