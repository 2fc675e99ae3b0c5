/** `dxl import`: a ledger from an exported file, by executing every block of it anew. */
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { BlockStore, CommittedBlock, Head, StateSource } from '../engine/ports.ts';
import { BlockCheck } from '../fsck/check-block.ts';
import { Replay } from '../fsck/replay.ts';
import { Findings, type Finding } from '../fsck/report.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import { genesisHash, type Genesis } from '../machine/genesis.ts';
import type { Machine } from '../machine/machine.ts';
import { ArchiveError } from './archive-error.ts';
import type { ContentPiece } from './content-frame.ts';
import type { Frame } from './frame.ts';
import { genesisIn, type ArchivedBlock, type ArchiveEnd, type GenesisFrame } from './items.ts';
import { readArchive } from './read-archive.ts';

/** An open ledger to write to, with a machine that stands at its head. */
export interface Target {
  readonly machine: Machine;
  readonly store: BlockStore;
  readonly source: StateSource;
}

export interface ImportProgress {
  readonly height: number;
  /** Of the file. */
  readonly bytes: number;
}

export interface ImportOptions {
  readonly source: AsyncIterable<Uint8Array>;
  /** Of the chain that is expected; null takes any. */
  readonly genesisHash: Hex | null;
  /** Called once the genesis is known to be the expected one; nothing was written before. */
  readonly open: (genesis: Genesis, circuitKeys: GenesisFrame['circuitKeys']) => Promise<Target>;
  /** Takes content in its order, as its frames come; unless given it is left out. */
  readonly content?: (piece: ContentPiece) => Promise<void>;
  readonly onProgress?: (done: ImportProgress) => void;
}

export interface ImportReport extends ArchiveEnd {
  readonly chainId: string;
  readonly genesisHash: Hex;
  /** Height that the ledger had before. */
  readonly from: number;
  /** Blocks executed and written now. */
  readonly imported: number;
  readonly signed: number;
  readonly sealed: number;
  /** Refusals whose words for people this release puts in another way than the file. */
  readonly reworded: number;
  /** Encrypted payloads in the file, taken or not. */
  readonly contents: number;
}

/**
 * Writes what the ledger lacks, block by block in a transaction each: cut off at any moment, the
 * next import goes on from there. Throws ArchiveError where file and execution differ, having kept
 * the blocks before; OperationalError IMPORT_OTHER_CHAIN or IMPORT_OTHER_HISTORY.
 */
export async function importArchive(options: ImportOptions): Promise<ImportReport> {
  let run: ImportRun | null = null;
  for await (const item of readArchive(options.source)) {
    if (item.kind === 'genesis') {
      run = await ImportRun.begin(options, item.genesis);
    } else if (run && item.kind === 'blocks') {
      for (const block of item.run.blocks) await run.block(block, item.frame);
      const { height } = run;
      options.onProgress?.({ height, bytes: item.frame.end.offset });
    } else if (run && item.kind === 'content') {
      await options.content?.(item.piece);
      if (item.piece.last) run.contents += 1;
      options.onProgress?.({ height: run.height, bytes: item.frame.end.offset });
    } else if (run && item.kind === 'end') return run.end(item.end, item.frame);
  }
  throw new OperationalError('ARCHIVE_TRUNCATED', 'The file ends before its end frame.');
}

class ImportRun {
  readonly #genesis: Genesis;
  readonly #target: Target;
  readonly #head: Head;
  readonly #check: BlockCheck;
  readonly #findings: Findings;
  contents = 0;
  #reworded = 0;
  #imported = 0;
  /** The file's block at the height of the ledger's head has been compared with it. */
  #joined: boolean;

