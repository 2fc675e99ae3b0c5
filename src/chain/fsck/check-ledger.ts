/**
 * The audit of a whole ledger: everything that is stored is derived anew from genesis and the
 * envelopes, and compared row by row. Streams over the blocks; memory is that of a machine.
 */
import { toHex, type Hex } from '../../base/bytes.ts';
import { leafHash, MerkleLog } from '../../base/merkle.ts';
import type {
  AuditReader,
  BlockRow,
  CommittedLeaf,
  EnvelopeRow,
  LeafRow,
} from '../engine/ports.ts';
import { encodeGenesis, genesisHash, parametersHash, type Genesis } from '../machine/genesis.ts';
import { headerHash, type Header } from '../machine/header.ts';
import { Machine } from '../machine/machine.ts';
import type { MachineParts } from '../machine/parts.ts';
import { checkEnvelopes } from './check-envelopes.ts';
import { checkGenesis, checkHeader, type ChainFacts } from './check-header.ts';
import { checkLeaves } from './check-leaves.ts';
import { ProjectionCheck } from './check-projection.ts';
import { checkState } from './check-state.ts';
import { Replay } from './replay.ts';
import { Findings, type FsckReport } from './report.ts';
import { Rows } from './rows.ts';

export interface AuditOptions {
  readonly reader: AuditReader;
  /** Of the auditor's own file, not of the database. */
  readonly genesis: Genesis;
  readonly parts: MachineParts;
  /** What must hold over the whole state at the end: names of what does not. */
  readonly invariants: (machine: Machine) => readonly string[];
  /** Told the height checked and the height of the head, after each block. */
  readonly onProgress?: (height: number, of: number) => void;
}

/** Never throws for what is stored; throws OperationalError where the reader cannot read. */
export async function checkLedger(options: AuditOptions): Promise<FsckReport> {
  const { reader, genesis, parts, invariants } = options;
  const findings = new Findings();
  checkGenesis(await reader.readGenesis(), encodeGenesis(genesis), findings);
  const replay = new Replay(new Machine(genesis, parts));
  const cursor = await reader.readCursor();
  const projection = new ProjectionCheck(reader, cursor?.logIndex ?? 0, parts.registry, findings);
  const walk = new Walk(options, replay, projection, findings);
  await walk.blocks();
  if (walk.complete) {
    checkCursor(cursor, walk, findings);
    await projection.finish();
  }
  if (walk.complete && replay.going) {
    await checkState(reader.state(), replay, findings);
    for (const broken of invariants(replay.machine)) findings.add('state', broken, null, 'broken');
  }
  return {
    sound: findings.count === 0,
    height: walk.height,
    replayed: replay.machine.info().height,
    ...findings.rows,
    findings: findings.list,
    findingCount: findings.count,
  };
}

function checkCursor(
  cursor: Awaited<ReturnType<AuditReader['readCursor']>>,
  walk: Walk,
  findings: Findings,
): void {
  if (!cursor) findings.add('projection_cursor', 'true', null, 'is missing');
  else if (walk.logSizeAt(cursor.height) !== cursor.logIndex) {
    const problem = `leaf ${cursor.logIndex} is not where block ${cursor.height} ends`;
    findings.add('projection_cursor', 'true', 'log_index', problem);
  }
}

/** One pass over blocks, envelopes, leaves and events, in step. */
class Walk {
  height = 0;
  /** False where a block is missing: what follows it is not judged. */
  complete = true;
  readonly #options: AuditOptions;
  readonly #chain: ChainFacts;
  readonly #replay: Replay;
  readonly #projection: ProjectionCheck;
  readonly #findings: Findings;
  readonly #envelopes: Rows<EnvelopeRow>;
  readonly #leaves: Rows<LeafRow>;
  readonly #log = new MerkleLog();
  readonly #logSizes: number[] = [0];
  #logFollows = true;
  #previous: readonly Hex[];
  #last: BlockRow | null = null;

  constructor(
    options: AuditOptions,
    replay: Replay,
    projection: ProjectionCheck,
    findings: Findings,
  ) {
    const { reader, genesis } = options;
    this.#options = options;
    this.#replay = replay;
    this.#projection = projection;
    this.#findings = findings;
    this.#envelopes = new Rows(reader.envelopes());
    this.#leaves = new Rows(reader.leaves());
    this.#chain = {
      chainId: genesis.chainId,
      genesisHash: genesisHash(genesis),
      parametersHash: parametersHash(genesis),
      signer: genesis.blockSigner,
    };
    this.#previous = [this.#chain.genesisHash];
  }

  logSizeAt(height: number): number | undefined {
    return this.#logSizes[height];
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
      this.#options.onProgress?.(row.height, head?.height ?? row.height);
    }
    if (this.complete) await this.#strays();
    this.#head(head);
  }

  async #block(row: BlockRow): Promise<void> {
    const { height } = row;
    const findings = this.#findings;
    const header = checkHeader(row, this.#chain, this.#previous, findings);
    this.#previous = [headerHash(row.header), row.headerHash];
    const envelopes = await this.#envelopesOf(height);
    const block = this.#replay.run(
      height,
      envelopes.map(({ bytes }) => bytes),
      header ?? { timeMs: row.timeMs, appHash: row.appHash },
      findings,
    );
    const first = this.#log.size;
    const end = block?.logSize ?? header?.logSize ?? row.logSize;
    const stored = await this.#leaves.takeWhile(({ logIndex }) => logIndex < end);
    findings.rows.leaves += stored.length;
    const leaves = checkLeaves(height, first, stored, block?.leaves ?? null, findings);
    checkEnvelopes(height, envelopes, leaves, block?.results ?? null, findings);
    this.#append(height, leaves, block ? null : header);
    this.#logSizes.push(this.#log.size);
    await this.#projection.see(leaves);
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

  /** @param header where the leaves are as stored, and only hashes can tell. */
  #append(height: number, leaves: readonly CommittedLeaf[], header: Header | null): void {
    for (const { bytes } of leaves) this.#log.append(leafHash(bytes));
    if (!header || !this.#logFollows) return;
    if (this.#log.size === header.logSize && toHex(this.#log.root()) === header.logRoot) return;
    this.#logFollows = false;
    this.#findings.add('leaf', `of block ${height}`, null, 'do not hash to the header’s log root');
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
    const begun = { ...this.#replay.machine.info(), headerHash: this.#chain.genesisHash };
    const wanted = last ?? { ...begun, height: 0 };
    findings.compare('head', 'true', 'height', head.height, wanted.height);
    findings.compare('head', 'true', 'time_ms', head.timeMs, wanted.timeMs);
    findings.compare('head', 'true', 'app_hash', head.appHash, wanted.appHash);
    findings.compare('head', 'true', 'header_hash', head.headerHash, wanted.headerHash);
    findings.compare('head', 'true', 'log_size', head.logSize, wanted.logSize);
  }
}
