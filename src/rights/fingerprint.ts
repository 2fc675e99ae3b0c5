/**
 * Fingerprints of version 1, under which one row of an older registration can be shown without the others:
 * what verifies them stays. Rows are lists of the texts of their cells, in order. Whole files are checked by
 * data/fingerprint/version-1.ts; nothing writes version 1 any more.
 */
import { fromHex, type Hex } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { taggedHash } from '../base/hash.ts';
import { leafHash, verifyInclusion } from '../base/merkle.ts';
import type { Fingerprint } from './schema.ts';

/** A row's bytes: the canonical CBOR array of its cells' texts. */
export const canonicalRow = (cells: readonly string[]): Uint8Array => encodeCbor(cells);

/** Leaf hash of a salted row: H(00 ‖ taggedHash('dxl/row/1', row salt ‖ canonical row)). */
export const rowLeaf = (saltOfRow: Uint8Array, cells: readonly string[]): Uint8Array =>
  leafHash(taggedHash('dxl/row/1', saltOfRow, canonicalRow(cells)));

/** One row with what shows it to be in a registered table. */
export interface RowProof {
  readonly index: number;
  /** Number of rows of the table. */
  readonly rows: number;
  readonly cells: readonly string[];
  /** 16 bytes. */
  readonly salt: Hex;
  /** Sibling hashes from the leaf up. */
  readonly path: readonly Hex[];
}

/** True where the row stands at its index in the table of this fingerprint. */
export function verifyRow(fingerprint: Fingerprint, proof: RowProof): boolean {
  const { index, rows, cells, salt, path } = proof;
  if (rows !== fingerprint.rows || cells.length !== fingerprint.columns) return false;
  if (salt.length !== 32) return false;
  return verifyInclusion(
    rowLeaf(fromHex(salt), cells),
    index,
    rows,
    path.map(fromHex),
    fromHex(fingerprint.rowsRoot),
  );
}
