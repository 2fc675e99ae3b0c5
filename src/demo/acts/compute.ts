import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '../../base/assert.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { openSealed, sealTo } from '../../client/sealing.ts';
import type { LicenceTerms } from '../../listing/schema.ts';
import { checkRelease } from '../../privacy/he/protocols/p2/check-release.ts';
import { decryptResults } from '../../privacy/he/protocols/p2/decrypt-results.ts';
import { encryptColumn } from '../../privacy/he/protocols/p2/encrypt-column.ts';
import { evaluateGroupSums } from '../../privacy/he/protocols/p2/evaluate-group-sums.ts';
import { makeJobKey, type JobKey } from '../../privacy/he/protocols/p2/job-key.ts';
import type { JobSpec } from '../../privacy/he/protocols/p2/job-spec.ts';
import type { GroupTotal } from '../../privacy/he/protocols/p2/release.ts';
import {
  openEvaluatorPool,
  openSellerPool,
  type SellerPool,
} from '../../privacy/he/worker/pool.ts';
import {
  attestCommand,
  jobReleaseCommand,
  proposeReleaseCommand,
} from '../../privacy/jobs/schema.ts';
import { jobRecord } from '../../privacy/jobs/state.ts';
import { acceptDeliveryCommand, tradeCommand } from '../../trading/schema.ts';
import {
  accepted,
  columnInClear,
  getFiles,
  inputsCommitment,
  planJob,
  putFiles,
} from '../compute-job.ts';
import { act, ids, type Scenario } from '../scenario.ts';

const jobId = ids.job;

export const computeTerms: LicenceTerms = {
  purposes: ['RESEARCH', 'SAFETY'],
  permissions: ['EXECUTE'],
  territory: ['CN'],
  durationDays: 30,
  usesMax: 1,
};

/** What opens the job's digests in the dossier. */
export interface ComputeOpening {
  readonly spec: JobSpec;
  readonly release: Uint8Array;
  readonly salt: string;
}

/** One homomorphic job: column totals by group, seen by nobody before the reviewer releases them. */
export async function playCompute(scenario: Scenario): Promise<ComputeOpening> {
  const { stage, player } = scenario;
  const { spec, request, approval } = await planJob(scenario, jobId, ids.computeTrade);
  await stage.step('seller', 'opens the licence for computation', () =>
    player('seller').submit(
      act('trading.start-delivery', tradeCommand, { tradeId: ids.computeTrade }),
    ),
  );
  await stage.step('buyer', 'requests one job: total cost by size of animal', () =>
    player('buyer').submit(request),
  );
  await stage.step('reviewer-a', 'recomputes the specification’s hash and approves it', () =>
    player('reviewer-a').submit(approval),
  );
  const pool = openSellerPool({ presetId: spec.presetId });
  try {
    return await run(scenario, spec, pool);
  } finally {
    pool.close();
  }
}

async function run(scenario: Scenario, spec: JobSpec, pool: SellerPool): Promise<ComputeOpening> {
  const { stage, player } = scenario;
  const prepared = await stage.step(
    'seller',
    'encrypts the column under a key for this job',
    (show) => encrypt(scenario, spec, pool, show),
  );
  let results: readonly Uint8Array[] = [];
  for (const worker of ['worker-a', 'worker-b']) {
    const evaluated = await stage.step(
      worker,
      'adds the ciphertexts, seeing none of the values',
      (show) => evaluate(scenario, worker, prepared.files, spec, show),
    );
    ({ results } = evaluated);
  }
  const opened = await stage.step(
    'seller',
    'decrypts the agreed result, proposes the release',
    () => decrypt(scenario, spec, prepared.key, results, pool),
  );
  const letter = sealTo(player('reviewer-a').party.encryptionKey, opened.release);
  await stage.step('reviewer-a', 'checks cohorts and digests, releases the totals', () => {
    const seen = openSealed(player('reviewer-a').party, letter);
    accepted(checkOpened(spec, { ...opened, release: seen }));
    return player('reviewer-a').submit(
      act('job.release', jobReleaseCommand, { jobId, commitment: opened.commitment }),
    );
  });
  await stage.step('buyer', 'opens the release, accepts the job', async () => {
    const totals = accepted(checkOpened(spec, opened));
    const receipt = await player('buyer').submit(
      act('trading.accept-delivery', acceptDeliveryCommand, {
        tradeId: ids.computeTrade,
        digest: opened.commitment,
      }),
    );
    return { ...receipt, result: await compareWithPlain(scenario, totals) };
  });
  await writeTotals(scenario, accepted(checkOpened(spec, opened)));
  return { spec, release: opened.release, salt: opened.salt };
}

