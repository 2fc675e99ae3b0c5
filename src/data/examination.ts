import type { Hex } from '../base/bytes.ts';
import type { ClassSizes } from './anonymity/class-sizes.ts';
import { classesIn, countClasses } from './anonymity/class-sizes.ts';
import { partitions, type DigestPartitions } from './anonymity/digest-partitions.ts';
import { RowDigests } from './anonymity/row-digests.ts';
import { namesOf, type TableDescription } from './description/table.ts';
import { BlockDigests, type MakeHash } from './fingerprint/block-digests.ts';
import { CanonicalWriter, MissingCells } from './fingerprint/canonical-rows.ts';
import { bareFingerprint, headerDigest, type BareFingerprint } from './fingerprint/fingerprint.ts';
import { SaltedRows } from './fingerprint/salted-rows.ts';
import { Profile, type Coverage, type ProfileCounts } from './profile/profile.ts';
import type { RowBatch } from './row-batch.ts';
import type { TableIndex } from './table-index.ts';

/** Tables of so many rows have a digest of each row in their index: a difference is then told to the row. */
export const indexedRowsMax = 16_384;
/** Bytes of such a digest. */
export const indexedRowBytes = 8;

export interface ExaminationOptions {
  readonly table: TableDescription;
  /** Columns that make a class, by their places. */
  readonly quasiIdentifiers: readonly number[];
  readonly coverage: Coverage | null;
  readonly makeHash: MakeHash;
  /** 32 random bytes each: of the index, and of classes. */
  readonly keys: { readonly index: Uint8Array; readonly classes: Uint8Array };
  /** Where digests of rows and of classes are kept. */
  readonly rows: DigestPartitions;
  readonly classes: DigestPartitions;
  /** Of the salted tree; null makes none. */
  readonly seed: Uint8Array | null;
}

export interface Examined {
  readonly counts: ProfileCounts;
  readonly distinctRows: number;
  readonly classSizes: ClassSizes;
  /** Rows with a missing quasi-identifier. */
  readonly leftOut: number;
  readonly bare: BareFingerprint;
  readonly rowsRoot: Uint8Array | null;
  readonly index: TableIndex;
}

/** All that is computed of a table in one pass over its rows. Memory does not grow with them. */
export class Examination {
  readonly #options: ExaminationOptions;
  readonly #header: Hex;
  readonly #missing: MissingCells;
  readonly #profile: Profile;
  readonly #writer = new CanonicalWriter();
  readonly #blocks: BlockDigests;
  readonly #salted: SaltedRows | null;
  readonly #ofRows: RowDigests;
  readonly #ofClasses: RowDigests;
  #rowDigests: Uint8Array | null = new Uint8Array(0);
  #leftOut = 0;
  #rows = 0;

  constructor(options: ExaminationOptions) {
    const { table, coverage, makeHash, keys, seed } = options;
    this.#options = options;
    this.#header = headerDigest(namesOf(table));
    this.#missing = new MissingCells(table.columns);
    this.#profile = new Profile(table, coverage);
    this.#blocks = new BlockDigests(makeHash, keys.index);
    this.#salted = seed === null ? null : new SaltedRows(seed);
    this.#ofRows = new RowDigests(keys.index);
    this.#ofClasses = new RowDigests(keys.classes);
  }

  add(batch: RowBatch): void {
    if (batch.rows === 0) return;
    const { rows, classes, quasiIdentifiers } = this.#options;
    this.#missing.mark(batch);
    this.#profile.add(batch);
    const canonical = this.#writer.write(batch);
    this.#blocks.add(canonical);
    this.#salted?.add(canonical);
    const kept = this.#roomForRows(batch.rows);
    let at = this.#rows * indexedRowBytes;
    this.#ofRows.whole(canonical, (digest) => {
      rows.add(digest, 0);
      if (kept === null) return;
      kept.set(digest.subarray(0, indexedRowBytes), at);
      at += indexedRowBytes;
    });
    if (quasiIdentifiers.length > 0) {
      this.#leftOut += this.#ofClasses.ofColumns(canonical, quasiIdentifiers, classes);
    }
    this.#rows += batch.rows;
  }

  /** @param rest between partitions, so that others have their turn and may stop it */
  async end(rest: () => Promise<void> = async () => undefined): Promise<Examined> {
    const { table, rows, classes } = this.#options;
    const { root, index } = this.#blocks.end();
    const shape = { rows: this.#rows, columns: table.columns.length, header: this.#header };
    const bare = bareFingerprint(shape, root);
    const distinct = await sizesOf(rows, rest);
    return {
      counts: this.#profile.counts,
      distinctRows: classesIn(distinct),
      classSizes: await sizesOf(classes, rest),
      leftOut: this.#leftOut,
      bare,
      rowsRoot: this.#salted?.root() ?? null,
      index: {
        ...{ names: namesOf(table), rows: this.#rows, key: this.#options.keys.index },
        columnDigests: index,
        rowDigests: this.#rowDigests?.subarray(0, this.#rows * indexedRowBytes) ?? null,
      },
    };
  }

  /** Where digests of rows are kept for the index; null from where the table has too many. */
  #roomForRows(more: number): Uint8Array | null {
    const held = this.#rowDigests;
    if (held === null) return null;
    const rows = this.#rows + more;
    if (rows > indexedRowsMax) return (this.#rowDigests = null);
    if (rows * indexedRowBytes <= held.length) return held;
    const larger = new Uint8Array(Math.min(indexedRowsMax, 2 * rows) * indexedRowBytes);
    larger.set(held);
    return (this.#rowDigests = larger);
  }
}

async function sizesOf(digests: DigestPartitions, rest: () => Promise<void>): Promise<ClassSizes> {
  const sizes: ClassSizes = new Map();
  for (let partition = 0; partition < partitions; partition += 1) {
    countClasses(digests.take(partition), sizes);
    await rest();
  }
  return sizes;
}
