/** A job on the demonstration's column, as its parties prepare it. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toHex } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { Outcome } from '../base/result.ts';
import type { NamedOperation } from '../client/commands.ts';
import { findPreset } from '../privacy/he/presets.ts';
import {
  decodeJobSpec,
  encodeJobSpec,
  jobSpecHash,
  type JobSpec,
} from '../privacy/he/protocols/p2/job-spec.ts';
import {
  commitInputsCommand,
  jobApproveCommand,
  jobRequestCommand,
  type Job,
} from '../privacy/jobs/schema.ts';
import { readComputeColumn, type ComputeColumn } from '../client/compute-column.ts';
import { act, newSalt, tableFile, type Player, type Scenario } from './scenario.ts';

export const valueColumn = 'Cost Total $';
export const groupColumn = 'Wildlife Size';

export interface JobPlan {
  readonly jobId: string;
  readonly spec: JobSpec;
  readonly request: NamedOperation;
  readonly approval: NamedOperation;
}

/** Totals of the column by group under a compute licence. @param nonce 32 bytes */
export async function planJob(
  scenario: Scenario,
  jobId: string,
  licenceId: string,
  nonce: Uint8Array = newSalt(),
): Promise<JobPlan> {
  const { chainId, rules } = scenario;
  const { groups, values } = await columnInClear(scenario);
  const preset = accepted(findPreset('sum-4k'));
  const { cohortMinimum } = rules.compute;
  const facts: Job['spec'] = {
    functionId: 'group-sum',
    presetId: preset.id,
    valueColumn,
    groupColumn,
    groups: groups.length,
    rows: values.length,
    valueBound: 16_777_216,
    scale: 0,
    cohortMinimum,
    roundingUnit: 1,
  };
  const spec: JobSpec = {
    functionId: 'group-sum',
    presetId: preset.id,
    parmsId: preset.parmsId,
    column: valueColumn,
    groupColumn,
    groups,
    rows: facts.rows,
    valueBound: BigInt(facts.valueBound),
    unit: 'USD',
    scale: facts.scale,
    policy: { cohortMin: cohortMinimum, roundingUnit: BigInt(facts.roundingUnit) },
    nonce: toHex(nonce),
    licenceId,
    chainId,
    parties: { seller: 'seller', buyer: 'buyer', operator: 'operator', reviewer: 'reviewer-a' },
  };
  const specHash = jobSpecHash(spec);
  const nonceDigest = sha256Hex(nonce);
  return {
    jobId,
    spec: accepted(decodeJobSpec(encodeJobSpec(spec))),
    request: act('job.request', jobRequestCommand, {
      jobId,
      licenceId,
      spec: facts,
      specHash,
      nonceDigest,
    }),
    approval: act('job.approve', jobApproveCommand, { jobId, specHash }),
  };
}

/** What the seller encrypts: the rows that have a value and a group. */
export const columnInClear = (
  scenario: Pick<Scenario, 'dataset' | 'outDir'>,
): Promise<ComputeColumn> =>
  readComputeColumn({
    ...{ path: tableFile(scenario), table: scenario.dataset.table, part: null },
    ...{ valueColumn, groupColumn, scale: 0 },
  });

/** What the seller commits to: files of a folder, and their digests. */
export interface EncryptedInputs {
  readonly root: string;
  readonly publicKeyDigest: string;
  readonly chunks: number;
  readonly bytes: number;
}

export const inputsCommitment = (
  jobId: string,
  { root, publicKeyDigest, chunks, bytes }: EncryptedInputs,
): NamedOperation =>
  act('job.commit-inputs', commitInputsCommand, { jobId, root, publicKeyDigest, chunks, bytes });

/** Puts every file of a folder into the content store, for the job. @returns digests by name. */
export async function putFiles(
  seller: Player,
  jobId: string,
  dir: string,
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const name of await readdir(dir)) {
    const bytes = new Uint8Array(await readFile(path.join(dir, name)));
    digests.set(name, await seller.putContent(bytes, `job/${jobId}`));
  }
  return digests;
}

/** Fetches what `putFiles` put, into a folder that is made where it is not there. */
export async function getFiles(
  worker: Player,
  files: ReadonlyMap<string, string>,
  dir: string,
): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const [name, digest] of files) {
    await writeFile(path.join(dir, path.basename(name)), await worker.getContent(digest));
  }
}

/** The value, or the refusal as an error: in the play nothing is refused here. */
export function accepted<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new OperationalError(outcome.result.name, `${outcome.result.title} ${outcome.detail}`);
}
