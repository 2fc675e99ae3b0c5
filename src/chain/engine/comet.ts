/**
 * The engine of several organisations (M-115): CometBFT orders, this node's application executes. An
 * envelope is acknowledged when this node has its block on disk, and then 2/3 have decided it.
 */
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import {
  refuse,
  successWith,
  type Outcome,
  type Refusal,
  type ResultCode,
} from '../../base/result.ts';
import type { RecordKind } from '../../base/room.ts';
import type { Static, TObject } from '../../base/schema.ts';
import type { Application } from '../abci/application.ts';
import { txResults } from '../tx/results.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommitProof } from '../light/commit-proof.ts';
import type { SignedHandOver } from '../light/hand-over.ts';
import { ClaimReader } from './claim-reader.ts';
import { fetchLightBlock } from './light-blocks.ts';
import { CometProgress } from './comet-progress.ts';
import { CometRpcError, type CometRpc } from './comet-rpc.ts';
import type {
  Checkpoint,
  ClockStatus,
  ConsistencyProof,
  Engine,
  EngineNeed,
  EngineStatus,
  InclusionProof,
  Receipt,
  StateClaims,
} from './engine.ts';
import type { StateSource } from './ports.ts';
import { engineResults } from './results.ts';
import { nodeSha256Hex } from './sha256.ts';
import { consistencyProofOf, inclusionProofOf, subtreeHashOf } from './proofs.ts';

export interface CometEngineOptions {
  readonly application: Application;
  /** Of values, for proofs; on connections that blocks do not need. */
  readonly claimSource?: StateSource;
  readonly rpc: CometRpc;
  /** First height that CometBFT ordered, and how that was handed over to it. */
  readonly initialHeight: number;
  readonly handOver: SignedHandOver | null;
  /** The largest that CometBFT takes, by its own limits. */
  readonly envelopeBytesMax: number;
  /** What is wrong with these limits; null where they let through what genesis allows. */
  readonly limitTrouble: string | null;
  /** Milliseconds without a block after which the network is not making any. */
  readonly silenceMsMax: number;
  /** The same where too few votes are heard. */
  readonly unheardMsMax: number;
  readonly pendingMax: number;
  readonly pendingPerKeyMax: number;
  /** How long a submission waits for its block; 30 s is many rounds. */
  readonly submitTimeoutMs: number;
}

/** How long a proof waits for the block after the newest. */
const nextBlockMs = 15_000;

/** Between two attempts to give an envelope to a CometBFT that catches up. */
const againMs = 250;

const isCatchingUp = (error: Error): boolean =>
  error instanceof CometRpcError && /catching up/.test(error.message);

const noCommit = (height: number, isDecided: boolean, cause: Error): OperationalError =>
  new OperationalError(
    'COMMIT_MISSING',
    `CometBFT has no block ${height + 1}, whose commit seals block ${height}. ` +
      (isDecided
        ? 'Blocks from before its snapshot or beyond its pruning it does not have: ask another node.'
        : 'The network makes no blocks just now: ask again when it does.'),
    { cause },
  );

/** Of what an envelope rests on, a later block may hold what is lacking. */
const mayBeCured: ReadonlySet<ResultCode> = new Set([
  txResults.KEY_UNKNOWN,
  txResults.KEY_NOT_ACTIVE,
  txResults.SEQUENCE_TOO_FAR,
  txResults.ENVELOPE_EXPIRY_TOO_FAR,
]);

interface CometStatus {
  readonly sync_info: { readonly catching_up: boolean };
}

