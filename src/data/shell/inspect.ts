import { createHash, randomBytes } from 'node:crypto';
import { anonymityOf, type Anonymity } from '../anonymity/anonymity.ts';
import { DigestPartitions, rowDigestBytes } from '../anonymity/digest-partitions.ts';
import type { Description } from '../description/described.ts';
import type { FileDescription } from '../description/file.ts';
import {
  namesOf,
  quasiIdentifiersOf,
  tableDescriptionDigest,
  type TableDescription,
} from '../description/table.ts';
import { Examination, type Examined } from '../examination.ts';
import type { Coverage } from '../profile/profile.ts';
import { problemsOf, type Problem } from '../profile/problems.ts';
import { qualityOf, type Quality } from '../profile/quality.ts';
import { TypeTally, type Proposal } from '../profile/type-tally.ts';
import type { RowBatch } from '../row-batch.ts';
import { TableFault } from '../table-fault.ts';
import type { Encoding } from '../text/encoding.ts';
import { checkNames } from './read-cells.ts';
import { cancelled, readTableFile, type ReadFile } from './read-table-file.ts';
import { SpillFolder } from './spill-folder.ts';

/** Digests that are held in memory, of rows and of classes each. */
const heldBytesMax = 2 ** 25;

export interface InspectOptions {
  /** Stated; else both parts are proposed from the file. */
  readonly description?: Description | null;
  readonly encoding?: Encoding | null;
  /** Names of columns that are quasi-identifiers beside those that the description tags. */
  readonly quasiIdentifiers?: readonly string[];
  readonly coverage?: Coverage | null;
  /** Of the index of differences: another table's, where the two are to be compared. */
  readonly indexKey?: Uint8Array;
  /** Of the salted tree, which is not made without it. */
  readonly seed?: Uint8Array | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytes: number, total: number) => void;
  /** Told before anything is put there: bytes at most, and where. */
  readonly onSpill?: (bytes: number, folder: string) => void;
  readonly temporaryFolder?: string;
  /** Above which digests go to the temporary folder; for tests. */
  readonly heldBytes?: number;
}

export interface Inspection {
  readonly file: FileDescription;
  readonly read: ReadFile;
  readonly table: TableDescription;
  /** null where the table was stated. */
  readonly proposals: readonly Proposal[] | null;
  readonly examined: Examined;
  readonly quality: Quality;
  readonly anonymity: Anonymity;
  readonly problems: readonly Problem[];
}

/**
 * Reads a file as a table and computes all that is said of it: one pass, and a second one where no
 * description was stated and the file's beginning proposed another than all of it does. Throws
 * TableFault; OperationalError INPUT_FILE, DATA_ROOM, CANCELLED.
 */
export async function inspectFile(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const stated = options.description?.table ?? null;
  if (stated !== null) return passOver(path, options, stated, null);
  const first = await passOver(path, options, null, null);
  const proposed = first.proposals ?? [];
  const table = tagged({ columns: proposed.map(({ column }) => column) }, options);
  if (tableDescriptionDigest(table) === tableDescriptionDigest(first.table)) return first;
  return passOver(path, options, table, proposed);
}

/** What is found out in a pass, once there are names and rows. */
class Pass {
  readonly #options: InspectOptions;
  readonly #stated: TableDescription | null;
  readonly #folder: SpillFolder;
  #tally: TypeTally | null = null;
  #table: TableDescription | null = null;
  #examination: Examination | null = null;

  constructor(options: InspectOptions, stated: TableDescription | null, folder: SpillFolder) {
    this.#options = options;
    this.#stated = stated;
    this.#folder = folder;
  }

  get table(): TableDescription {
    return this.#table ?? { columns: [] };
  }

  get proposals(): readonly Proposal[] | null {
    return this.#tally?.propose() ?? null;
  }

