/**
 * The embedded engine: a single-node sequencer in the process of the API. Tamper-evident (every
 * block is chained, committed to and signed), not Byzantine-tolerant: its operator orders alone.
 */
import { assert } from '../../base/assert.ts';
import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { refuse, successWith, type Outcome } from '../../base/result.ts';
import { sha256Hex } from '../../base/hash.ts';
import { encodeHeader, headerHash, headerSignatureInput, type Header } from '../machine/header.ts';
import type { AdmittedEnvelope } from '../machine/admission.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import type { Machine } from '../machine/machine.ts';
import type { SigningKey } from '../tx/signing-key.ts';
import { txResults } from '../tx/results.ts';
import type {
  Checkpoint,
  ConsistencyProof,
  Engine,
  EngineStatus,
  InclusionProof,
  Receipt,
  StateClaims,
} from './engine.ts';
import type { BlockStore, CommittedBlock, StateSource } from './ports.ts';
import { StateLoader } from './state-loader.ts';
import { engineResults } from './results.ts';
import { consistencyProofOf, inclusionProofOf, stateClaimsOf } from './proofs.ts';

export interface EmbeddedEngineOptions {
  readonly machine: Machine;
  readonly store: BlockStore;
  /** Where the values are that a machine on a CachedState lacks; of no use to another. */
  readonly source?: StateSource;
  readonly blockSigner: SigningKey;
  /** The newest block's header and signature, null on a new chain. */
  readonly checkpoint: Checkpoint | null;
  /** Milliseconds since the epoch; the block's time is never below the one before. */
  readonly clock: () => number;
  /** Longest time an envelope waits for company. */
  readonly blockIntervalMs: number;
  readonly pendingMax: number;
  readonly pendingPerKeyMax: number;
  /** The store failed: the engine has stopped and the process should end. */
  readonly onFailure: (error: OperationalError) => void;
}

