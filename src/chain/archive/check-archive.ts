/** `dxl fsck --file`: the audit of an exported file, which needs no database. */
import { createHash, type Hash } from 'node:crypto';
import { equalBytes, type Hex } from '../../base/bytes.ts';
import { auditedMachine } from '../fsck/audited-state.ts';
import { BlockCheck } from '../fsck/check-block.ts';
import { LogRoot } from '../fsck/recompute.ts';
import { Replay } from '../fsck/replay.ts';
import { Findings, type Finding } from '../fsck/report.ts';
import { Scratch } from '../fsck/scratch.ts';
import { stateView, type StateView } from '../fsck/state-view.ts';
import { WrittenKeys } from '../fsck/written-keys.ts';
import { encodeGenesis, genesisHash, type Genesis } from '../machine/genesis.ts';
import type { Machine } from '../machine/machine.ts';
import type { MachineParts } from '../machine/parts.ts';
import { ArchiveError } from './archive-error.ts';
import type { ContentPiece } from './content-frame.ts';
import type { Frame } from './frame.ts';
import { genesisIn, type ArchivedBlock, type GenesisFrame } from './items.ts';
import { readArchive } from './read-archive.ts';

export interface ArchiveAuditOptions {
  readonly source: AsyncIterable<Uint8Array>;
  /** Of the auditor's own; null takes the file's and shows only that the file fits some chain. */
  readonly genesis: Genesis | null;
  readonly parts: (
    genesis: Genesis,
    circuitKeys: GenesisFrame['circuitKeys'],
  ) => Promise<MachineParts>;
  readonly invariants: (state: StateView) => readonly string[];
  /** Folder for temporary files, of some hundred bytes for each write to the state. */
  readonly scratchDir?: string | null;
  readonly onProgress?: (done: { readonly height: number; readonly bytes: number }) => void;
}

export interface ArchiveReport {
  readonly sound: boolean;
  readonly chainId: string;
  readonly genesisHash: Hex;
  readonly height: number;
  readonly appHash: Hex;
  /** Blocks executed anew to the same app hash: all of them in a sound file. */
  readonly replayed: number;
  readonly frames: number;
  readonly bytes: number;
  readonly blocks: number;
  readonly envelopes: number;
  readonly leaves: number;
  readonly contents: number;
  readonly signed: number;
  readonly sealed: number;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

/** Never throws for what the file holds; throws OperationalError where it cannot be read, or SCRATCH_…. */
export async function checkArchive(options: ArchiveAuditOptions): Promise<ArchiveReport> {
  const scratch = new Scratch(options.scratchDir ?? null);
  return auditArchive(options, scratch).finally(() => scratch.close());
}

async function auditArchive(
  options: ArchiveAuditOptions,
  scratch: Scratch,
): Promise<ArchiveReport> {
  const audit = new ArchiveAudit(options, scratch);
  try {
    for await (const item of readArchive(options.source)) {
      audit.place(item.frame);
      if (item.kind === 'genesis') await audit.begin(item.genesis);
      else if (item.kind === 'content') audit.content(item.piece);
      else if (item.kind === 'blocks') {
        for (const block of item.run.blocks) await audit.block(block);
        options.onProgress?.({ height: audit.height, bytes: item.frame.end.offset });
      }
    }
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    audit.findings.place = '';
    audit.findings.add('frame', error.frame, null, error.message);
  }
  return audit.report();
}

class ArchiveAudit {
  readonly findings = new Findings();
  height = 0;
  readonly #options: ArchiveAuditOptions;
  readonly #scratch: Scratch;
  readonly #written: WrittenKeys;
  #genesis: Genesis | null = null;
  #machine: Machine | null = null;
  #check: BlockCheck | null = null;
  #replay: Replay | null = null;
  #frame: Frame | null = null;
  #content: Hash | null = null;
  #contents = 0;

  constructor(options: ArchiveAuditOptions, scratch: Scratch) {
    this.#options = options;
    this.#scratch = scratch;
    this.#written = new WrittenKeys(scratch);
  }

  /** Whatever is found from here on stands in this frame. */
  place(frame: Frame): void {
    this.#frame = frame;
    this.findings.place = ` (frame ${frame.at.frame} at byte ${frame.at.offset})`;
  }

  async begin({ document, circuitKeys }: GenesisFrame): Promise<void> {
    const own = this.#options.genesis;
    const genesis = own ?? genesisIn(document);
    if (own && !equalBytes(encodeGenesis(own), document)) {
      this.findings.add('genesis', 'true', 'document', 'is another one than yours');
    }
    const parts = await this.#options.parts(genesis, circuitKeys);
    const machine = auditedMachine(genesis, parts, this.#scratch);
    this.#written.add(0, machine.initChain().changes);
    const replay = new Replay(machine);
    const { findings } = this;
    this.#genesis = genesis;
    this.#machine = machine;
    this.#replay = replay;
    this.#check = new BlockCheck({ genesis, replay, findings, log: new LogRoot() });
  }

  async block({ row, envelopes, leaves }: ArchivedBlock): Promise<void> {
    const { rows } = this.findings;
    rows.blocks += 1;
    rows.envelopes += envelopes.length;
    rows.leaves += leaves.length;
    const checked = await this.#check?.stage(row, envelopes, async () => leaves);
    if (checked?.block) {
      this.#machine?.commit();
      this.#written.add(row.height, checked.block.changes);
    }
    this.height = row.height;
  }

  /** Pieces come in order: `readArchive` has seen to it. */
  content({ digest, data, last }: ContentPiece): void {
    this.#content ??= createHash('sha256');
    this.#content.update(data);
    if (!last) return;
    const found = this.#content.digest('hex');
    this.#content = null;
    this.#contents += 1;
    if (found !== digest) this.findings.add('content', digest, null, `its SHA-256 is ${found}`);
  }

  report(): ArchiveReport {
    this.#check?.seals.finish();
    const machine = this.#machine;
    this.findings.place = '';
    if (machine && this.#replay?.going) {
      for (const broken of this.#options.invariants(stateView(machine, this.#written))) {
        this.findings.add('state', broken, null, 'broken');
      }
    }
    const { count, list, rows } = this.findings;
    const { blocks, envelopes, leaves } = rows;
    const genesis = this.#genesis;
    return {
      sound: count === 0,
      chainId: genesis?.chainId ?? '',
      genesisHash: genesis ? genesisHash(genesis) : '',
      height: this.height,
      appHash: machine?.info().appHash ?? '',
      replayed: machine?.info().height ?? 0,
      frames: this.#frame?.end.frame ?? 0,
      bytes: this.#frame?.end.offset ?? 0,
      ...{ blocks, envelopes, leaves, contents: this.#contents },
      ...{ signed: this.#check?.seals.signed ?? 0, sealed: this.#check?.seals.sealed ?? 0 },
      findings: list,
      findingCount: count,
    };
  }
}
