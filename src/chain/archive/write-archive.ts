/** `dxl export`: the whole log of a ledger as a file, checked block by block as it is written. */
import { equalBytes, type Hex } from '../../base/bytes.ts';
import type { CborValue } from '../../base/cbor.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { EnvelopeRow, Head, LeafRow, LogReader } from '../engine/ports.ts';
import { BlockCheck } from '../fsck/check-block.ts';
import { LogRoot } from '../fsck/recompute.ts';
import { Findings } from '../fsck/report.ts';
import { Rows } from '../fsck/rows.ts';
import { decodeGenesis, genesisHash } from '../machine/genesis.ts';
import { decodeHeader } from '../machine/header.ts';
import { encodePiece, piecesOf, type ContentSource } from './content-frame.ts';
import {
  beginning,
  encodeFrame,
  frameKinds,
  magicOf,
  type FrameKind,
  type Place,
} from './frame.ts';
import {
  blockItem,
  encodeEnd,
  encodeGenesisFrame,
  encodeRun,
  itemBytes,
  type ArchivedBlock,
  type ArchiveEnd,
  type GenesisFrame,
} from './items.ts';

const runBytesUsual = 512 * 1024;

export interface ExportProgress {
  readonly height: number;
  readonly logSize: number;
  /** Of the file. */
  readonly bytes: number;
}

export interface ExportOptions {
  readonly reader: LogReader;
  /** Resolves when the bytes have been taken. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  readonly circuitKeys: GenesisFrame['circuitKeys'];
  /** Of zlib; 0 compresses nothing. */
  readonly level: number;
  /** A run ends with the block that reaches this, before compression; 512 KiB unless given. */
  readonly runBytes?: number;
  /** What the file holds already. */
  readonly resumed: ArchivePart | null;
  /** Last block; the newest at the beginning of the export unless given. */
  readonly toHeight: number | null;
  /** Goes into the file as well, which then is of format 2; null writes the log alone. */
  readonly content?: ContentSource | null;
  readonly onProgress?: (done: ExportProgress, all: Head) => void;
}

/** The beginning of an export: whole frames up to a place. */
export interface ArchivePart {
  readonly place: Place;
  readonly document: Uint8Array;
  readonly height: number;
  readonly headerHash: Hex;
  readonly envelopes: number;
  readonly log: LogRoot;
  /** Digests of content that is whole in it. */
  readonly contents: Set<Hex>;
}

export interface ExportReport extends ArchiveEnd {
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly frames: number;
  readonly bytes: number;
  /** Encrypted payloads in the file; null where it is of the log alone. */
  readonly contents: number | null;
}

/**
 * Writes what follows `resumed`, up to and with the end frame. The same blocks give the same bytes,
 * interrupted or not. Throws OperationalError EXPORT_OTHER_CHAIN, EXPORT_HEIGHT or EXPORT_DAMAGED:
 * damage is not copied. Memory: one run of blocks and a page of each table.
 */
export async function writeArchive(options: ExportOptions): Promise<ExportReport> {
  const { reader, resumed } = options;
  const document = await reader.readGenesis();
  const head = await reader.readHead();
  if (!document || !head) {
    throw new OperationalError('STORE_EMPTY', 'This database holds no ledger to export.');
  }
  const toHeight = options.toHeight ?? head.height;
  if (toHeight > head.height || toHeight < (resumed?.height ?? 0)) {
    const problem = `The ledger is at height ${head.height}, the file at ${resumed?.height ?? 0}`;
    throw new OperationalError(
      'EXPORT_HEIGHT',
      `${problem}: block ${toHeight} cannot be its last.`,
    );
  }
  if (resumed) {
    if (options.content && resumed.place.format === 1) throw withoutContent();
    await checkResumed(reader, document, resumed);
  }
  const writer = new ArchiveWriter(options, document, toHeight);
  return writer.run(head);
}

const withoutContent = (): OperationalError =>
  new OperationalError(
    'EXPORT_CONTENT',
    'The file was begun without content, and cannot take it now. Name a new file.',
  );

/** The file and the ledger are of one history. */
async function checkResumed(
  reader: LogReader,
  document: Uint8Array,
  { document: own, height, headerHash }: ArchivePart,
): Promise<void> {
  const other = (what: string): OperationalError =>
    new OperationalError(
      'EXPORT_OTHER_CHAIN',
      `The file holds another ${what} than this ledger. Name another file.`,
    );
  if (!equalBytes(document, own)) throw other('genesis');
  if (height === 0) return;
  for await (const row of reader.blocks(height)) {
    if (row.height === height && row.headerHash === headerHash) return;
    break;
  }
  throw other(`block ${height}`);
}

class ArchiveWriter {
  readonly #options: ExportOptions;
  readonly #document: Uint8Array;
  readonly #toHeight: number;
  readonly #findings = new Findings();
  readonly #log: LogRoot;
  #place: Place;
  #envelopes: number;
  readonly #contents: Set<Hex>;
  #end: Omit<ArchiveEnd, 'envelopes'>;

