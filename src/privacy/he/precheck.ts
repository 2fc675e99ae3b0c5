import { fromHex } from '../../base/bytes.ts';
import { refuse, success, type Outcome } from '../../base/result.ts';
import type { Preset } from './presets.ts';
import { heResults } from './results.ts';

/**
 * What SEAL 4.1 writes for a ciphertext, uncompressed (all integers little-endian):
 *
 *      0  16  stream header: magic a15e, header size 16, version 4.1, compression 0, total length
 *     16  32  parms_id
 *     48   1  NTT form (1 in BGV)
 *     49  40  polynomials (2), degree n, primes, scale (1.0 as a double), correction factor (1)
 *     89  24  array: stream header, number of words
 *    113      words: the residues, polynomial by polynomial, prime by prime
 *             seeded only: 81 bytes for the generator of the second polynomial:
 *             stream header, type (1, BLAKE2xb), 64 bytes of seed
 *
 * Nothing that others wrote is loaded into SEAL before it has passed here: native code is not the
 * place to find out what bytes are. Everything but residues and seed is fixed by the preset. A
 * public key has exactly this layout (it *is* an encryption of zero) and, where a preset has no
 * special prime, the same parms_id: it cannot be told from a ciphertext, and does no harm.
 */
export type CiphertextForm = 'seeded' | 'full';

const wordsOffset = 113;
const seedInfoBytes = 81;
const seedBytes = 64;
const streamHeader = [0x5e, 0xa1, 0x10, 0x04, 0x01, 0x00, 0x00, 0x00] as const;
const scaleOffset = 73;

const wordCount = (preset: Preset, form: CiphertextForm): number =>
  preset.polyDegree * preset.dataModuli.length * (form === 'full' ? 2 : 1);

/** Length in bytes of a ciphertext of two polynomials. */
export const ciphertextBytes = (preset: Preset, form: CiphertextForm): number =>
  wordsOffset + 8 * wordCount(preset, form) + (form === 'seeded' ? seedInfoBytes : 0);

/**
 * Whether the bytes are a well-formed ciphertext of the preset in that form; about 10 µs.
 * A flipped bit that leaves a residue below its prime passes: only a recorded digest catches it.
 */
export function precheckCiphertext(
  preset: Preset,
  form: CiphertextForm,
  bytes: Uint8Array,
): Outcome {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isKeyObject(view)) {
    return refuse(heResults.HE_EVAL_KEYS_NOT_ACCEPTED, `${bytes.length} bytes of key material`);
  }
  const expected = ciphertextBytes(preset, form);
  if (bytes.length !== expected) {
    return refuse(heResults.HE_CT_LENGTH, `${bytes.length} bytes, not ${expected} (${form})`);
  }
  if (view.getFloat64(scaleOffset, true) !== 1) {
    return refuse(heResults.HE_CKKS_RELEASE_FORBIDDEN, 'the ciphertext carries a scale');
  }
  const headers = fixedHeaders(preset, form);
  for (const { offset, content } of headers) {
    const at = content.findIndex((byte, index) => bytes[offset + index] !== byte);
    if (at >= 0) return refuse(heResults.HE_CT_HEADER, `${form} ciphertext, byte ${offset + at}`);
  }
  return checkResidues(preset, form, view);
}

interface FixedHeader {
  readonly offset: number;
  readonly content: Uint8Array;
}

const headerCache = new Map<string, readonly FixedHeader[]>();

function fixedHeaders(preset: Preset, form: CiphertextForm): readonly FixedHeader[] {
  const key = `${preset.id}/${form}`;
  const cached = headerCache.get(key);
  if (cached !== undefined) return cached;
  const words = wordCount(preset, form);
  const front = new Uint8Array(wordsOffset);
  const view = new DataView(front.buffer);
  writeStreamHeader(view, 0, ciphertextBytes(preset, form));
  front.set(fromHex(preset.parmsId), 16);
  front[48] = 1;
  view.setBigUint64(49, 2n, true);
  view.setBigUint64(57, BigInt(preset.polyDegree), true);
  view.setBigUint64(65, BigInt(preset.dataModuli.length), true);
  view.setFloat64(scaleOffset, 1, true);
  view.setBigUint64(81, 1n, true);
  writeStreamHeader(view, 89, 24 + 8 * words);
  view.setBigUint64(105, BigInt(words), true);
  const headers: FixedHeader[] = [{ offset: 0, content: front }];
  if (form === 'seeded') {
    const tail = new Uint8Array(seedInfoBytes - seedBytes);
    writeStreamHeader(new DataView(tail.buffer), 0, seedInfoBytes);
    tail[16] = 1;
    headers.push({ offset: wordsOffset + 8 * words, content: tail });
  }
  headerCache.set(key, headers);
  return headers;
}

function writeStreamHeader(view: DataView, offset: number, length: number): void {
  streamHeader.forEach((byte, index) => view.setUint8(offset + index, byte));
  view.setBigUint64(offset + 8, BigInt(length), true);
}

/** Compares halves of 32 bits: a bigint for each word would cost fifty times as much. */
function checkResidues(preset: Preset, form: CiphertextForm, view: DataView): Outcome {
  const words = wordCount(preset, form);
  const polynomialWords = preset.polyDegree * preset.dataModuli.length;
  let lastPolynomialBits = 0;
  for (let start = 0; start < words; start += preset.polyDegree) {
    const prime = preset.dataModuli[(start / preset.polyDegree) % preset.dataModuli.length] ?? 0n;
    const primeHigh = Number(prime >> 32n);
    const primeLow = Number(prime & 0xffffffffn);
    for (let word = start; word < start + preset.polyDegree; word += 1) {
      const low = view.getUint32(wordsOffset + 8 * word, true);
      const high = view.getUint32(wordsOffset + 8 * word + 4, true);
      if (high > primeHigh || (high === primeHigh && low >= primeLow)) {
        return refuse(heResults.HE_CT_RESIDUE, `word ${word} is not below its prime`);
      }
      if (word >= polynomialWords) lastPolynomialBits |= low | high;
    }
  }
  if (form === 'full' && lastPolynomialBits === 0) {
    return refuse(heResults.HE_CT_RESIDUE, 'transparent: the second polynomial is zero');
  }
  return success;
}

/**
 * A secret key is laid out as a plaintext that has a parms_id: count, scale, array at 64.
 * Key-switching keys are: number of lists, then for each its length and that many public keys.
 */
function isKeyObject(view: DataView): boolean {
  if (view.byteLength < 80 || !isStreamHeader(view, 0)) return false;
  if (isStreamHeader(view, 64)) return !isZero(view, 16, 48);
  let offset = 56;
  while (offset + 24 <= view.byteLength && isZero(view, offset, offset + 8)) offset += 8;
  return offset > 56 && offset + 24 <= view.byteLength && isStreamHeader(view, offset + 8);
}

const isStreamHeader = (view: DataView, offset: number): boolean =>
  view.getUint16(offset, true) === 0xa15e && view.getUint8(offset + 2) === 0x10;

function isZero(view: DataView, start: number, end: number): boolean {
  for (let offset = start; offset < end; offset += 1) {
    if (view.getUint8(offset) !== 0) return false;
  }
  return true;
}
