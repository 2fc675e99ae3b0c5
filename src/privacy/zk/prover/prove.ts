import { runChildJob } from '../child-process.ts';
import type { ProofResult, ProveJob, ProveProgress, SignalInputs } from './prove-job.ts';

export interface ProveRequest {
  readonly circuitId: string;
  readonly inputs: SignalInputs;
  /** As buildCircuit returns them, or a ceremony's proving key in place of the zkey. */
  readonly artefacts: { readonly wasmPath: string; readonly zkeyPath: string };
  readonly signal?: AbortSignal | undefined;
  /** Default 1,800,000: only what hangs is ended, not what waits for a busy machine. */
  readonly timeoutMs?: number | undefined;
  readonly onProgress?: ((progress: ProveProgress & { circuitId: string }) => void) | undefined;
}

const defaultTimeoutMs = 1_800_000;

/**
 * Makes a Groth16 proof in a process of its own, which uses all cores for about 3 s at 23,000
 * constraints, plus about 1 s to start. The inputs are secrets: they go over IPC only, and nothing
 * of them is written, printed or quoted in an error.
 * Throws OperationalError: ZK_WITNESS_UNSATISFIED, ZK_ARTEFACT_MISSING, ZK_CHILD_ABORTED (by
 * `signal`), ZK_CHILD_TIMEOUT, ZK_CHILD_DIED, ZK_CHILD_FAILED.
 */
export function prove(request: ProveRequest): Promise<ProofResult> {
  const { circuitId, artefacts, inputs } = request;
  const { wasmPath, zkeyPath } = artefacts;
  return runChildJob<ProveProgress, ProofResult>({
    module: new URL('./prove-child.ts', import.meta.url),
    job: { wasmPath, zkeyPath, inputs } satisfies ProveJob,
    onProgress: (progress) => request.onProgress?.({ circuitId, ...progress }),
    timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
    signal: request.signal,
  });
}
