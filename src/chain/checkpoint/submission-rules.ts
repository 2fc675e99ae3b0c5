/** What a witness answers to a checkpoint that is signed by its log (c2sp.org/tlog-witness). */
import { equalBytes } from '../../base/bytes.ts';
import { emptyRoot, verifyConsistency } from '../../base/merkle.ts';
import type { CheckpointBody } from './body.ts';
import type { Submission } from './submission.ts';

export type Verdict =
  | { readonly kind: 'cosign' }
  /** The submitter counts from another size than was cosigned last. */
  | { readonly kind: 'conflict'; readonly size: number }
  | { readonly kind: 'refused'; readonly status: 400 | 422; readonly why: string };

/**
 * In the order of the specification, which decides between two faults. The caller has found the
 * log's signature on the note, and holds `last` still until what it cosigns is on the disk.
 * @param last what it cosigned last for this log, null for nothing
 */
export function judgeSubmission(
  last: CheckpointBody | null,
  body: CheckpointBody,
  { oldSize, proof }: Pick<Submission, 'oldSize' | 'proof'>,
): Verdict {
  if (oldSize > body.size) return refused(400, `old size ${oldSize} is above ${body.size}`);
  const lastSize = last?.size ?? 0;
  if (oldSize !== lastSize) return { kind: 'conflict', size: lastSize };
  if (body.size === 0 && !equalBytes(body.root, emptyRoot())) {
    return refused(422, 'a log of no leaves has another root');
  }
  if (oldSize === 0) {
    return proof.length === 0 ? { kind: 'cosign' } : refused(422, 'from size 0 there is no proof');
  }
  const oldRoot = last?.root ?? emptyRoot();
  return verifyConsistency(oldSize, oldRoot, body.size, body.root, proof)
    ? { kind: 'cosign' }
    : refused(422, `the proof from ${oldSize} to ${body.size} leaves does not verify`);
}

const refused = (status: 400 | 422, why: string): Verdict => ({ kind: 'refused', status, why });
