import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '../../../base/bytes.ts';
import { serveJob } from '../child-process.ts';
import { compileCircuit, type OptimisationLevel } from './compile.ts';
import { developmentSetup } from './development-setup.ts';
import { hashFile } from './file-hash.ts';
import { readR1cs } from './r1cs.ts';

export interface BuildJob {
  readonly file: string;
  readonly level: OptimisationLevel;
  readonly outputDirectory: string;
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
