import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '../src/base/result.ts';
import { findPreset } from '../src/privacy/he/presets.ts';
import { decryptResults } from '../src/privacy/he/protocols/p2/decrypt-results.ts';
import { encryptColumn } from '../src/privacy/he/protocols/p2/encrypt-column.ts';
import { evaluateGroupSums } from '../src/privacy/he/protocols/p2/evaluate-group-sums.ts';
import { makeJobKey } from '../src/privacy/he/protocols/p2/job-key.ts';
import type { JobSpec } from '../src/privacy/he/protocols/p2/job-spec.ts';
import { openEvaluatorPool, openSellerPool } from '../src/privacy/he/worker/pool.ts';

/**
 * Column totals by group, protocol P2: `node --import tsx bench/he.ts [workers] [groups]`.
 * Times of a warm process, but for `setup`, which starts both and makes the key. Best of three.
 */
const workers = Number(process.argv[2] ?? 1);
const groupCount = Number(process.argv[3] ?? 4);

function taken<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.result.name}: ${outcome.detail}`);
}

async function timed<Value>(work: () => Promise<Value>): Promise<[Value, number]> {
  const start = performance.now();
  const value = await work();
  return [value, Math.round(10 * (performance.now() - start)) / 10];
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

async function runJob(rows: number): Promise<Record<string, number>> {
  const spec = specOf(rows);
  const groups = spec.groups.flatMap((group, index) => new Array<number>(group.rows).fill(index));
  const values = Int32Array.from(groups, (_, row) => ((row * 2_654_435_761) % 2 ** 31) - 2 ** 30);
  const seller = openSellerPool({ presetId: spec.presetId, size: workers });
  const evaluator = openEvaluatorPool({ presetId: spec.presetId, size: workers });
  const dir = await mkdtemp(join(tmpdir(), 'dxl-bench-he-'));
  try {
    const [key, setupMs] = await timed(async () => {
      await evaluator.run('sumPartials', { partials: [new Uint8Array()] });
      return taken(await makeJobKey(spec, seller));
    });
    const column = { values, groups };
    const best = { encryptMs: Infinity, evaluateMs: Infinity, decryptMs: Infinity };
    let [up, down] = [0, 0];
    for (let round = 0; round < 3; round += 1) {
      const upload = join(dir, String(round));
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
      const plain = spec.groups.map(() => 0n);
      groups.forEach(
        (group, row) => (plain[group] = (plain[group] ?? 0n) + BigInt(values[row] ?? 0)),
      );
      if (release.totals.some(({ total }, index) => total !== plain[index])) {
        throw new Error('the totals are not the plain totals');
      }
      best.encryptMs = Math.min(best.encryptMs, encryptMs);
      best.evaluateMs = Math.min(best.evaluateMs, evaluateMs);
      best.decryptMs = Math.min(best.decryptMs, decryptMs);
      [up, down] = [encrypted.bytes, results.reduce((sum, { length }) => sum + length, 0)];
    }
    const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);
    return {
      rows,
      setupMs,
      ...best,
      upBytes: up,
      downBytes: down,
      sellerRssMiB: mib(seller.residentBytesMax),
      evaluatorRssMiB: mib(evaluator.residentBytesMax),
    };
  } finally {
    seller.close();
    evaluator.close();
    await rm(dir, { recursive: true, force: true });
  }
}

console.log(`${cpus()[0]?.model}, Node ${process.versions.node}, ${workers} worker(s)`);
const jobs: Record<string, number>[] = [];
for (const rows of [10_000, 1_000_000]) jobs.push(await runJob(rows));
console.table(jobs);
