/**
 * Near-duplicate relisting: MinHash estimates the Jaccard similarity of two tables' sets of rows,
 * locality-sensitive hashing finds candidates without comparing all pairs (Leskovec, Rajaraman,
 * Ullman, Mining of Massive Datasets, chapter 3). A signature tells whether a guessed row is in a
 * table: it is confidential, as the rows are, and has no place on the chain.
 */
import { assert } from '../base/assert.ts';
import { concat, toHex, type Hex } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { sha256, sha256Hex } from '../base/hash.ts';
import { canonicalRow } from './fingerprint.ts';

/** x ↦ (multiplier · x + addend) mod modulus, modulus prime. */
export interface LinearHash {
  readonly multiplier: bigint;
  readonly addend: bigint;
  readonly modulus: bigint;
}

/** 2^61 − 1, prime. */
const mersenne61 = (1n << 61n) - 1n;

const firstInteger = (digest: Uint8Array): bigint => BigInt(`0x${toHex(digest.subarray(0, 16))}`);

/** `count` hash functions that everybody derives alike from `seed`. */
export function hashFamily(seed: Uint8Array, count: number): LinearHash[] {
  return Array.from({ length: count }, (_, index) => {
    const draw = (part: bigint) =>
      firstInteger(sha256(concat(seed, encodeCbor([BigInt(index), part]))));
    return {
      multiplier: (draw(0n) % (mersenne61 - 1n)) + 1n,
      addend: draw(1n) % mersenne61,
      modulus: mersenne61,
    };
  });
}

/** A row as an element of a set, below 2^61 − 1. */
export const rowElement = (cells: readonly string[]): bigint =>
  firstInteger(sha256(canonicalRow(cells))) % mersenne61;

/** Per hash function the least value over the set; costs |set| × |family|. The set is not empty. */
export function minHashSignature(
  elements: Iterable<bigint>,
  family: readonly LinearHash[],
): bigint[] {
  const set = [...elements];
  assert(set.length > 0, 'a signature is of a set that is not empty');
  return family.map(({ multiplier, addend, modulus }) => {
    let least = modulus;
    for (const element of set) {
      const value = (multiplier * element + addend) % modulus;
      if (value < least) least = value;
    }
    return least;
  });
}

/** Estimated Jaccard similarity in basis points, rounded down: the share of equal places. */
export function similarityBasisPoints(left: readonly bigint[], right: readonly bigint[]): number {
  assert(left.length === right.length && left.length > 0, 'signatures are of one family');
  const equal = left.filter((value, index) => value === right[index]).length;
  return Math.floor((equal * 10_000) / left.length);
}

/**
 * One key per band of `rowsPerBand` places. Tables that share a key are candidates: with b bands
 * of r, those of similarity s meet with probability 1 − (1 − s^r)^b.
 */
export function bandKeys(signature: readonly bigint[], rowsPerBand: number): Hex[] {
  assert(signature.length % rowsPerBand === 0, 'bands divide a signature evenly');
  const keys: Hex[] = [];
  for (let start = 0; start < signature.length; start += rowsPerBand) {
    const band = signature.slice(start, start + rowsPerBand);
    keys.push(sha256Hex(encodeCbor([BigInt(start), band])));
  }
  return keys;
}
