import { cp, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { toHex } from '../../../../../src/base/bytes.ts';
import { checkRelease } from '../../../../../src/privacy/he/protocols/p2/check-release.ts';
import { decryptResults } from '../../../../../src/privacy/he/protocols/p2/decrypt-results.ts';
import {
  encryptColumn,
  type Column,
  type EncryptedColumn,
} from '../../../../../src/privacy/he/protocols/p2/encrypt-column.ts';
import {
  evaluateGroupSums,
  type EvaluatedSums,
} from '../../../../../src/privacy/he/protocols/p2/evaluate-group-sums.ts';
import {
  loadJobKey,
  makeJobKey,
  saveJobKey,
  type JobKey,
} from '../../../../../src/privacy/he/protocols/p2/job-key.ts';
import type { JobSpec } from '../../../../../src/privacy/he/protocols/p2/job-spec.ts';
import type { Progress } from '../../../../../src/privacy/he/protocols/p2/progress.ts';
import { releaseDigest } from '../../../../../src/privacy/he/protocols/p2/release.ts';
import { resultDigest } from '../../../../../src/privacy/he/protocols/p2/result-digest.ts';
import { openEvaluatorPool, openSellerPool } from '../../../../../src/privacy/he/worker/pool.ts';
import {
  failureOf,
  nameOf,
  plainTotals,
  refused,
  sampleColumn,
  sampleSpec,
  taken,
} from '../../sample-job.ts';

const presetId = 'sum-4k';
const spec = sampleSpec();
const column = sampleColumn(spec);

describe('sums by group, outsourced (P2)', () => {
  const seller = openSellerPool({ presetId, size: 1 });
  const first = openEvaluatorPool({ presetId, size: 1 });
  const second = openEvaluatorPool({ presetId, size: 2 });
  let root = '';
  let dir = '';
  let key: JobKey;
  let upload: EncryptedColumn;
  let sums: EvaluatedSums;

  const evaluate = (where: string, pool = first): ReturnType<typeof evaluateGroupSums> =>
    evaluateGroupSums({ dir: where, spec, expectedRoot: upload.root, pool });

  const copyOfUpload = async (name: string): Promise<string> => {
    const copy = join(root, name);
    await cp(dir, copy, { recursive: true });
    return copy;
  };

  const shardOf = async (where: string): Promise<string> => {
    const name = (await readdir(where)).find((file) => file.endsWith('.bin'));
    return join(where, name ?? 'none');
  };

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'dxl-he-p2-'));
    dir = join(root, 'upload');
    key = taken(await makeJobKey(spec, seller));
    upload = taken(await encryptColumn({ spec, key, column, dir, pool: seller }));
    sums = taken(await evaluate(dir));
  });

  after(async () => {
    for (const pool of [seller, first, second]) pool.close();
    await rm(root, { recursive: true, force: true });
  });

  it('releases the plain totals of 10,000 rows, and the buyer can check it', async () => {
    const { results, digest: recordedDigest } = sums;
    const released = taken(
      await decryptResults({ spec, key, results, recordedDigest, pool: seller }),
    );
    expect(released.totals.map(({ total }) => total)).to.deep.equal(plainTotals(spec, column));
    const check = {
      spec,
      release: released.release,
      salt: released.salt,
      recordedResultDigest: sums.digest,
      recordedReleaseDigest: released.digest,
    };
    expect(taken(checkRelease(check))).to.deep.equal(released.totals);

    const changed = Uint8Array.from(released.release);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const signedChange = releaseDigest(Buffer.from(released.salt, 'hex'), changed);
    const rows: [string, Partial<typeof check>, string][] = [
      ['a changed total', { release: changed }, 'HE_DIGEST_MISMATCH'],
      ['another salt', { salt: '00'.repeat(32) }, 'HE_DIGEST_MISMATCH'],
      ['a short salt', { salt: '00' }, 'HE_RELEASE_INVALID'],
      ['other results', { recordedResultDigest: '00'.repeat(32) }, 'HE_RELEASE_INVALID'],
      ['another job', { spec: sampleSpec({ nonce: '08'.repeat(32) }) }, 'HE_RELEASE_INVALID'],
      ['a bound it breaks', { spec: sampleSpec({ valueBound: 1n }) }, 'HE_RELEASE_INVALID'],
      ['within policy, recorded', { release: changed, recordedReleaseDigest: signedChange }, 'ok'],
    ];
    for (const [title, change, expected] of rows) {
      expect(nameOf(checkRelease({ ...check, ...change })), title).to.equal(expected);
    }
  });

  it('gives two workers the same digest, whatever their number of processes', async () => {
    const again = taken(await evaluate(dir, second));
    expect(again.digest).to.equal(sums.digest);
    expect(again.results.map(toHex)).to.deep.equal(sums.results.map(toHex));
    expect(sums.results.map(({ length }) => length)).to.deep.equal([
      65_649, 65_649, 65_649, 65_649,
    ]);
  });

  it('uploads ciphertext and a canonical manifest, and no key', async () => {
    const names = await readdir(dir);
    expect(names.sort()).to.deep.equal([
      'manifest.json',
      `shard-${key.publicKeyDigest.slice(0, 16)}-0000.bin`,
    ]);
    expect((await stat(await shardOf(dir))).size).to.equal(5 * 32_962);
    const secret = Buffer.from(key.exposeSecret());
    for (const name of names) {
      const content = await readFile(join(dir, name));
      expect(content.includes(secret.subarray(88, 152)), name).to.equal(false);
    }
    expect(JSON.stringify(key)).to.not.include('secret');
  });

  it('keeps the key in a file for its owner only', async () => {
    const path = join(root, 'job.key');
    await saveJobKey(key, path);
    expect((await stat(path)).mode & 0o077).to.equal(0);
    const loaded = await loadJobKey(path);
    expect(loaded.specHash).to.equal(key.specHash);
    expect(toHex(loaded.exposeSecret())).to.equal(toHex(key.exposeSecret()));
    expect(await failureOf(saveJobKey(key, path))).to.equal('EEXIST');
    expect(await failureOf(loadJobKey(join(dir, 'manifest.json')))).to.equal('HE_KEY_FILE');
  });

  it('refuses a changed, missing or exchanged chunk and a changed manifest', async () => {
    const flip = async (file: string, offset: number): Promise<void> => {
      const bytes = await readFile(file);
      bytes[offset] = (bytes[offset] ?? 0) ^ 1;
      await writeFile(file, bytes);
    };
    const rows: [string, (where: string) => Promise<void>, string][] = [
      [
        'payload',
        async (where) => flip(await shardOf(where), 3 * 32_962 + 500),
        'HE_DIGEST_MISMATCH',
      ],
      ['header', async (where) => flip(await shardOf(where), 3), 'HE_DIGEST_MISMATCH'],
      ['cut', async (where) => writeFile(await shardOf(where), 'short'), 'HE_DIGEST_MISMATCH'],
      ['no shard', async (where) => rm(await shardOf(where)), 'HE_DIGEST_MISMATCH'],
      ['manifest', (where) => flip(join(where, 'manifest.json'), 20), 'HE_MANIFEST_INVALID'],
      ['no manifest', (where) => rm(join(where, 'manifest.json')), 'HE_MANIFEST_INVALID'],
      [
        'a space in it',
        async (where) => {
          const text = await readFile(join(where, 'manifest.json'), 'utf8');
          await writeFile(join(where, 'manifest.json'), `${text} `);
        },
        'HE_MANIFEST_INVALID',
      ],
    ];
    for (const [title, change, expected] of rows) {
      const copy = await copyOfUpload(`changed ${title}`);
      await change(copy);
      expect(nameOf(await evaluate(copy)), title).to.equal(expected);
    }
    const wrongRoot = { dir, spec, expectedRoot: '00'.repeat(32), pool: first };
    expect(nameOf(await evaluateGroupSums(wrongRoot))).to.equal('HE_DIGEST_MISMATCH');
    const otherJob = sampleSpec({ licenceId: 'licence-2' });
    const wrongSpec = { dir, spec: otherJob, expectedRoot: upload.root, pool: first };
    expect(nameOf(await evaluateGroupSums(wrongSpec))).to.equal('HE_MANIFEST_INVALID');
  });

  it('decrypts nothing but the recorded results, with the key of the job', async () => {
    const { results, digest } = sums;
    const mutated = results.map((result) => Uint8Array.from(result));
    const target = mutated[1] ?? new Uint8Array();
    target[70] = (target[70] ?? 0) ^ 1;
    const swapped = [results[1], results[0], ...results.slice(2)].flatMap((result) => result ?? []);
    const otherKey = taken(await makeJobKey(spec, seller));
    const otherSpec = sampleSpec({ nonce: '09'.repeat(32) });
    const rows: [string, Partial<Parameters<typeof decryptResults>[0]>, string][] = [
      ['another digest', { recordedDigest: '00'.repeat(32) }, 'HE_DIGEST_MISMATCH'],
      ['mutated bytes', { results: mutated }, 'HE_DIGEST_MISMATCH'],
      ['a result less', { results: results.slice(1) }, 'HE_DIGEST_MISMATCH'],
      [
        'a recorded result less',
        { results: results.slice(1), recordedDigest: resultDigest(results.slice(1)) },
        'HE_DIGEST_MISMATCH',
      ],
      [
        'mutated and recorded',
        { results: mutated, recordedDigest: resultDigest(mutated) },
        'HE_CT_HEADER',
      ],
      [
        'groups exchanged and recorded',
        { results: swapped, recordedDigest: resultDigest(swapped) },
        'HE_RANGE_OVERFLOW',
      ],
      ['another key for the same job', { key: otherKey }, 'HE_NOISE_MARGIN'],
      ['another job', { spec: otherSpec }, 'HE_KEY_REUSED'],
    ];
    for (const [title, change, expected] of rows) {
      const input = { spec, key, results, recordedDigest: digest, pool: seller, ...change };
      expect(nameOf(await decryptResults(input)), title).to.equal(expected);
    }
  });

  it('refuses a column that is not the approved one, and never names a value', async () => {
    const encrypt = (change: Partial<Column>, job: JobSpec = spec, with_: JobKey = key) =>
      encryptColumn({
        spec: job,
        key: with_,
        column: { ...column, ...change },
        dir: join(root, 'never'),
        pool: seller,
      });
    const over = Int32Array.from(column.values);
    over[4321] = Number(spec.valueBound) + 1;
    const overflow = refused(await encrypt({ values: over }));
    expect(overflow.result.name).to.equal('HE_RANGE_OVERFLOW');
    expect(overflow.detail).to.include('row 4321').and.not.include(String(over[4321]));
    const fraction = Array.from(column.values);
    fraction[1] = 0.5;
    const groups = Array.from(column.groups);
    groups[0] = groups[0] === 0 ? 1 : 0;
    const rows: [string, Promise<{ ok: boolean }>, string][] = [
      ['a fraction', encrypt({ values: fraction }), 'HE_RANGE_OVERFLOW'],
      [
        'no number',
        encrypt({ values: [...fraction.slice(0, 1), NaN, ...fraction.slice(2)] }),
        'HE_RANGE_OVERFLOW',
      ],
      ['a row less', encrypt({ values: column.values.slice(1) }), 'HE_COLUMN_MISMATCH'],
      ['a row in another group', encrypt({ groups }), 'HE_COLUMN_MISMATCH'],
      ['an unknown group', encrypt({ groups: groups.fill(7) }), 'HE_COLUMN_MISMATCH'],
      ['the key of another job', encrypt({}, sampleSpec({ unit: 'EUR' })), 'HE_KEY_REUSED'],
      [
        'a small group',
        encrypt({}, sampleSpec({ policy: { cohortMin: 6, roundingUnit: 1n } })),
        'HE_COHORT_TOO_SMALL',
      ],
    ];
    for (const [title, outcome, expected] of rows) {
      expect(nameOf((await outcome) as never), title).to.equal(expected);
    }
    expect(await failureOf(stat(join(root, 'never')))).to.equal('ENOENT');
  });

  it('goes on after an interruption, and repeats no whole shard', async () => {
    const many = sampleSpec({ groups: [{ label: 'all', rows: 70 * 4096 }] });
    const manyColumn = sampleColumn(many);
    const manyKey = taken(await makeJobKey(many, seller));
    const into = join(root, 'interrupted');
    const stop = new AbortController();
    const input = { spec: many, key: manyKey, column: manyColumn, dir: into, pool: seller };
    const onProgress = ({ chunksDone }: Progress): void => {
      if (chunksDone === 66) stop.abort();
    };
    const interrupted = encryptColumn({ ...input, onProgress, signal: stop.signal });
    expect(await failureOf(interrupted)).to.equal('HE_CANCELLED');
    const kept = await readFile(await shardOf(into));
    const seen: Progress[] = [];
    const done = taken(
      await encryptColumn({ ...input, onProgress: (progress) => seen.push(progress) }),
    );
    expect((await readFile(await shardOf(into))).equals(kept)).to.equal(true);
    expect(seen.at(-1)).to.deep.equal({ chunksDone: 70, chunksTotal: 70 });

    const job = { dir: into, spec: many, expectedRoot: done.root };
    const one = taken(await evaluateGroupSums({ ...job, pool: first }));
    const two = taken(await evaluateGroupSums({ ...job, pool: second }));
    expect(two.digest).to.equal(one.digest);
    const decrypt = { spec: many, key: manyKey, results: one.results, pool: seller };
    const released = taken(await decryptResults({ ...decrypt, recordedDigest: one.digest }));
    expect(released.totals[0]?.total).to.equal(plainTotals(many, manyColumn)[0]);
  });

  it('loses a killed evaluation and nothing else', async () => {
    const [processId] = first.processIds();
    const input = { dir, spec, expectedRoot: upload.root, pool: first };
    let killed = false;
    const onProgress = (): void => {
      if (processId !== undefined && !killed) process.kill(processId, 'SIGKILL');
      killed = true;
    };
    expect(await failureOf(evaluateGroupSums({ ...input, onProgress }))).to.equal(
      'HE_WORKER_POISONED',
    );
    expect(taken(await evaluateGroupSums(input)).digest).to.equal(sums.digest);
  });

  it('sums a group of zeros to zero, and rounds as declared', async () => {
    const groups = [
      { label: 'zeros', rows: 5 },
      { label: 'ones', rows: 14 },
    ];
    const job = sampleSpec({ groups, policy: { cohortMin: 5, roundingUnit: 10n } });
    const jobKey = taken(await makeJobKey(job, seller));
    const where = join(root, 'zeros');
    const rows = [...new Array<number>(5).fill(0), ...new Array<number>(14).fill(1)];
    const both = { values: rows, groups: rows };
    const input = { spec: job, key: jobKey, column: both, dir: where, pool: seller };
    const { root: expectedRoot } = taken(await encryptColumn(input));
    const evaluated = { dir: where, spec: job, expectedRoot, pool: first };
    const { results, digest: recordedDigest } = taken(await evaluateGroupSums(evaluated));
    const decrypt = { spec: job, key: jobKey, results, recordedDigest, pool: seller };
    const { totals } = taken(await decryptResults(decrypt));
    expect(totals.map(({ total }) => total)).to.deep.equal([0n, 10n]);
  });
});
