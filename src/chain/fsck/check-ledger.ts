/**
 * M-90 to M-93: the audit of a whole ledger: everything that is stored is derived anew from genesis and the
 * envelopes, and compared row by row. Streams over the blocks; what grows with the state is in scratch files (M-122).
 */
import type { AuditReader, BlockRow, EnvelopeRow, LeafRow } from '../engine/ports.ts';
import { encodeGenesis, genesisHash, type Genesis } from '../machine/genesis.ts';
import type { MachineParts } from '../machine/parts.ts';
import { auditedMachine } from './audited-state.ts';
import { BlockCheck } from './check-block.ts';
import { checkGenesis } from './check-header.ts';
import { ProjectionCheck } from './check-projection.ts';
import { checkState } from './check-state.ts';
import { LogRoot } from './recompute.ts';
import { Replay } from './replay.ts';
import { Findings, type FsckReport } from './report.ts';
import { Rows } from './rows.ts';
import { Scratch } from './scratch.ts';
import { stateView, type StateView } from './state-view.ts';
import { WrittenKeys } from './written-keys.ts';

export interface AuditOptions {
  readonly reader: AuditReader;
  /** Of the auditor's own file, not of the database. */
  readonly genesis: Genesis;
  readonly parts: MachineParts;
  /** What must hold over the whole state at the end: names of what does not. */
  readonly invariants: (state: StateView) => readonly string[];
  /** Folder for temporary files, of some hundred bytes for each write to the state. */
  readonly scratchDir?: string | null;
  /** Told how far it has come, after each block. */
  readonly onProgress?: (done: AuditProgress, all: AuditProgress) => void;
}

export interface AuditProgress {
  readonly height: number;
  readonly logSize: number;
}

/** Never throws for what is stored; throws OperationalError where the reader cannot read, or SCRATCH_…. */
export async function checkLedger(options: AuditOptions): Promise<FsckReport> {
  const scratch = new Scratch(options.scratchDir ?? null);
  return auditLedger(options, scratch).finally(() => scratch.close());
}

async function auditLedger(options: AuditOptions, scratch: Scratch): Promise<FsckReport> {
  const { reader, genesis, parts, invariants } = options;
  const findings = new Findings();
  checkGenesis(await reader.readGenesis(), encodeGenesis(genesis), findings);
  const machine = auditedMachine(genesis, parts, scratch);
  const written = new WrittenKeys(scratch);
  written.add(0, machine.initChain().changes);
  const replay = new Replay(machine);
  const cursor = await reader.readCursor();
  const end = cursor?.logIndex ?? 0;
  const { registry } = parts;
  const projection = new ProjectionCheck({ reader, end, registry, findings, scratch });
  const walk = new Walk({ ...options, replay, projection, findings, written, cursor });
  await walk.blocks();
  if (walk.complete) {
    checkCursor(cursor, walk.logSizeAtCursor, findings);
    await projection.finish();
  }
  if (walk.complete && replay.going) {
    await checkState(reader.state(), written.all(), findings);
    for (const broken of invariants(stateView(machine, written)))
      findings.add('state', broken, null, 'broken');
  }
  const { signed, sealed } = walk.check.seals;
  return {
    sound: findings.count === 0,
    height: walk.height,
    appHash: machine.info().appHash,
    replayed: machine.info().height,
    ...findings.rows,
    ...{ signed, sealed },
    findings: findings.list,
    findingCount: findings.count,
  };
}

type Cursor = Awaited<ReturnType<AuditReader['readCursor']>>;

function checkCursor(cursor: Cursor, logSize: number | null, findings: Findings): void {
  if (!cursor) findings.add('projection_cursor', 'true', null, 'is missing');
  else if (logSize !== cursor.logIndex) {
    const problem = `leaf ${cursor.logIndex} is not where block ${cursor.height} ends`;
    findings.add('projection_cursor', 'true', 'log_index', problem);
  }
}

interface WalkOptions extends AuditOptions {
  readonly replay: Replay;
  readonly projection: ProjectionCheck;
  readonly findings: Findings;
  readonly written: WrittenKeys;
  readonly cursor: Cursor;
}

