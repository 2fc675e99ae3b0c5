/** Fingerprints of a table, version 2: docs/fingerprint.md is their specification. */
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { commitment, taggedHash, taggedHashHex } from '../../base/hash.ts';

export const fingerprintVersion = 2;

/** What agreement by version 1 does not say. */
export const notInVersion1 = [
  'names of columns: two may be exchanged',
  'missing values as distinct from texts',
  'the encoding: bytes that are not UTF-8 were replaced before they were digested',
] as const;

/** What all roots of a table commit to beside its rows. */
interface TableShape {
  readonly rows: number;
  readonly columns: number;
  /** Of the names of columns, in order. */
  readonly header: Hex;
}

/**
 * Without a salt, so that whoever holds the table computes the same: never published, since a table of
 * few or guessable rows could be found from it.
 */
export interface BareFingerprint extends TableShape {
  readonly version: typeof fingerprintVersion;
  readonly root: Hex;
}

/** What is registered: it tells nothing of a row to whom no seed is given. */
export interface SaltedFingerprint extends TableShape {
  readonly version: typeof fingerprintVersion;
  /** RFC 6962 over salted rows. */
  readonly rowsRoot: Hex;
  /** R, over all of the above. */
  readonly root: Hex;
  /** commitment(salt, bare root). */
  readonly bareCommitment: Hex;
}

/** As the ledger holds it: the description's table part is registered beside the roots. */
export interface RegisteredTable extends SaltedFingerprint {
  /** null where that is not at hand. */
  readonly description: Hex | null;
}

/** taggedHash('dxl/columns/1', canonical CBOR array of the names). */
export const headerDigest = (names: readonly string[]): Hex =>
  taggedHashHex('dxl/columns/1', encodeCbor(names));

const over = ({ rows, columns, header }: TableShape, root: Uint8Array): Uint8Array =>
  encodeCbor([BigInt(rows), BigInt(columns), fromHex(header), root]);

/** @param blocksRoot of `BlockDigests` */
export const bareFingerprint = (shape: TableShape, blocksRoot: Uint8Array): BareFingerprint => ({
  version: fingerprintVersion,
  rows: shape.rows,
  columns: shape.columns,
  header: shape.header,
  root: toHex(taggedHash('dxl/bare/2', over(shape, blocksRoot))),
});

/** R = taggedHash('dxl/table/2', CBOR [rows, columns, header digest, rowsRoot]). */
export const tableRoot = (shape: TableShape, rowsRoot: Uint8Array): Hex =>
  taggedHashHex('dxl/table/2', over(shape, rowsRoot));

/**
 * @param rowsRoot of `SaltedRows`
 * @param bareSalt 32 random bytes
 */
export const saltedFingerprint = (
  bare: BareFingerprint,
  rowsRoot: Uint8Array,
  bareSalt: Uint8Array,
): SaltedFingerprint => ({
  version: fingerprintVersion,
  rows: bare.rows,
  columns: bare.columns,
  header: bare.header,
  rowsRoot: toHex(rowsRoot),
  root: tableRoot(bare, rowsRoot),
  bareCommitment: commitment(bareSalt, fromHex(bare.root)),
});
