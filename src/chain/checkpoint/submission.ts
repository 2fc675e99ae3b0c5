/** Body of a witness's add-checkpoint call (c2sp.org/tlog-witness). */
import { fromBase64, toBase64 } from '../../base/base64.ts';
import { fromUtf8, fromUtf8OrNull, utf8 } from '../../base/bytes.ts';
import { parseSize } from './body.ts';
import { noteBytesMax } from './note.ts';

export interface Submission {
  /** Of the checkpoint that the witness cosigned last; 0 for none. */
  readonly oldSize: number;
  /** RFC 6962 consistency proof from there; empty from 0. */
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly note: Uint8Array;
}

const proofMax = 63;

/** Of a whole body. */
export const submissionBytesMax = noteBytesMax + (proofMax + 1) * 64;

export const formatSubmission = ({ oldSize, proof, note }: Submission): string =>
  `old ${oldSize}\n${proof.map((hash) => `${toBase64(hash)}\n`).join('')}\n${fromUtf8(note)}`;

/** null for what has not this form. */
export function parseSubmission(bytes: Uint8Array): Submission | null {
  const text = bytes.length <= submissionBytesMax ? fromUtf8OrNull(bytes) : null;
  const end = text?.indexOf('\n\n') ?? -1;
  if (text === null || end < 0) return null;
  const [first = '', ...lines] = text.slice(0, end).split('\n');
  const oldSize = first.startsWith('old ') ? parseSize(first.slice(4)) : null;
  const proof = lines.map(fromBase64);
  if (oldSize === null || lines.length > proofMax) return null;
  if (!proof.every((hash) => hash?.length === 32)) return null;
  return { oldSize, proof: proof as Uint8Array[], note: utf8(text.slice(end + 2)) };
}
