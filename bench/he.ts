import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '../src/base/result.ts';
import { findPreset } from '../src/privacy/he/presets.ts';
import { decryptResults } from '../src/privacy/he/protocols/p2/decrypt-results.ts';
import { encryptColumn } from '../src/privacy/he/protocols/p2/encrypt-column.ts';
import { evaluateGroupSums } from '../src/privacy/he/protocols/p2/evaluate-group-sums.ts';
import { makeJobKey } from '../src/privacy/he/protocols/p2/job-key.ts';
import type { JobSpec } from '../src/privacy/he/protocols/p2/job-spec.ts';
import { openEvaluatorPool, openSellerPool } from '../src/privacy/he/worker/pool.ts';
import { hardware, positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';

/**
 * Column totals by group, protocol P2: `npm run bench -- he [--workers N] [--groups N] [--rows N,N]`.
 * Times of a warm process, but for `setup`, which starts both and makes the key. Best of three.
 */
const options = readOptions({
  workers: { type: 'string' },
  groups: { type: 'string' },
  rows: { type: 'string' },
});
const workers = positive('workers', options.workers, 1);
const groupCount = positive('groups', options.groups, 4);
const sizes = (options.rows ?? '10000,1000000').split(',').map((rows) => positive('rows', rows, 1));

function taken<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.result.name}: ${outcome.detail}`);
}

async function timed<Value>(work: () => Promise<Value>): Promise<[Value, number]> {
  const start = performance.now();
  const value = await work();
  return [value, round(performance.now() - start, 2)];
}

function specOf(rows: number): JobSpec {
  const preset = taken(findPreset('sum-4k'));
  const share = Math.floor(rows / groupCount);
  const groups = Array.from({ length: groupCount }, (_, index) => ({
    label: `group ${index}`,
    rows: index === 0 ? rows - share * (groupCount - 1) : share,
  }));
  return {
    functionId: 'group-sum',
    presetId: preset.id,
    parmsId: preset.parmsId,
    column: 'value',
    groupColumn: 'group',
    groups,
    rows,
    valueBound: 2n ** 30n,
    unit: 'fen',
    scale: 0,
    policy: { cohortMin: 5, roundingUnit: 1n },
    nonce: '00'.repeat(32),
    licenceId: 'bench',
    chainId: 'bench',
    parties: { seller: 's', buyer: 'b', operator: 'o', reviewer: 'r' },
  };
}

interface Job {
  readonly rows: number;
  readonly setupMs: number;
  /** The sums of the bare column, best of three. */
  readonly plainMs: number;
  readonly encryptMs: number;
  readonly evaluateMs: number;
  readonly decryptMs: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly sellerRssMiB: number;
  readonly evaluatorRssMiB: number;
}

/** Sums stay below 2^53: a million values below 2^30. */
function plainSums(values: Int32Array, groups: Uint16Array): Float64Array {
  const sums = new Float64Array(groupCount);
  for (let row = 0; row < values.length; row += 1) {
    const group = groups[row] ?? 0;
    sums[group] = (sums[group] ?? 0) + (values[row] ?? 0);
  }
  return sums;
}

async function runJob(rows: number): Promise<Job> {
  const spec = specOf(rows);
  const groups = spec.groups.flatMap((group, index) => new Array<number>(group.rows).fill(index));
  const values = Int32Array.from(groups, (_, row) => ((row * 2_654_435_761) % 2 ** 31) - 2 ** 30);
  const groupOfRow = Uint16Array.from(groups);
  const seller = openSellerPool({ presetId: spec.presetId, size: workers });
  const evaluator = openEvaluatorPool({ presetId: spec.presetId, size: workers });
  const dir = await mkdtemp(join(tmpdir(), 'dxl-bench-he-'));
  const runs: Pick<Job, 'plainMs' | 'encryptMs' | 'evaluateMs' | 'decryptMs'>[] = [];
  try {
    const [key, setupMs] = await timed(async () => {
      await evaluator.run('sumPartials', { partials: [new Uint8Array()] });
      return taken(await makeJobKey(spec, seller));
    });
    const column = { values, groups };
    let [upBytes, downBytes] = [0, 0];
    for (let at = 0; at < 3; at += 1) {
      const upload = join(dir, String(at));
      const [encrypted, encryptMs] = await timed(async () =>
        taken(await encryptColumn({ spec, key, column, dir: upload, pool: seller })),
      );
      const [sums, evaluateMs] = await timed(async () => {
        const expectedRoot = encrypted.root;
        return taken(await evaluateGroupSums({ dir: upload, spec, expectedRoot, pool: evaluator }));
      });
      const { results, digest: recordedDigest } = sums;
      const [release, decryptMs] = await timed(async () =>
        taken(await decryptResults({ spec, key, results, recordedDigest, pool: seller })),
      );
      const [plain, plainMs] = await timed(async () => plainSums(values, groupOfRow));
      if (release.totals.some(({ total }, index) => total !== BigInt(plain[index] ?? 0))) {
        throw new Error('the totals are not the plain totals');
      }
      runs.push({ plainMs, encryptMs, evaluateMs, decryptMs });
      upBytes = encrypted.bytes;
      downBytes = results.reduce((sum, { length }) => sum + length, 0);
    }
    const best = (of: (run: (typeof runs)[number]) => number): number => Math.min(...runs.map(of));
    return {
      rows,
      setupMs,
      plainMs: best((run) => run.plainMs),
      encryptMs: best((run) => run.encryptMs),
      evaluateMs: best((run) => run.evaluateMs),
      decryptMs: best((run) => run.decryptMs),
      upBytes,
      downBytes,
      sellerRssMiB: round(seller.residentBytesMax / 2 ** 20),
      evaluatorRssMiB: round(evaluator.residentBytesMax / 2 ** 20),
    };
  } finally {
    seller.close();
    evaluator.close();
    await rm(dir, { recursive: true, force: true });
  }
}

const { cpu, node } = hardware();
console.log(`${cpu}, Node ${node}, ${workers} worker(s)`);
const jobs: Job[] = [];
for (const rows of sizes) jobs.push(await runJob(rows));
console.table(jobs);
await writeResult(resultsFolder(options.results), 'he', {
  what: 'group sums of a column under BGV, protocol P2: encrypt, evaluate and decrypt',
  settings: { workers, groups: groupCount, preset: 'sum-4k' },
  raw: jobs,
  ratios: Object.fromEntries(
    jobs.flatMap(({ rows, plainMs, encryptMs, evaluateMs, decryptMs, upBytes }) => [
      [`time to plain sums, ${rows} rows`, round((encryptMs + evaluateMs + decryptMs) / plainMs)],
      [`bytes up to plain column, ${rows} rows`, round(upBytes / (4 * rows), 2)],
    ]),
  ),
});