interface Pending {
  readonly id: Hex;
  readonly bytes: Uint8Array;
  readonly keyId: Hex;
  readonly promise: Promise<Outcome<Receipt>>;
  readonly settle: (outcome: Outcome<Receipt>) => void;
  readonly fail: (error: Error) => void;
}

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  readonly #state: StateLoader;
  readonly #pending = new Map<Hex, Pending>();
  readonly #pendingByKey = new Map<Hex, number>();
  readonly #listeners = new Set<(height: number) => void>();
  #checkpoint: Checkpoint | null;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = Infinity;
  #making: Promise<void> | null = null;
  #stopping = false;
  #stopped: Promise<void> | null = null;
  #failure: OperationalError | null = null;

  constructor(options: EmbeddedEngineOptions) {
    assert(
      options.blockSigner.publicKey === options.machine.genesis.blockSigner,
      'the block signer is the one that genesis names',
    );
    this.#options = options;
    this.#state = new StateLoader(options.machine, options.source ?? null);
    this.#checkpoint = options.checkpoint;
    this.#wakeForDeadline();
  }

  async submit(bytes: Uint8Array): Promise<Outcome<Receipt>> {
    const known = sha256Hex(bytes);
    const early = this.#answerOf(known);
    if (early) return early;
    const { machine } = this.#options;
    const checked = this.#state.tryNow(() => machine.checkTx(bytes)) ?? (await this.#check(bytes));
    // Where state had to be read first, the engine may have gone on.
    const late = this.#answerOf(known);
    if (late) return late;
    if (!checked.ok) return checked;
    const { id, keyId } = checked.value.envelope;
    const full = this.#checkRoom(keyId);
    if (full) return full;
    return this.#enqueue(id, keyId, bytes).promise;
  }

  status(): EngineStatus {
    const { height, timeMs, appHash, logSize } = this.#options.machine.info();
    const { chainId } = this.#options.machine.genesis;
    return { chainId, height, timeMs, appHash, logSize, pending: this.#pending.size };
  }

  checkpoint(): Checkpoint | null {
    return this.#checkpoint;
  }

  proveInclusion(logIndex: number, logSize?: number): InclusionProof | null {
    const committed = this.#checkpoint?.header.logSize ?? 0;
    return inclusionProofOf(this.#options.machine, committed, logIndex, logSize);
  }

  proveConsistency(first: number, second?: number): ConsistencyProof | null {
    const committed = this.#checkpoint?.header.logSize ?? 0;
    return consistencyProofOf(this.#options.machine, committed, first, second);
  }

  async proveState(keys: readonly string[]): Promise<StateClaims | null> {
    const { machine } = this.#options;
    const proved = await this.#state.run(() =>
      this.#checkpoint ? stateClaimsOf(machine, this.#checkpoint, keys) : null,
    );
    if (!this.#making) machine.trimState();
    return proved;
  }

  async nextSequence(keyId: Hex): Promise<number> {
    return this.#state.run(() => this.#options.machine.nextSequence(keyId));
  }

  onBlock(listener: (height: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#drain());
  }

  async #drain(): Promise<void> {
    this.#stopping = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#making;
    while (this.#pending.size > 0 && !this.#failure) await this.#makeBlock();
  }

  /** What is to be said of an envelope whatever is in it; null where it must be looked at. */
  #answerOf(id: Hex): Promise<Outcome<Receipt>> | null {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#stopping) {
      return Promise.resolve(refuse(engineResults.ENGINE_STOPPING, 'Stopping.'));
    }
    return this.#pending.get(id)?.promise ?? null;
  }

  async #check(bytes: Uint8Array): Promise<Outcome<AdmittedEnvelope>> {
    const { machine } = this.#options;
    const checked = await this.#state.run(() => machine.checkTx(bytes));
    if (!this.#making) machine.trimState();
    return checked;
  }

  #checkRoom(keyId: Hex): ReturnType<typeof refuse> | null {
    const { pendingMax, pendingPerKeyMax } = this.#options;
    if (this.#pending.size >= pendingMax) {
      return refuse(engineResults.ENGINE_BUSY, `${pendingMax} envelopes wait for a block.`);
    }
    const ofKey = this.#pendingByKey.get(keyId) ?? 0;
    if (ofKey < pendingPerKeyMax) return null;
    return refuse(
      txResults.ENVELOPE_PENDING_LIMIT,
      `${ofKey} of key ${keyId}; ${pendingPerKeyMax} may wait.`,
    );
  }

  #enqueue(id: Hex, keyId: Hex, bytes: Uint8Array): Pending {
    let settle: Pending['settle'] = () => undefined;
    let fail: Pending['fail'] = () => undefined;
    const promise = new Promise<Outcome<Receipt>>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    const entry = { id, keyId, bytes, promise, settle, fail };
    this.#pending.set(id, entry);
    this.#pendingByKey.set(keyId, (this.#pendingByKey.get(keyId) ?? 0) + 1);
    const full = this.#pending.size >= this.#options.machine.genesis.parameters.blockEnvelopesMax;
    this.#wakeAt(full ? 0 : this.#options.clock() + this.#options.blockIntervalMs);
    return entry;
  }

  #forget(entry: Pending): void {
    this.#pending.delete(entry.id);
    const left = (this.#pendingByKey.get(entry.keyId) ?? 1) - 1;
    if (left === 0) this.#pendingByKey.delete(entry.keyId);
    else this.#pendingByKey.set(entry.keyId, left);
  }

  /** Makes a block at `atMs` at the latest; an earlier wake already set stays. */
  #wakeAt(atMs: number): void {
    if (this.#stopping || this.#making || atMs >= this.#timerAtMs) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    const waitMs = Math.min(Math.max(atMs - this.#options.clock(), 0), timerMaxMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#timerAtMs = Infinity;
      this.#making = this.#makeBlock().finally(() => {
        this.#making = null;
        if (this.#pending.size > 0) this.#wakeAt(this.#options.clock());
        this.#wakeForDeadline();
      });
    }, waitMs);
  }

  #wakeForDeadline(): void {
    const next = this.#options.machine.nextDeadlineMs;
    if (next !== null) this.#wakeAt(next);
  }

  async #makeBlock(): Promise<void> {
    const { machine, store, clock } = this.#options;
    const timeMs = Math.max(clock(), machine.info().timeMs);
    const deadlineDue = machine.nextDeadlineMs !== null && machine.nextDeadlineMs <= timeMs;
    if (this.#failure || (this.#pending.size === 0 && !deadlineDue)) return;
    const { accepted, refused } = await this.#state.run(() =>
      machine.prepareProposal([...this.#pending.values()].map(({ bytes }) => bytes)),
    );
    for (const { bytes, refusal } of refused) this.#settle(sha256Hex(bytes), refusal);
    if (accepted.length === 0 && !deadlineDue) return;
    const height = machine.info().height + 1;
    const block = await this.#state.run(() =>
      machine.finalizeBlock({ height, timeMs, envelopes: accepted }),
    );
    const { committed, checkpoint } = this.#seal(block);
    try {
      await store.commit(committed, block.changes);
    } catch (cause) {
      this.#fail(cause);
      return;
    }
    machine.commit();
    this.#checkpoint = checkpoint;
    for (const receipt of receiptsOf(block)) {
      this.#settle(receipt.envelopeId, successWith(receipt));
    }
    for (const listener of this.#listeners) listener(block.height);
  }

  #settle(id: Hex, outcome: Outcome<Receipt>): void {
    const entry = this.#pending.get(id);
    if (!entry) return;
    this.#forget(entry);
    entry.settle(outcome);
  }

  /** What is on disk is unknown now: nothing more is acknowledged, a restart finds out. */
  #fail(cause: unknown): void {
    this.#failure = new OperationalError(
      'ENGINE_STORE_FAILED',
      'The block could not be written; the node stops and goes on from the disk when restarted.',
      { cause },
    );
    for (const entry of [...this.#pending.values()]) {
      this.#forget(entry);
      entry.fail(this.#failure);
    }
    this.#options.onFailure(this.#failure);
  }

  #seal(block: FinalizedBlock): { committed: CommittedBlock; checkpoint: Checkpoint } {
    const { machine, blockSigner } = this.#options;
    const previous = this.#checkpoint ? headerHash(this.#checkpoint.headerBytes) : null;
    const header: Header = {
      version: 1,
      chainId: machine.genesis.chainId,
      genesisHash: machine.genesisHash,
      height: block.height,
      timeMs: block.timeMs,
      previousHash: previous ?? machine.genesisHash,
      envelopesRoot: block.envelopesRoot,
      logRoot: block.logRoot,
      logSize: block.logSize,
      stateRoot: block.stateRoot,
      zkRoot: block.zkRoot,
      parametersHash: block.parametersHash,
      appHash: block.appHash,
      signer: blockSigner.publicKey,
    };
    const headerBytes = encodeHeader(header);
    const signature = blockSigner.sign(headerSignatureInput(headerBytes));
    const receipts = receiptsOf(block);
    const committed: CommittedBlock = {
      height: block.height,
      timeMs: block.timeMs,
      appHash: block.appHash,
      headerHash: headerHash(headerBytes),
      header: headerBytes,
      signature,
      logSize: block.logSize,
      envelopes: block.results.map(({ id, bytes, failedOperation, logIndex }, position) => ({
        id,
        position,
        bytes,
        resultCode: receipts[position]?.resultCode ?? 0,
        failedOperation,
        detail: receipts[position]?.detail ?? '',
        logIndex,
      })),
      leaves: block.leaves,
    };
    return { committed, checkpoint: { header, headerBytes, signature } };
  }
}

/** setTimeout's longest; an earlier wake than needed makes no block. */
const timerMaxMs = 2 ** 31 - 1;

function receiptsOf(block: FinalizedBlock): Receipt[] {
  return block.results.map(({ id, outcome, failedOperation, logIndex }, position) => ({
    envelopeId: id,
    height: block.height,
    position,
    timeMs: block.timeMs,
    resultCode: outcome.ok ? 0 : outcome.result.code,
    failedOperation,
    detail: outcome.ok ? '' : outcome.detail,
    logIndex,
    appHash: block.appHash,
  }));
}