  private constructor(genesis: Genesis, target: Target, head: Head) {
    this.#genesis = genesis;
    this.#target = target;
    this.#head = head;
    this.#joined = head.height === 0;
    this.#findings = new Findings();
    this.#check = new BlockCheck({
      genesis,
      replay: new Replay(target.machine, target.source),
      findings: this.#findings,
      from: { headerHash: head.headerHash, logSize: head.logSize },
      log: null,
    });
  }

  static async begin(options: ImportOptions, found: GenesisFrame): Promise<ImportRun> {
    const genesis = genesisIn(found.document);
    const hash = genesisHash(genesis);
    if (options.genesisHash !== null && options.genesisHash !== hash) {
      throw new OperationalError(
        'IMPORT_OTHER_CHAIN',
        `The file holds the chain ${genesis.chainId} with genesis ${hash}; ${options.genesisHash} ` +
          'is expected. Name the file of that chain. Nothing was written.',
      );
    }
    const target = await options.open(genesis, found.circuitKeys);
    const head = await target.store.readHead();
    if (!head) throw new OperationalError('STORE_EMPTY', 'The database was not begun.');
    return new ImportRun(genesis, target, head);
  }

  get height(): number {
    return this.#head.height + this.#imported;
  }

  async block(block: ArchivedBlock, frame: Frame): Promise<void> {
    const { row, envelopes, leaves } = block;
    if (row.height <= this.#head.height) {
      if (row.height === this.#head.height) this.#join(row.headerHash, this.#head.headerHash);
      return;
    }
    const { block: executed } = await this.#check.stage(row, envelopes, async () => leaves);
    this.#refuseDifferences(this.#findings.take(), frame);
    if (!executed) throw new ArchiveError('ARCHIVE_ALTERED', `block ${row.height}`, frame.at);
    const { machine, store } = this.#target;
    await store.commit(committedOf(block, executed), executed.changes);
    machine.commit();
    this.#imported += 1;
  }

  async end(end: ArchiveEnd, frame: Frame): Promise<ImportReport> {
    if (!this.#joined) await this.#joinBelow(end);
    this.#check.seals.finish();
    this.#refuseDifferences(this.#findings.take(), frame);
    const { chainId } = this.#genesis;
    const { signed, sealed } = this.#check.seals;
    return {
      ...{ chainId, genesisHash: genesisHash(this.#genesis), ...end },
      ...{ from: this.#head.height, imported: this.#imported },
      ...{ signed, sealed, reworded: this.#reworded, contents: this.contents },
    };
  }

  #join(found: Hex, wanted: Hex): void {
    if (found !== wanted) throw otherHistory(this.#head.height);
    this.#joined = true;
  }

  /** The ledger is beyond the file: the file's last block is to be one of the ledger's. */
  async #joinBelow({ height, headerHash }: ArchiveEnd): Promise<void> {
    if (height === 0) return;
    for await (const block of this.#target.store.readBlocks(height, height)) {
      this.#join(headerHash, block.headerHash);
    }
  }

  /** Words of refusals are not consensus: those of this release are written. */
  #refuseDifferences(found: readonly Finding[], frame: Frame): void {
    const differing = found.filter(
      ({ table, column }) => table !== 'envelope' || column !== 'detail',
    );
    this.#reworded += found.length - differing.length;
    const [first] = differing;
    if (!first) return;
    this.#target.machine.abandon();
    const { table, row, column, problem } = first;
    const place = [table, row, column].filter((name) => name !== null).join(' ');
    const kept = `the ledger stands at block ${this.height}, which is sound`;
    throw new ArchiveError('ARCHIVE_ALTERED', `${place} ${problem}; ${kept}`, frame.at);
  }
}

const otherHistory = (height: number): OperationalError =>
  new OperationalError(
    'IMPORT_OTHER_HISTORY',
    `Block ${height} of this ledger is not that of the file: they are two histories of one chain. ` +
      'Keep both, find out who signed them, and import into an empty data folder. Nothing was written.',
  );

/** What is written is what was executed; of the file only header, signature or seal. */
const committedOf = ({ row }: ArchivedBlock, block: FinalizedBlock): CommittedBlock => ({
  ...row,
  envelopes: block.results.map(({ id, bytes, outcome, failedOperation, logIndex }, position) => ({
    ...{ id, position, bytes, failedOperation, logIndex },
    resultCode: outcome.ok ? 0 : outcome.result.code,
    detail: outcome.ok ? '' : outcome.detail,
  })),
  leaves: block.leaves,
});
