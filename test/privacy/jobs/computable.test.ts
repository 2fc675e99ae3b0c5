/** From machine version 2 on the ledger refuses jobs that no worker would compute. */
import { expect } from 'chai';
import { chunksMax, presetBounds } from '../../../src/privacy/jobs/computable.ts';
import { request } from '../../../src/privacy/jobs/request.ts';
import { jobResults } from '../../../src/privacy/jobs/results.ts';
import { approve } from '../../../src/privacy/jobs/review.ts';
import { checkJobSpec, jobLimits } from '../../../src/privacy/he/protocols/p2/check-job-spec.ts';
import { findPreset, presetIds } from '../../../src/privacy/he/presets.ts';
import type { JobSpecFacts } from '../../../src/privacy/jobs/schema.ts';
import { checkComputable } from '../../../src/privacy/jobs/computable.ts';
import { digestOf } from '../../trading/sample-product.ts';
import { sampleSpec } from '../he/sample-job.ts';
import { computeWorld, jobOf, requestOf, spec } from './jobs-world.ts';

const byTwo = { machineVersion: 2 };
const asked = (changed: Partial<JobSpecFacts>) => {
  const outcome = checkComputable(byTwo, { ...spec, ...changed });
  return outcome.ok ? 'ok' : outcome.result.name;
};

describe('a compute job and its bounds', () => {
  it('are those of every preset that workers have, and of no other', () => {
    expect(presetBounds.map(({ id }) => id)).to.deep.equal(presetIds);
    for (const bounds of presetBounds) {
      const found = findPreset(bounds.id);
      if (!found.ok) throw new Error(found.detail);
      const { polyDegree, valueBoundMax, plainModulus } = found.value;
      expect(bounds.slots).to.equal(polyDegree);
      expect(BigInt(bounds.valueBoundMax)).to.equal(valueBoundMax);
      expect(bounds.plainModulus).to.equal(plainModulus);
    }
    expect(chunksMax).to.equal(jobLimits.chunks);
  });

  const big = 2 ** 30;
  const rows: readonly [string, Partial<JobSpecFacts>, string][] = [
    ['the sample', {}, 'ok'],
    ['a preset that is not there', { presetId: 'sum-1k' }, 'JOB_PRESET_UNKNOWN'],
    ['the largest bound', { valueBound: big }, 'ok'],
    ['one above it', { valueBound: big + 1 }, 'JOB_BOUNDS_TOO_LARGE'],
    ['all chunks that may be', { rows: 4096 * 4096, groups: 256, valueBound: 9 }, 'ok'],
    ['one row more', { rows: 4096 * 4096 + 1, groups: 256, valueBound: 9 }, 'JOB_BOUNDS_TOO_LARGE'],
    ['a slot just below t/2', { rows: 255 * 4096, groups: 1, valueBound: big }, 'ok'],
    ['a slot at t/2', { rows: 257 * 4096, groups: 1, valueBound: big }, 'JOB_BOUNDS_TOO_LARGE'],
  ];
  for (const [what, changed, result] of rows) {
    it(`${what}: ${result}`, () => expect(asked(changed)).to.equal(result));
  }

  it('refuse nothing that the workers take, however the rows are spread', () => {
    for (const [groups, each, valueBound] of [
      [1, 255 * 4096, 2n ** 30n],
      [2, 128 * 4096, 2n ** 30n],
      [200, 9_000, 2n ** 30n],
      [1, 386 * 4096, 9n],
    ] as const) {
      const list = Array.from({ length: groups }, (_, at) => ({ label: `g${at}`, rows: each }));
      const worker = sampleSpec({ groups: list, rows: groups * each, valueBound });
      expect(checkJobSpec(worker).ok, `${groups} of ${each}`).to.equal(true);
      const facts = { groups, rows: groups * each, valueBound: Number(valueBound) };
      expect(asked(facts), `${groups} of ${each}`).to.equal('ok');
    }
  });

  it('are asked of a request and of an approval from version 2 on, and of none before', () => {
    const world = computeWorld();
    const { ledger, actors } = world;
    const bad = (jobId: string) => ({
      ...requestOf(jobId),
      spec: { ...spec, presetId: 'sum-1k' },
    });
    ledger.accept(request, actors.buyer, bad('job-1'));
    ledger.accept(request, actors.buyer, requestOf('job-2'));
    ledger.machineVersion = 2;
    ledger.refuse(jobResults.JOB_PRESET_UNKNOWN, request, actors.buyer, bad('job-3'));
    const approval = (jobId: string) => ({ jobId, specHash: digestOf(`${jobId} spec`) });
    ledger.refuse(jobResults.JOB_PRESET_UNKNOWN, approve, actors.reviewer, approval('job-1'));
    ledger.accept(approve, actors.reviewer, approval('job-2'));
    expect(jobOf(world, 'job-2').state).to.equal('APPROVED');
  });
});
