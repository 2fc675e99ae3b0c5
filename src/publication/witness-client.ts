/** The log's side of a witness's add-checkpoint call (c2sp.org/tlog-witness). */
import { fromUtf8OrNull } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { parseSize } from '../chain/checkpoint/body.ts';
import { noteBytesMax, parseSignatureLine, type NoteSignature } from '../chain/checkpoint/note.ts';
import { formatSubmission, type Submission } from '../chain/checkpoint/submission.ts';
import { boundedFetch } from '../witness/bounded-fetch.ts';

export type WitnessAnswer =
  /** Signatures as they came: not verified yet. */
  | { readonly kind: 'cosigned'; readonly signatures: readonly NoteSignature[] }
  /** It last cosigned another size than the submission says. */
  | { readonly kind: 'conflict'; readonly size: number };

/** Throws OperationalError PEER_UNREACHABLE, PEER_ANSWER or WITNESS_REFUSED. */
export async function submitToWitness(url: string, submission: Submission): Promise<WitnessAnswer> {
  const body = formatSubmission(submission);
  const answer = await boundedFetch(`${url}/add-checkpoint`, { body, bytesMax: noteBytesMax });
  const text = fromUtf8OrNull(answer.bytes) ?? '';
  if (answer.status === 200) {
    const signatures = text
      .split('\n')
      .filter((line) => line !== '')
      .map(parseSignatureLine);
    if (signatures.every((signature) => signature !== null))
      return { kind: 'cosigned', signatures };
  }
  if (answer.status === 409 && answer.type === 'text/x.tlog.size') {
    const size = parseSize(text.replace(/\n$/, ''));
    if (size !== null) return { kind: 'conflict', size };
  }
  const said = text.split('\n', 1)[0]?.slice(0, 200) ?? '';
  throw new OperationalError('WITNESS_REFUSED', `${url} answered ${answer.status}: ${said}`);
}
