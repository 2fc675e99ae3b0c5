import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fromHex, toHex } from '../../base/bytes.ts';
import { assert } from '../../base/assert.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { Outcome } from '../../base/result.ts';
import { sha256Hex } from '../../base/hash.ts';
import { openSealed, sealTo } from '../../client/sealing.ts';
import type { LicenceTerms } from '../../listing/schema.ts';
import { findPreset } from '../../privacy/he/presets.ts';
import { checkRelease } from '../../privacy/he/protocols/p2/check-release.ts';
import { decryptResults } from '../../privacy/he/protocols/p2/decrypt-results.ts';
import { encryptColumn } from '../../privacy/he/protocols/p2/encrypt-column.ts';
import { evaluateGroupSums } from '../../privacy/he/protocols/p2/evaluate-group-sums.ts';
import { groupRows } from '../../privacy/he/protocols/p2/group-rows.ts';
import { makeJobKey, type JobKey } from '../../privacy/he/protocols/p2/job-key.ts';
import {
  decodeJobSpec,
  encodeJobSpec,
  jobSpecHash,
  type JobSpec,
} from '../../privacy/he/protocols/p2/job-spec.ts';
import type { GroupTotal } from '../../privacy/he/protocols/p2/release.ts';
import {
  openEvaluatorPool,
  openSellerPool,
  type SellerPool,
} from '../../privacy/he/worker/pool.ts';
import {
  attestCommand,
  commitInputsCommand,
  jobApproveCommand,
  jobReleaseCommand,
  jobRequestCommand,
  proposeReleaseCommand,
  type Job,
} from '../../privacy/jobs/schema.ts';
import { jobRecord } from '../../privacy/jobs/state.ts';
import { acceptDeliveryCommand, tradeCommand } from '../../trading/schema.ts';
import { columnOf } from '../dataset.ts';
import { act, ids, newSalt, type Scenario } from '../scenario.ts';

const jobId = ids.job;
const valueColumn = 'Cost Total $';
const groupColumn = 'Wildlife Size';

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
  const { spec, facts } = specification(scenario);
  await stage.step('seller', 'opens the licence for computation', () =>
    player('seller').submit(
      act('trading.start-delivery', tradeCommand, { tradeId: ids.computeTrade }),
    ),
  );
  await stage.step('buyer', 'requests one job: total cost by size of animal', () =>
    player('buyer').submit(
      act('job.request', jobRequestCommand, {
        jobId,
        licenceId: ids.computeTrade,
        spec: facts,
        specHash: jobSpecHash(spec),
        nonceDigest: sha256Hex(fromHex(spec.nonce)),
      }),
    ),
  );
  await stage.step('reviewer-a', 'recomputes the specification’s hash and approves it', () =>
    player('reviewer-a').submit(
      act('job.approve', jobApproveCommand, { jobId, specHash: jobSpecHash(spec) }),
    ),
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
      (show) => evaluate(scenario, worker, prepared.shards, spec, show),
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
    return { ...receipt, result: compareWithPlain(scenario, totals) };
  });
  await writeTotals(scenario, accepted(checkOpened(spec, opened)));
  return { spec, release: opened.release, salt: opened.salt };
}

function specification({ dataset, chainId, rules }: Scenario) {
  const { groups } = groupRows(columnOf(dataset, groupColumn));
  const preset = accepted(findPreset('sum-4k'));
  const valueBound = 16_777_216;
  const spec: JobSpec = {
    functionId: 'group-sum',
    presetId: preset.id,
    parmsId: preset.parmsId,
    column: valueColumn,
    groupColumn,
    groups,
    rows: dataset.rows.length,
    valueBound: BigInt(valueBound),
    unit: 'USD',
    scale: 0,
    policy: { cohortMin: rules.compute.cohortMinimum, roundingUnit: 1n },
    nonce: toHex(newSalt()),
    licenceId: ids.computeTrade,
    chainId,
    parties: { seller: 'seller', buyer: 'buyer', operator: 'operator', reviewer: 'reviewer-a' },
  };
  const facts: Job['spec'] = {
    functionId: 'group-sum',
    presetId: preset.id,
    valueColumn,
    groupColumn,
    groups: groups.length,
    rows: dataset.rows.length,
    valueBound,
    scale: 0,
    cohortMinimum: rules.compute.cohortMinimum,
    roundingUnit: 1,
  };
  return { spec: accepted(decodeJobSpec(encodeJobSpec(spec))), facts };
}

/** Name and content digest of one uploaded file. */
interface Shard {
  readonly name: string;
  readonly digest: string;
}

async function encrypt(
  scenario: Scenario,
  spec: JobSpec,
  pool: SellerPool,
  show: (fraction: number) => void,
) {
  const { player, dataset, outDir, figures } = scenario;
  const seller = player('seller');
  const key = accepted(await makeJobKey(spec, pool));
  const dir = path.join(outDir, 'seller', 'upload');
  const encrypted = accepted(
    await encryptColumn({
      spec,
      key,
      dir,
      pool,
      column: {
        values: columnOf(dataset, valueColumn).map(Number),
        groups: groupRows(columnOf(dataset, groupColumn)).groupOfRow,
      },
      onProgress: ({ chunksDone, chunksTotal }) => show(chunksDone / chunksTotal),
    }),
  );
  const shards: Shard[] = [];
  for (const name of await readdir(dir)) {
    const bytes = new Uint8Array(await readFile(path.join(dir, name)));
    shards.push({ name, digest: await seller.putContent(bytes) });
  }
  const { root, publicKeyDigest, chunks, bytes } = encrypted;
  figures.set('encrypted column', `${bytes} bytes in ${chunks} chunks`);
  const receipt = await seller.submit(
    act('job.commit-inputs', commitInputsCommand, { jobId, root, publicKeyDigest, chunks, bytes }),
  );
  return { ...receipt, key, shards };
}

async function evaluate(
  scenario: Scenario,
  worker: string,
  shards: readonly Shard[],
  spec: JobSpec,
  show: (fraction: number) => void,
) {
  const player = scenario.player(worker);
  const { inputs } = await player.read(jobRecord, jobId);
  assert(inputs, 'inputs are committed before a worker runs');
  const dir = path.join(scenario.outDir, worker);
  await mkdir(dir, { recursive: true });
  for (const { name, digest } of shards) {
    await writeFile(path.join(dir, path.basename(name)), await player.getContent(digest));
  }
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
function compareWithPlain({ dataset }: Scenario, totals: readonly GroupTotal[]): string {
  const values = columnOf(dataset, valueColumn).map(BigInt);
  const labels = columnOf(dataset, groupColumn);
  for (const { label, total } of totals) {
    const plain = values.reduce(
      (sum, value, row) => (labels[row] === label ? sum + value : sum),
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

/** The value, or the refusal as an error: in the play nothing is refused here. */
function accepted<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new OperationalError(outcome.result.name, `${outcome.result.title} ${outcome.detail}`);
}