async function encrypt(
  scenario: Scenario,
  spec: JobSpec,
  pool: SellerPool,
  show: (fraction: number) => void,
) {
  const { player, outDir, figures } = scenario;
  const seller = player('seller');
  const { values, groupOfRow: groups, missing } = await columnInClear(scenario);
  const key = accepted(await makeJobKey(spec, pool));
  const dir = path.join(outDir, 'seller', 'upload');
  const encrypted = accepted(
    await encryptColumn({
      spec,
      key,
      dir,
      pool,
      column: { values, groups },
      onProgress: ({ chunksDone, chunksTotal }) => show(chunksDone / chunksTotal),
    }),
  );
  const files = await putFiles(seller, jobId, dir);
  figures.set('rows without a value or group', String(missing.rows));
  figures.set('encrypted column', `${encrypted.bytes} bytes in ${encrypted.chunks} chunks`);
  const receipt = await seller.submit(inputsCommitment(jobId, encrypted));
  return { ...receipt, key, files };
}

async function evaluate(
  scenario: Scenario,
  worker: string,
  files: ReadonlyMap<string, string>,
  spec: JobSpec,
  show: (fraction: number) => void,
) {
  const player = scenario.player(worker);
  const { inputs } = await player.read(jobRecord, jobId);
  assert(inputs, 'inputs are committed before a worker runs');
  const dir = path.join(scenario.outDir, worker);
  await getFiles(player, files, dir);
  const pool = openEvaluatorPool({ presetId: spec.presetId, size: 1 });
  try {
    const sums = accepted(
      await evaluateGroupSums({
        dir,
        spec,
        expectedRoot: inputs.root,
        pool,
        onProgress: ({ chunksDone, chunksTotal }) => show(chunksDone / chunksTotal),
      }),
    );
    const receipt = await player.submit(
      act('job.attest', attestCommand, { jobId, resultDigest: sums.digest }),
    );
    return { ...receipt, results: sums.results, result: `digest ${sums.digest.slice(0, 16)}…` };
  } finally {
    pool.close();
  }
}

/** A release as its owner holds it, and what the ledger says of it. */
interface OpenedRelease {
  readonly release: Uint8Array;
  readonly salt: string;
  readonly commitment: string;
  readonly recordedResultDigest: string;
}

async function decrypt(
  { player }: Scenario,
  spec: JobSpec,
  key: JobKey,
  results: readonly Uint8Array[],
  pool: SellerPool,
): Promise<OpenedRelease & { readonly height: number }> {
  const seller = player('seller');
  const { attestations } = await seller.read(jobRecord, jobId);
  const recordedDigest = attestations[0]?.resultDigest ?? '';
  const { release, salt, digest } = accepted(
    await decryptResults({ spec, key, results, recordedDigest, pool }),
  );
  const { height } = await seller.submit(
    act('job.propose-release', proposeReleaseCommand, {
      jobId,
      commitment: digest,
      groups: spec.groups.length,
    }),
  );
  return { height, release, salt, commitment: digest, recordedResultDigest: recordedDigest };
}

const checkOpened = (spec: JobSpec, opened: OpenedRelease) =>
  checkRelease({
    spec,
    release: opened.release,
    salt: opened.salt,
    recordedResultDigest: opened.recordedResultDigest,
    recordedReleaseDigest: opened.commitment,
  });

/** The seller alone could do this; here it shows that the encrypted way is exact. */
async function compareWithPlain(
  scenario: Scenario,
  totals: readonly GroupTotal[],
): Promise<string> {
  const { values, groups, groupOfRow } = await columnInClear(scenario);
  for (const { label, total } of totals) {
    const group = groups.findIndex((each) => each.label === label);
    const plain = values.reduce(
      (sum, value, row) => (groupOfRow[row] === group ? sum + BigInt(value) : sum),
      0n,
    );
    if (plain !== total) {
      throw new OperationalError(
        'DEMO_COMPUTE',
        `${label}: ${total} where the plain total is ${plain}.`,
      );
    }
  }
  return `${totals.length} totals, equal to the plain ones`;
}

async function writeTotals({ outDir }: Scenario, totals: readonly GroupTotal[]): Promise<void> {
  const lines = totals.map(({ label, rows, total }) => `${label},${rows},${total}`);
  const file = path.join(outDir, 'buyer', 'cost-by-size.csv');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, ['size,rows,total', ...lines, ''].join('\n'));
}