/** One pass over blocks, envelopes, leaves and events, in step. */
class Walk {
  height = 0;
  /** False where a block is missing: what follows it is not judged. */
  complete = true;
  readonly check: BlockCheck;
  /** Leaves up to the block that the cursor names; null where there is no such block. */
  logSizeAtCursor: number | null;
  readonly #options: WalkOptions;
  readonly #findings: Findings;
  readonly #envelopes: Rows<EnvelopeRow>;
  readonly #leaves: Rows<LeafRow>;
  #last: BlockRow | null = null;

  constructor(options: WalkOptions) {
    const { reader, genesis, replay, findings, cursor } = options;
    this.#options = options;
    this.#findings = findings;
    this.logSizeAtCursor = cursor?.height === 0 ? 0 : null;
    this.#envelopes = new Rows(reader.envelopes());
    this.#leaves = new Rows(reader.leaves());
    this.check = new BlockCheck({ genesis, replay, findings, log: new LogRoot() });
  }

  async blocks(): Promise<void> {
    const head = await this.#options.reader.readHead();
    for await (const row of this.#options.reader.blocks()) {
      this.#findings.rows.blocks += 1;
      if (row.height !== this.height + 1) {
        this.#findings.add('block', this.height + 1, null, 'is missing');
        this.#findings.add('block', row.height, 'height', `follows block ${this.height}`);
        this.complete = false;
        break;
      }
      await this.#block(row);
      this.height = row.height;
      this.#last = row;
      const { logSize } = this.check;
      this.#options.onProgress?.({ height: row.height, logSize }, head ?? row);
    }
    this.check.seals.finish();
    if (this.complete) await this.#strays();
    this.#head(head);
  }

  async #block(row: BlockRow): Promise<void> {
    const { height } = row;
    const { replay, written, cursor, projection } = this.#options;
    const envelopes = await this.#envelopesOf(height);
    const { block, leaves } = await this.check.stage(row, envelopes, async (end) => {
      const stored = await this.#leaves.takeWhile(({ logIndex }) => logIndex < end);
      this.#findings.rows.leaves += stored.length;
      return stored;
    });
    if (block) {
      replay.machine.commit();
      written.add(height, block.changes);
    }
    if (height === cursor?.height) this.logSizeAtCursor = this.check.logSize;
    await projection.see(leaves);
  }

  async #envelopesOf(height: number): Promise<EnvelopeRow[]> {
    const found = await this.#envelopes.takeWhile((row) => row.height <= height);
    this.#findings.rows.envelopes += found.length;
    return found.filter((row) => row.height === height || this.#strayEnvelope(row));
  }

  #strayEnvelope({ height, position }: EnvelopeRow): false {
    this.#findings.add('envelope', `${height}/${position}`, 'height', 'no such block');
    return false;
  }

  /** Rows of blocks that are not there. */
  async #strays(): Promise<void> {
    const envelopes = await this.#envelopes.takeWhile(() => true);
    this.#findings.rows.envelopes += envelopes.length;
    for (const row of envelopes) this.#strayEnvelope(row);
    const leaves = await this.#leaves.takeWhile(() => true);
    this.#findings.rows.leaves += leaves.length;
    for (const { logIndex } of leaves) {
      this.#findings.add('leaf', logIndex, 'log_index', 'lies beyond the last block');
    }
  }

  #head(head: Awaited<ReturnType<AuditReader['readHead']>>): void {
    const findings = this.#findings;
    if (!head) {
      findings.add('head', 'true', null, 'is missing');
      return;
    }
    if (this.complete && head.height > this.height) {
      findings.add('block', this.height + 1, null, `is missing; the head names ${head.height}`);
    }
    const last = this.#last;
    const begun = {
      ...this.#options.replay.machine.info(),
      headerHash: genesisHash(this.#options.genesis),
    };
    const wanted = last ?? { ...begun, height: 0 };
    findings.compare('head', 'true', 'height', head.height, wanted.height);
    findings.compare('head', 'true', 'time_ms', head.timeMs, wanted.timeMs);
    findings.compare('head', 'true', 'app_hash', head.appHash, wanted.appHash);
    findings.compare('head', 'true', 'header_hash', head.headerHash, wanted.headerHash);
    findings.compare('head', 'true', 'log_size', head.logSize, wanted.logSize);
  }
}
