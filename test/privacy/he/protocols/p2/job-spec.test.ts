import { expect } from 'chai';
import fc from 'fast-check';
import { encodeCbor } from '../../../../../src/base/cbor.ts';
import { checkJobSpec } from '../../../../../src/privacy/he/protocols/p2/check-job-spec.ts';
import { groupRows } from '../../../../../src/privacy/he/protocols/p2/group-rows.ts';
import {
  decodeJobSpec,
  encodeJobSpec,
  jobSpecHash,
  type JobSpec,
} from '../../../../../src/privacy/he/protocols/p2/job-spec.ts';
import { layOut } from '../../../../../src/privacy/he/protocols/p2/layout.ts';
import { roundTotal } from '../../../../../src/privacy/he/protocols/p2/release.ts';
import { findPreset } from '../../../../../src/privacy/he/presets.ts';
import { nameOf, sampleSpec, taken } from '../../sample-job.ts';

const group = (rows: number, label = 'all'): Partial<JobSpec> => ({ groups: [{ label, rows }] });
const policy = (cohortMin: number, roundingUnit = 1n): Partial<JobSpec> => ({
  policy: { cohortMin, roundingUnit },
});

describe('job specification of sums by group', () => {
  it('keeps its hash', () => {
    expect(jobSpecHash(sampleSpec())).to.equal(
      '0bf3f4517fa58b3820001f85d998976be663a46f526cbf24c6cf8eecea1e48f9',
    );
  });

  it('comes back from its bytes, whatever its fields', () => {
    const text = fc.string();
    const count = fc.nat(0xffffffff);
    const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const specs = fc.record({
      column: text,
      unit: text,
      scale: count,
      valueBound: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
      groups: fc.array(fc.record({ label: text, rows: count })),
      nonce: digest.map((bytes) => Buffer.from(bytes).toString('hex')),
    });
    fc.assert(
      fc.property(specs, (changes) => {
        const spec = { ...sampleSpec(), ...changes };
        expect(taken(decodeJobSpec(encodeJobSpec(spec)))).to.deep.equal(spec);
      }),
    );
  });

  it('refuses other bytes', () => {
    const bytes = encodeJobSpec(sampleSpec());
    const rows: Uint8Array[] = [
      new Uint8Array(),
      bytes.subarray(1),
      Uint8Array.from([...bytes, 0]),
      encodeCbor([]),
      encodeCbor([2n, 'group-sum']),
      Uint8Array.from(bytes, (byte, index) => (index === 1 ? byte + 1 : byte)),
    ];
    for (const row of rows) expect(nameOf(decodeJobSpec(row))).to.equal('HE_SPEC_INVALID');
  });

  it('is judged before any row is read', () => {
    const big = 2n ** 30n;
    const twoEqual = [
      { label: 'a', rows: 9 },
      { label: 'a', rows: 9 },
    ];
    const many = Array.from({ length: 257 }, (_, index) => ({ label: `${index}`, rows: 9 }));
    const rows: [string, Partial<JobSpec>, string][] = [
      ['the sample', {}, 'ok'],
      ['a million rows of 30 bits', { ...group(1_000_000), valueBound: big }, 'ok'],
      ['slot sums at t/2', { ...group(257 * 4096), valueBound: big }, 'HE_RANGE_OVERFLOW'],
      ['bound above the preset', { valueBound: big + 1n }, 'HE_RANGE_OVERFLOW'],
      ['bound of zero', { valueBound: 0n }, 'HE_RANGE_OVERFLOW'],
      ['386 chunks in a group', { ...group(386 * 4096), valueBound: 9n }, 'ok'],
      ['387 chunks in a group', { ...group(387 * 4096), valueBound: 9n }, 'HE_NOISE_MARGIN'],
      ['too many chunks', group(4097 * 4096), 'HE_SPEC_INVALID'],
      ['a group below the cohort', { ...group(4), ...policy(5) }, 'HE_COHORT_TOO_SMALL'],
      ['a group of the cohort', { ...group(5), ...policy(5) }, 'ok'],
      ['an empty group', group(0), 'HE_COHORT_TOO_SMALL'],
      ['a cohort of one', policy(1), 'HE_SPEC_INVALID'],
      ['no rounding unit', policy(5, 0n), 'HE_SPEC_INVALID'],
      ['a preset that is not there', { presetId: 'sum-1k' }, 'HE_PARAMS_NOT_PRESET'],
      ['other parameters', { parmsId: '00'.repeat(32) }, 'HE_PARAMS_NOT_PRESET'],
      ['approximate arithmetic', { presetId: 'ckks-4k' }, 'HE_CKKS_RELEASE_FORBIDDEN'],
      ['rows that do not add up', { rows: 9_999 }, 'HE_SPEC_INVALID'],
      ['no group', { groups: [], rows: 0 }, 'HE_SPEC_INVALID'],
      ['too many groups', { groups: many }, 'HE_SPEC_INVALID'],
      ['two equal labels', { groups: twoEqual }, 'HE_SPEC_INVALID'],
      ['half a row', group(9.5), 'HE_SPEC_INVALID'],
      ['an empty column name', { column: '' }, 'HE_SPEC_INVALID'],
      ['a long column name', { column: '列'.repeat(86) }, 'HE_SPEC_INVALID'],
      ['half a surrogate pair', { column: '\ud800' }, 'HE_SPEC_INVALID'],
      ['a short nonce', { nonce: '07' }, 'HE_SPEC_INVALID'],
      ['19 decimals', { scale: 19 }, 'HE_SPEC_INVALID'],
    ];
    for (const [title, changes, expected] of rows) {
      expect(nameOf(checkJobSpec(sampleSpec(changes))), title).to.equal(expected);
    }
  });

  it('fixes which rows are in which chunk', () => {
    const places = layOut(taken(findPreset('sum-4k')), sampleSpec());
    expect(places).to.deep.equal([
      { index: 0, group: 0, firstRow: 0, rows: 4096 },
      { index: 1, group: 0, firstRow: 4096, rows: 4096 },
      { index: 2, group: 1, firstRow: 0, rows: 1203 },
      { index: 3, group: 2, firstRow: 0, rows: 600 },
      { index: 4, group: 3, firstRow: 0, rows: 5 },
    ]);
  });

  it('takes its groups from a column of labels', () => {
    const { groups, groupOfRow } = groupRows(['军用', 'b', 'a', 'b']);
    expect(groups).to.deep.equal([
      { label: 'a', rows: 1 },
      { label: 'b', rows: 2 },
      { label: '军用', rows: 1 },
    ]);
    expect([...groupOfRow]).to.deep.equal([2, 1, 0, 1]);
    expect(groupRows([]).groups).to.deep.equal([]);
  });

  it('rounds halves away from zero', () => {
    const rows: [bigint, bigint, bigint][] = [
      [7n, 1n, 7n],
      [14n, 10n, 10n],
      [15n, 10n, 20n],
      [-15n, 10n, -20n],
      [-14n, 10n, -10n],
      [4n, 3n, 3n],
      [5n, 3n, 6n],
      [0n, 7n, 0n],
    ];
    for (const [total, unit, expected] of rows) {
      expect(roundTotal(total, unit), `${total} by ${unit}`).to.equal(expected);
    }
  });
});
