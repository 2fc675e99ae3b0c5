/** One compute job, step by step, as seller, worker and reviewer take them. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fromHex } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import type { Outcome } from '../../../src/base/result.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import {
  columnInClear,
  getFiles,
  inputsCommitment,
  putFiles,
  type EncryptedInputs,
  type JobPlan,
} from '../../../src/demo/compute-job.ts';
import { act } from '../../../src/demo/scenario.ts';
import { findPreset } from '../../../src/privacy/he/presets.ts';
import { encryptColumn } from '../../../src/privacy/he/protocols/p2/encrypt-column.ts';
import {
  evaluateGroupSums,
  type EvaluatedSums,
} from '../../../src/privacy/he/protocols/p2/evaluate-group-sums.ts';
import { makeJobKey } from '../../../src/privacy/he/protocols/p2/job-key.ts';
import {
  encodeManifest,
  makeManifest,
  manifestName,
} from '../../../src/privacy/he/protocols/p2/manifest.ts';
import { ciphertextBytes } from '../../../src/privacy/he/precheck.ts';
import { chunkLeaf } from '../../../src/privacy/he/merkle.ts';
import type { EvaluatorPool, SellerPool } from '../../../src/privacy/he/worker/pool.ts';
import {
  attestCommand,
  commitInputsCommand,
  jobReleaseCommand,
  proposeReleaseCommand,
} from '../../../src/privacy/jobs/schema.ts';
import { jobRecord } from '../../../src/privacy/jobs/state.ts';
import { taken } from '../../privacy/he/sample-job.ts';
import type { MidTrade } from './mid-trade.ts';

const inventedDigest = (jobId: string, what: string): string =>
  sha256Hex(new TextEncoder().encode(`${what} of ${jobId}`));

export const release = ({ jobId }: JobPlan): NamedOperation =>
  act('job.release', jobReleaseCommand, {
    jobId,
    commitment: inventedDigest(jobId, 'release'),
  });

/** To the moment before the release, on digests that two workers agree on and nobody opens. */
export async function proposeInvented({ player }: MidTrade, plan: JobPlan): Promise<void> {
  const { jobId, spec } = plan;
  await player('reviewer-a').submit(plan.approval);
  await player('seller').submit(
    act('job.commit-inputs', commitInputsCommand, {
      jobId,
      root: inventedDigest(jobId, 'root'),
      publicKeyDigest: inventedDigest(jobId, 'key'),
      chunks: 4,
      bytes: 1000,
    }),
  );
  for (const worker of ['worker-a', 'worker-b']) {
    const resultDigest = inventedDigest(jobId, 'result');
    await player(worker).submit(act('job.attest', attestCommand, { jobId, resultDigest }));
  }
  await player('seller').submit(
    act('job.propose-release', proposeReleaseCommand, {
      jobId,
      commitment: inventedDigest(jobId, 'release'),
      groups: spec.groups.length,
    }),
  );
}

/** Changes one encrypted chunk; what the seller commits to is the changed one. */
export type Spoil = (chunk: Uint8Array) => void;

export interface Upload extends EncryptedInputs {
  readonly dir: string;
}

/** The real encryption of the column, in files. */
export async function encryptJob(
  { scenario, exchange }: MidTrade,
  { jobId, spec }: JobPlan,
  pool: SellerPool,
): Promise<Upload> {
  const key = taken(await makeJobKey(spec, pool));
  const dir = path.join(exchange.folder, jobId);
  const { values, groupOfRow: groups } = await columnInClear(scenario);
  return {
    dir,
    ...taken(await encryptColumn({ spec, key, dir, pool, column: { values, groups } })),
  };
}

/** The upload with its second chunk spoiled and a manifest that says so: honest about its bytes. */
export async function spoilUpload(
  { spec }: JobPlan,
  upload: Upload,
  name: string,
  spoil: Spoil,
): Promise<Upload> {
  const preset = taken(findPreset(spec.presetId));
  const dir = `${upload.dir}-${name}`;
  await mkdir(dir);
  const leaves: Uint8Array[] = [];
  const size = ciphertextBytes(preset, 'seeded');
  for (const file of (await readdir(upload.dir)).filter((found) => found !== manifestName)) {
    const bytes = new Uint8Array(await readFile(path.join(upload.dir, file)));
    for (let start = 0; start < bytes.length; start += size) {
      const chunk = bytes.subarray(start, start + size);
      if (leaves.length === 1) spoil(chunk);
      leaves.push(chunkLeaf(leaves.length, chunk));
    }
    await writeFile(path.join(dir, file), bytes);
  }
  const manifest = makeManifest(upload.publicKeyDigest, leaves);
  await writeFile(path.join(dir, manifestName), encodeManifest(preset, spec, manifest));
  return { ...upload, dir, root: manifest.root };
}

/** Puts every file into the exchange's content store and commits to them. */
export async function upload(
  { player }: MidTrade,
  { jobId }: JobPlan,
  inputs: Upload,
): Promise<ReadonlyMap<string, string>> {
  const files = await putFiles(player('seller'), jobId, inputs.dir);
  await player('seller').submit(inputsCommitment(jobId, inputs));
  return files;
}

/** What a worker does with what it fetches from the exchange. */
export async function evaluate(
  { player, exchange }: MidTrade,
  { jobId, spec }: JobPlan,
  files: ReadonlyMap<string, string>,
  pool: EvaluatorPool,
): Promise<Outcome<EvaluatedSums>> {
  const worker = player('worker-a');
  const { inputs } = await worker.read(jobRecord, jobId);
  const dir = path.join(exchange.folder, `worker-${jobId}`);
  await getFiles(worker, files, dir);
  return evaluateGroupSums({ dir, spec, expectedRoot: inputs?.root ?? '', pool });
}

export const nonceOf = ({ spec }: JobPlan): Uint8Array => fromHex(spec.nonce);