interface Pending {
  readonly id: Hex;
  readonly keyId: Hex;
  readonly promise: Promise<Outcome<Receipt>>;
  readonly settle: (outcome: Outcome<Receipt>) => void;
  readonly fail: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class CometEngine implements Engine {
  readonly #options: CometEngineOptions;
  readonly #claims: ClaimReader;
  readonly #pending = new Map<Hex, Pending>();
  readonly #pendingByKey = new Map<Hex, number>();
  readonly #listeners = new Set<(height: number) => void>();
  readonly #unsubscribe: readonly (() => void)[];
  readonly needs: readonly EngineNeed[];
  #stopping = false;
  /** The last one asked for: proofs of one moment are under one header. */
  #commit: { readonly height: number; readonly proof: Promise<CommitProof> } | null = null;

  constructor(options: CometEngineOptions) {
    this.#options = options;
    const { application } = options;
    this.#claims = new ClaimReader(() => application.machine, options.claimSource ?? null);
    const progress = new CometProgress(options);
    this.needs = [
      { name: 'quorum', check: () => progress.findTrouble() },
      { name: 'comet-limits', check: () => options.limitTrouble },
    ];
    this.#unsubscribe = [
      application.onCommitted(() => progress.advance()),
      application.onCommitted(({ checkpoint, receipts }) => {
        for (const receipt of receipts) this.#settle(receipt.envelopeId, successWith(receipt));
        for (const listener of this.#listeners) listener(checkpoint.header.height);
      }),
      application.onDropped((id, refusal) => this.#settle(id, refusal)),
    ];
  }

  /**
   * Throws OperationalError COMET_DOWN where CometBFT is not there, ENGINE_TIMEOUT where no block
   * came: the envelope may still be applied then, once.
   */
  async submit(bytes: Uint8Array): Promise<Outcome<Receipt>> {
    const { application } = this.#options;
    const known = nodeSha256Hex(bytes);
    const early = this.#answerOf(known);
    if (early) return early;
    const checked = await application.admit(bytes);
    // Where state had to be read first, the engine may have gone on.
    const late = this.#answerOf(known);
    if (late) return late;
    if (!checked.ok) return this.#judgedAhead(checked);
    const tooLarge = this.#checkSize(bytes.length);
    if (tooLarge) return tooLarge;
    const { id, keyId } = checked.value.envelope;
    const full = this.#checkRoom(keyId);
    if (full) return full;
    const entry = this.#enqueue(id, keyId);
    this.#broadcast(entry, bytes).catch((error: unknown) => this.#notSent(entry, error as Error));
    return entry.promise;
  }

  async #broadcast(entry: Pending, bytes: Uint8Array): Promise<void> {
    const { rpc, submitTimeoutMs } = this.#options;
    for (const untilMs = Date.now() + submitTimeoutMs / 2; ; await delay(againMs)) {
      try {
        const { code, log } = await rpc.broadcast(bytes);
        if (code !== 0) await this.#notQueued(entry, bytes, log);
        return;
      } catch (error) {
        // CometBFT v0.39 takes none for some seconds after its start; v0.38 does, and they wait there.
        if (!isCatchingUp(error as Error) || Date.now() > untilMs) throw error;
        if (this.#pending.get(entry.id) !== entry) return;
      }
    }
  }

  status(): EngineStatus {
    const { application } = this.#options;
    const { height, timeMs, appHash, logSize } = application.head;
    const { chainId } = application.machine.genesis;
    return { chainId, height, timeMs, appHash, logSize, pending: this.#pending.size };
  }

  /** Its signature is the seal of CometBFT's block (chain/abci/seal.ts), not a block signer's. */
  checkpoint(): Checkpoint | null {
    return this.#options.application.checkpoint;
  }

  clock(): ClockStatus {
    return this.#options.application.clock;
  }

  proveInclusion(logIndex: number, logSize?: number): InclusionProof | null {
    const { application } = this.#options;
    return inclusionProofOf(application.machine, application.head.logSize, logIndex, logSize);
  }

  subtreeHash(height: number, index: number): Uint8Array | null {
    const { application } = this.#options;
    return subtreeHashOf(application.machine, application.head.logSize, height, index);
  }

  proveConsistency(first: number, second?: number): ConsistencyProof | null {
    const { application } = this.#options;
    return consistencyProofOf(application.machine, application.head.logSize, first, second);
  }

  async proveState(keys: readonly string[]): Promise<StateClaims | null> {
    return this.#claims.claims(() => this.#options.application.checkpoint, keys);
  }

  /** Throws OperationalError COMET_DOWN, or COMMIT_MISSING where CometBFT has no such block. */
  async proveCommit(height: number): Promise<CommitProof | null> {
    const { application, initialHeight } = this.#options;
    if (height < initialHeight || height > application.head.height) return null;
    if (this.#commit?.height !== height) {
      const proof = this.#fetchCommit(height);
      this.#commit = { height, proof };
      proof.catch(() => {
        if (this.#commit?.proof === proof) this.#commit = null;
      });
    }
    return this.#commit.proof;
  }

  async #fetchCommit(height: number): Promise<CommitProof> {
    const { application, rpc, handOver } = this.#options;
    for (const untilMs = Date.now() + nextBlockMs; ;) {
      // CometBFT keeps a block before the application commits it.
      const isDecided = application.head.height > height;
      try {
        return { lightBlocks: [await fetchLightBlock(rpc, height + 1)], handOver };
      } catch (error) {
        if (!(error instanceof CometRpcError)) throw error;
        if (isDecided || Date.now() > untilMs) throw noCommit(height, isDecided, error);
        await delay(100);
      }
    }
  }

  async nextSequence(keyId: Hex): Promise<number> {
    return this.#options.application.read((machine) => machine.nextSequence(keyId));
  }

  async readRecord<Schema extends TObject>(
    kind: RecordKind<Schema>,
    id: string,
  ): Promise<Static<Schema> | null> {
    return this.#options.application.read((machine) => machine.readRecord(kind, id));
  }

  onBlock(listener: (height: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async findTrouble(): Promise<string | null> {
    try {
      const { sync_info: sync } = await this.#options.rpc.call<CometStatus>('status');
      return sync.catching_up ? 'CometBFT is catching up with the network.' : null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Waits for the envelopes in hand, each for its own time at most. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled([...this.#pending.values()].map(({ promise }) => promise));
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#options.rpc.close();
    this.#options.application.close();
  }

  /** What is to be said of an envelope whatever is in it; null where it must be looked at. */
  #answerOf(id: Hex): Promise<Outcome<Receipt>> | null {
    this.#options.application.checkAlive();
    if (this.#stopping) {
      return Promise.resolve(refuse(engineResults.ENGINE_STOPPING, 'Stopping.'));
    }
    return this.#pending.get(id)?.promise ?? null;
  }

  /** A refusal that a block may cure which the others have: not of a node that is behind them. */
  async #judgedAhead(refusal: Refusal): Promise<Refusal> {
    if (!mayBeCured.has(refusal.result)) return refusal;
    const trouble = await this.findTrouble();
    if (trouble === null) return refusal;
    const { height } = this.#options.application.head;
    const known = `This node has blocks up to ${height}, by which it would be ${refusal.result.name}.`;
    return refuse(engineResults.ENGINE_BEHIND, `${known} ${trouble}`);
  }

  #checkSize(bytes: number): Refusal | null {
    const { envelopeBytesMax } = this.#options;
    if (bytes <= envelopeBytesMax) return null;
    const detail = `It has ${bytes} bytes; ${envelopeBytesMax} get through CometBFT's limits.`;
    return refuse(engineResults.ENGINE_ENVELOPE_LIMIT, detail);
  }

  #checkRoom(keyId: Hex): Refusal | null {
    const { pendingMax, pendingPerKeyMax } = this.#options;
    if (this.#pending.size >= pendingMax) {
      return refuse(
        engineResults.ENGINE_BUSY,
        `${pendingMax} envelopes (pendingMax) wait for a block.`,
      );
    }
    const ofKey = this.#pendingByKey.get(keyId) ?? 0;
    if (ofKey < pendingPerKeyMax) return null;
    return refuse(
      txResults.ENVELOPE_PENDING_LIMIT,
      `${ofKey} of key ${keyId}; ${pendingPerKeyMax} (pendingPerKeyMax) may wait.`,
    );
  }

  #enqueue(id: Hex, keyId: Hex): Pending {
    const { submitTimeoutMs } = this.#options;
    let settle: Pending['settle'] = () => undefined;
    let fail: Pending['fail'] = () => undefined;
    const promise = new Promise<Outcome<Receipt>>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    const timer = setTimeout(() => {
      const problem = `No block took the envelope ${id} in ${submitTimeoutMs} ms.`;
      const remedy = 'It may still come: ask for its receipt, or send the same bytes again.';
      this.#fail(entry, new OperationalError('ENGINE_TIMEOUT', `${problem} ${remedy}`));
    }, submitTimeoutMs);
    const entry = { id, keyId, promise, settle, fail, timer };
    this.#pending.set(id, entry);
    this.#pendingByKey.set(keyId, (this.#pendingByKey.get(keyId) ?? 0) + 1);
    return entry;
  }

  /** CheckTx refused what was in order a moment ago: a block came in between. */
  async #notQueued(entry: Pending, bytes: Uint8Array, log: string): Promise<void> {
    const outcome = await this.#options.application.admit(bytes);
    if (this.#pending.get(entry.id) !== entry) return;
    if (!outcome.ok) this.#settle(entry.id, outcome);
    else this.#fail(entry, new OperationalError('COMET_REFUSED', `CometBFT refused it: ${log}`));
  }

  #notSent(entry: Pending, error: Error): void {
    if (this.#pending.get(entry.id) !== entry) return;
    if (!(error instanceof CometRpcError)) {
      this.#fail(entry, error);
    } else if (/mempool is full/.test(error.message)) {
      this.#settle(entry.id, refuse(engineResults.ENGINE_BUSY, 'The mempool of CometBFT is full.'));
    } else if (isCatchingUp(error)) {
      this.#settle(entry.id, refuse(engineResults.ENGINE_BEHIND, 'CometBFT is catching up.'));
    } else if (/tx too large|body too large/i.test(error.message)) {
      // Other limits than the home's: somebody else's CometBFT, or one started before they changed.
      this.#settle(entry.id, refuse(engineResults.ENGINE_ENVELOPE_LIMIT, error.message));
    } else if (!/already exists in cache/.test(error.message)) {
      const problem = `CometBFT refused it: ${error.message}`;
      this.#fail(entry, new OperationalError('COMET_REFUSED', problem, { cause: error }));
    }
  }

  #settle(id: Hex, outcome: Outcome<Receipt>): void {
    const entry = this.#forget(id);
    entry?.settle(outcome);
  }

  #fail(entry: Pending, error: Error): void {
    this.#forget(entry.id)?.fail(error);
  }

  #forget(id: Hex): Pending | null {
    const entry = this.#pending.get(id);
    if (!entry) return null;
    clearTimeout(entry.timer);
    this.#pending.delete(id);
    const left = (this.#pendingByKey.get(entry.keyId) ?? 1) - 1;
    if (left === 0) this.#pendingByKey.delete(entry.keyId);
    else this.#pendingByKey.set(entry.keyId, left);
    return entry;
  }
}