  constructor(options: ExportOptions, document: Uint8Array, toHeight: number) {
    const { resumed } = options;
    this.#options = options;
    this.#document = document;
    this.#toHeight = toHeight;
    this.#log = resumed?.log ?? new LogRoot();
    this.#place = resumed?.place ?? beginning(options.content ? 2 : 1);
    this.#contents = resumed?.contents ?? new Set();
    this.#envelopes = resumed?.envelopes ?? 0;
    this.#end = {
      height: 0,
      timeMs: 0,
      appHash: '00'.repeat(32),
      headerHash: '00'.repeat(32),
      logSize: 0,
      logRoot: this.#log.root(),
    };
  }

  async run(head: Head): Promise<ExportReport> {
    const { write, resumed, circuitKeys } = this.#options;
    if (!resumed) {
      await write(magicOf(this.#place.format));
      const first = { document: this.#document, circuitKeys };
      await this.#frame(frameKinds.genesis, encodeGenesisFrame(first));
    }
    await this.#blocks(head);
    await this.#content(head);
    const end = { ...this.#end, envelopes: this.#envelopes };
    await this.#frame(frameKinds.end, encodeEnd(end));
    const genesis = decodeGenesis(this.#document);
    return {
      chainId: genesis.chainId,
      genesisHash: genesisHash(genesis),
      ...end,
      frames: this.#place.frame,
      bytes: this.#place.offset,
      contents: this.#place.format === 2 ? this.#contents.size : null,
    };
  }

  /** What the file does not hold yet. Damaged content ends the export by its name. */
  async #content(head: Head): Promise<void> {
    const { content, onProgress } = this.#options;
    const { height, logSize } = this.#end;
    if (!content) return;
    for await (const digest of content.digests()) {
      const bytes = this.#contents.has(digest) ? null : await content.get(digest);
      if (!bytes) continue;
      for await (const piece of piecesOf(digest, bytes)) {
        await this.#frame(frameKinds.content, encodePiece(piece));
        onProgress?.({ height, logSize, bytes: this.#place.offset }, head);
      }
      this.#contents.add(digest);
    }
  }

  async #frame(kind: FrameKind, body: Uint8Array): Promise<void> {
    const { bytes, end } = encodeFrame(this.#place, kind, body);
    await this.#options.write(bytes);
    this.#place = end;
  }

  async #blocks(head: Head): Promise<void> {
    const { reader, resumed, level, onProgress, runBytes = runBytesUsual } = this.#options;
    const from = (resumed?.height ?? 0) + 1;
    const span = { from, to: this.#toHeight, logIndex: this.#log.size };
    const source = new BlockSource(reader, this.#check(), span);
    let run: CborValue[] = [];
    let size = 0;
    let first = { height: from, logIndex: this.#log.size };
    for await (const block of source.blocks()) {
      this.#refuseDamage();
      run.push(blockItem(block));
      size += itemBytes(block);
      this.#envelopes += block.envelopes.length;
      this.#end = endOf(block);
      if (size < runBytes && block.row.height < this.#toHeight) continue;
      await this.#frame(
        frameKinds.blocks,
        await encodeRun(first.height, first.logIndex, run, level),
      );
      const { height, logSize } = block.row;
      onProgress?.({ height, logSize, bytes: this.#place.offset }, head);
      first = { height: height + 1, logIndex: logSize };
      [run, size] = [[], 0];
    }
    this.#refuseDamage();
    // Nothing new: the end is that of the blocks that the file holds.
    if (resumed && this.#end.height === 0 && resumed.height > 0) await this.#endOfResumed(resumed);
    if (this.#end.height === this.#toHeight) return;
    throw damaged(`block ${this.#end.height + 1} of ${this.#toHeight} is missing`);
  }

  async #endOfResumed({ height }: ArchivePart): Promise<void> {
    for await (const row of this.#options.reader.blocks(height)) {
      this.#end = endOf({ row, envelopes: [], leaves: [] });
      return;
    }
  }

  #check(): BlockCheck {
    const { resumed } = this.#options;
    return new BlockCheck({
      genesis: decodeGenesis(this.#document),
      replay: null,
      findings: this.#findings,
      log: this.#log,
      ...(resumed && resumed.height > 0
        ? { from: { headerHash: resumed.headerHash, logSize: resumed.log.size } }
        : {}),
    });
  }

  #refuseDamage(): void {
    const [found] = this.#findings.list;
    if (found) {
      const { table, row, column, problem } = found;
      throw damaged(`${[table, row, column].filter((name) => name !== null).join(' ')} ${problem}`);
    }
  }
}

const endOf = ({ row }: ArchivedBlock): Omit<ArchiveEnd, 'envelopes'> => {
  const { timeMs, appHash, logSize, logRoot } = decodeHeader(row.header);
  return { height: row.height, timeMs, appHash, headerHash: row.headerHash, logSize, logRoot };
};

const damaged = (what: string): OperationalError =>
  new OperationalError(
    'EXPORT_DAMAGED',
    `The ledger is damaged: ${what}. Run \`dxl fsck\` and restore what it names from a backup.`,
  );

interface Span {
  readonly from: number;
  readonly to: number;
  readonly logIndex: number;
}

/** Blocks with their envelopes and leaves, each checked by its header. */
class BlockSource {
  readonly #reader: LogReader;
  readonly #check: BlockCheck;
  readonly #span: Span;
  readonly #envelopes: Rows<EnvelopeRow>;
  readonly #leaves: Rows<LeafRow>;

  constructor(reader: LogReader, check: BlockCheck, span: Span) {
    this.#reader = reader;
    this.#check = check;
    this.#span = span;
    this.#envelopes = new Rows(reader.envelopes(span.from));
    this.#leaves = new Rows(reader.leaves(span.logIndex));
  }

  async *blocks(): AsyncGenerator<ArchivedBlock, void, undefined> {
    const { from, to } = this.#span;
    let next = from;
    for await (const row of this.#reader.blocks(from)) {
      if (next > to) return;
      if (row.height !== next) throw damaged(`block ${next} is missing`);
      const { height } = row;
      const envelopes = await this.#envelopes.takeWhile((envelope) => envelope.height <= height);
      let leaves: readonly LeafRow[] = [];
      await this.#check.stage(row, envelopes, async (end) => {
        leaves = await this.#leaves.takeWhile(({ logIndex }) => logIndex < end);
        return leaves;
      });
      yield { row, envelopes, leaves };
      next += 1;
    }
  }
}
