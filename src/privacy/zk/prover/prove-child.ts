import { access } from 'node:fs/promises';
import { curves, groth16, wtns, type MemoryFile } from 'snarkjs';
import { JobFailure, serveJob } from '../child-process.ts';
import { proofFromSnarkjs } from '../verifier/snarkjs-json.ts';
import type { ProofResult, ProveJob, ProveProgress } from './prove-job.ts';

serveJob<ProveJob, ProveProgress>(async (job, onProgress): Promise<ProofResult> => {
  await requireFiles([job.wasmPath, job.zkeyPath]);
  // Before anything else: concurrent first calls would each start a worker pool and leak it.
  await curves.getCurveFromName('bn128');
  onProgress({ phase: 'witness' });
  const start = performance.now();
  const witness = await calculateWitness(job);
  const witnessed = performance.now();
  onProgress({ phase: 'prove' });
  const { proof, publicSignals } = await groth16.prove(job.zkeyPath, witness);
  return {
    proof: proofFromSnarkjs(proof),
    publics: publicSignals.map(BigInt),
    witnessMs: Math.round(witnessed - start),
    proveMs: Math.round(performance.now() - witnessed),
  };
});

async function requireFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await access(path).catch(() => {
      throw new JobFailure(
        'ZK_ARTEFACT_MISSING',
        `${path} is missing: build the circuit by \`dxl circuits build\`.`,
      );
    });
  }
}

/** The witness holds every secret: it stays in memory. */
async function calculateWitness(job: ProveJob): Promise<MemoryFile> {
  const witness: MemoryFile = { type: 'mem' };
  try {
    await wtns.calculate(job.inputs, job.wasmPath, witness);
  } catch {
    throw new JobFailure(
      'ZK_WITNESS_UNSATISFIED',
      'The inputs do not satisfy the circuit, or are not the inputs it takes: prepare them with ' +
        'the functions of its statement, which say what is wrong.',
    );
  }
  return witness;
}
