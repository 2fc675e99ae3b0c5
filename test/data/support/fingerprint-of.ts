import { createHash } from 'node:crypto';
import { toHex, type Hex } from '../../../src/base/bytes.ts';
import { BlockDigests } from '../../../src/data/fingerprint/block-digests.ts';
import { CanonicalWriter, MissingCells } from '../../../src/data/fingerprint/canonical-rows.ts';
import {
  bareFingerprint,
  headerDigest,
  saltedFingerprint,
  type SaltedFingerprint,
} from '../../../src/data/fingerprint/fingerprint.ts';
import { SaltedRows } from '../../../src/data/fingerprint/salted-rows.ts';
import { batchOfTexts } from '../../../src/data/row-batch.ts';

export interface Table {
  readonly names: readonly string[];
  /** Null is missing. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export const zeros = new Uint8Array(32);

export interface Digests {
  readonly bare: Hex;
  readonly salted: SaltedFingerprint;
  /** Hex of all digests of the index. */
  readonly index: Hex;
}

interface Options {
  readonly seed?: Uint8Array;
  readonly bareSalt?: Uint8Array;
  readonly key?: Uint8Array;
  readonly missing?: readonly string[];
  readonly batchRows?: number;
}

/** @param batchRows at a time */
export function digestsOf(
  { names, rows }: Table,
  { seed = zeros, bareSalt = zeros, key = zeros, missing = [], batchRows = 700 }: Options = {},
): Digests {
  const blocks = new BlockDigests(() => createHash('sha256'), key);
  const salted = new SaltedRows(seed);
  const writer = new CanonicalWriter();
  const marks = new MissingCells(names.map(() => ({ missing })));
  for (let at = 0; at < rows.length; at += batchRows) {
    const batch = batchOfTexts(rows.slice(at, at + batchRows));
    marks.mark(batch);
    const canonical = writer.write(batch);
    blocks.add(canonical);
    salted.add(canonical);
  }
  const shape = { rows: rows.length, columns: names.length, header: headerDigest(names) };
  const { root, index } = blocks.end();
  const bare = bareFingerprint(shape, root);
  const registered = saltedFingerprint(bare, salted.root(), bareSalt);
  return { bare: bare.root, salted: registered, index: toHex(index) };
}
