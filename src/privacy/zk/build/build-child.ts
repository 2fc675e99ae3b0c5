import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '../../../base/bytes.ts';
import { JobFailure, serveJob } from '../child-process.ts';
import { compileCircuit, type OptimisationLevel } from './compile.ts';
import { developmentSetup } from './development-setup.ts';
import { hashFile } from './file-hash.ts';
import { readR1cs } from './r1cs.ts';

export interface BuildJob {
  readonly file: string;
  readonly level: OptimisationLevel;
  readonly outputDirectory: string;
  /** What circuits.json pins; undefined where it is about to be written. */
  readonly expectedR1csHash?: Hex | undefined;
  readonly withKeys: boolean;
}

export type BuildJobProgress =
  { readonly phase: 'compile' } | { readonly phase: 'keys'; readonly fraction: number };

export interface BuildJobResult {
  readonly r1csHash: Hex;
  readonly constraints: number;
  readonly compileMs: number;
  readonly keysMs: number;
}

serveJob<BuildJob, BuildJobProgress>(async (job, onProgress): Promise<BuildJobResult> => {
  const start = performance.now();
  onProgress({ phase: 'compile' });
  await compileCircuit(job.file, job.level, job.outputDirectory);
  const r1csPath = join(job.outputDirectory, 'circuit.r1cs');
  const r1csHash = await hashFile(r1csPath);
  if (job.expectedR1csHash !== undefined && job.expectedR1csHash !== r1csHash) {
    throw new JobFailure(
      'ZK_R1CS_MISMATCH',
      `${job.file} compiled to ${r1csHash} where circuits.json has ${job.expectedR1csHash}: ` +
        'restore the circuit and the pinned packages, or run npm run circuits -- --update.',
    );
  }
  const compiled = performance.now();
  const r1csFile = new Uint8Array(await readFile(r1csPath));
  if (job.withKeys) {
    const keys = await developmentSetup(r1csFile, r1csHash, (fraction) =>
      onProgress({ phase: 'keys', fraction }),
    );
    await writeFile(join(job.outputDirectory, 'circuit.zkey'), keys.zkey);
    await writeFile(
      join(job.outputDirectory, 'vk.json'),
      `${JSON.stringify(keys.verificationKey, null, 2)}\n`,
    );
  }
  return {
    r1csHash,
    constraints: readR1cs(r1csFile).constraintCount,
    compileMs: Math.round(compiled - start),
    keysMs: Math.round(performance.now() - compiled),
  };
});