  named(names: readonly string[]): void {
    if (this.#stated !== null) checkNames(namesOf(this.#stated), names);
    else this.#tally = new TypeTally(names);
  }

  add(rows: RowBatch, bytesRead: number, bytesTotal: number): void {
    if (rows.rows === 0) return;
    this.#tally?.add(rows);
    this.#examination ??= this.#begin(rows.rows, bytesRead, bytesTotal);
    this.#examination.add(rows);
  }

  async end(rest: () => Promise<void>): Promise<Examined> {
    if (this.#examination === null) {
      throw new TableFault('EMPTY', 'has no row of the width of its header.');
    }
    return this.#examination.end(rest);
  }

  #begin(rows: number, bytesRead: number, bytesTotal: number): Examination {
    const { coverage = null, indexKey = randomBytes(32), seed = null } = this.#options;
    const proposed = { columns: this.#tally?.propose().map(({ column }) => column) ?? [] };
    const table = tagged(this.#stated ?? proposed, this.#options);
    this.#table = table;
    const quasiIdentifiers = table.columns.flatMap(({ sensitivity }, index) =>
      sensitivity === 'QUASI_IDENTIFIER' ? [index] : [],
    );
    const kinds = quasiIdentifiers.length === 0 ? 1 : 2;
    const estimated = Math.ceil((rows * bytesTotal * 1.2) / Math.max(1, bytesRead));
    const held = this.#options.heldBytes ?? heldBytesMax;
    if (estimated * rowDigestBytes > held) {
      const bytes = estimated * rowDigestBytes * kinds;
      this.#options.onSpill?.(bytes, this.#folder.parent);
      this.#folder.reserve(bytes);
    }
    return new Examination({
      ...{ table, quasiIdentifiers, coverage, seed },
      makeHash: () => createHash('sha256'),
      keys: { index: indexKey, classes: randomBytes(32) },
      rows: new DigestPartitions(this.#folder.spill('rows'), held),
      classes: new DigestPartitions(this.#folder.spill('classes'), held),
    });
  }
}

async function passOver(
  path: string,
  options: InspectOptions,
  stated: TableDescription | null,
  earlier: readonly Proposal[] | null,
): Promise<Inspection> {
  const folder = new SpillFolder(options.temporaryFolder);
  try {
    const file = options.description?.file;
    const csv = file?.format === 'csv' ? file : null;
    const pass = new Pass(options, stated === null ? null : tagged(stated, options), folder);
    const read = await readTableFile(path, {
      encoding: options.encoding ?? csv?.encoding ?? null,
      dialect: csv?.dialect ?? null,
      signal: options.signal,
      onProgress: options.onProgress,
      onColumns: (names) => pass.named(names),
      onRows: (rows, bytes, total) => pass.add(rows, bytes, total),
    });
    const examined = await pass.end(() => restedOr(options.signal));
    const proposals = pass.proposals ?? earlier;
    return inspectionOf(read, pass.table, examined, proposals);
  } finally {
    folder.remove();
  }
}

/** Lets signals and timers have their turn. */
async function restedOr(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted === true) throw cancelled();
}

function inspectionOf(
  read: ReadFile,
  table: TableDescription,
  examined: Examined,
  proposals: readonly Proposal[] | null,
): Inspection {
  const { counts, distinctRows, classSizes, leftOut } = examined;
  const rows = { distinct: distinctRows, ragged: read.ragged.count };
  return {
    ...{ read, table, proposals, examined },
    file: read.file,
    quality: qualityOf(counts, table.columns, rows),
    anonymity: anonymityOf(quasiIdentifiersOf(table), classSizes, leftOut),
    problems: problemsOf(counts, table.columns, read, proposals),
  };
}

/** With the tags that were asked for beside the description's. */
function tagged(
  table: TableDescription,
  { quasiIdentifiers = [] }: InspectOptions,
): TableDescription {
  const names = namesOf(table);
  const unknown = quasiIdentifiers.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TableFault(
      'COLUMNS',
      `has no column ${JSON.stringify(unknown)}, which was named as a quasi-identifier. Its columns: ` +
        `${names.slice(0, 20).join(', ')}.`,
    );
  }
  return {
    columns: table.columns.map((column) =>
      quasiIdentifiers.includes(column.name)
        ? { ...column, sensitivity: 'QUASI_IDENTIFIER' }
        : column,
    ),
  };
}
