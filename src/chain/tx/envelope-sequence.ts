/** Many envelopes as one body: a CBOR sequence (RFC 8742) of byte strings. */
import { concat } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';

export const envelopeSequenceType = 'application/cbor-seq';

export const encodeEnvelopeSequence = (envelopes: readonly Uint8Array[]): Uint8Array =>
  concat(...envelopes.map((envelope) => encodeCbor(envelope)));

/** What is wrong with a sequence, and with which of its items; null: with all of it. */
export interface SequenceFault {
  readonly item: number | null;
  readonly message: string;
}

export type EnvelopeSequence =
  | { readonly ok: true; readonly envelopes: Uint8Array[] }
  | { readonly ok: false; readonly fault: SequenceFault };

/**
 * The byte strings, as views of `bytes`. What is inside them is not looked at, so that a malformed
 * envelope spoils no other. Taken are definite lengths in their shortest form (RFC 8949, 4.2.1), of
 * 1 to `countMax` items: nothing after that is read.
 */
export function readEnvelopeSequence(bytes: Uint8Array, countMax: number): EnvelopeSequence {
  const envelopes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    if (envelopes.length === countMax) return faulty(null, `more than ${countMax} items`);
    const head = readHead(bytes, at);
    if (typeof head === 'string') return faulty(envelopes.length, `byte ${at}: ${head}`);
    const end = head.start + head.length;
    if (end > bytes.length) {
      const left = bytes.length - head.start;
      const message = `byte ${at}: ${head.length} bytes are announced, ${left} are left`;
      return faulty(envelopes.length, message);
    }
    envelopes.push(bytes.subarray(head.start, end));
    at = end;
  }
  return envelopes.length === 0 ? faulty(null, 'no items') : { ok: true, envelopes };
}

const faulty = (item: number | null, message: string): EnvelopeSequence => ({
  ok: false,
  fault: { item, message },
});

/**
 * By an initial byte's low five bits from 24 on: how many bytes of length follow, and the least
 * length that needs them.
 */
const longHeads = [
  { size: 1, least: 24 },
  { size: 2, least: 256 },
  { size: 4, least: 65_536 },
] as const;

/** Where an item's bytes start and how many there are, or what is wrong with its head. */
function readHead(bytes: Uint8Array, at: number): { start: number; length: number } | string {
  const initial = bytes[at] ?? 0;
  const low = initial & 0x1f;
  if (initial >> 5 !== 2) return 'not a CBOR byte string';
  if (low < 24) return { start: at + 1, length: low };
  const head = longHeads[low - 24];
  if (head === undefined) return 'not a definite length below 2^32';
  const start = at + 1 + head.size;
  if (start > bytes.length) return 'it ends within a length';
  let length = 0;
  for (let next = at + 1; next < start; next += 1) length = length * 256 + (bytes[next] ?? 0);
  return length < head.least ? 'the length is not in its shortest form' : { start, length };
}
