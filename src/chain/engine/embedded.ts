/**
 * The embedded engine (M-80 to M-89): a single-node sequencer in the process of the API. Tamper-evident (every
 * block is chained, committed to and signed), not Byzantine-tolerant: its operator orders alone.
 */
import { assert } from '../../base/assert.ts';
import type { Hex } from '../../base/bytes.ts';
import type { OperationalError } from '../../base/operational-error.ts';
import { refuse, successWith, type Outcome } from '../../base/result.ts';
import type { RecordKind } from '../../base/room.ts';
import type { Static, TObject } from '../../base/schema.ts';
import type { Machine } from '../machine/machine.ts';
import type { Proposal } from '../machine/proposal.ts';
import type { SigningKey } from '../tx/signing-key.ts';
import { mayStandAlready } from '../tx/fate.ts';
import { txResults } from '../tx/results.ts';
import { ClaimReader } from './claim-reader.ts';
import { ClockWatch, type ClockOptions } from './clock-watch.ts';
import type {
  Checkpoint,
  ClockStatus,
  ConsistencyProof,
  Engine,
  EngineStatus,
  InclusionProof,
  Receipt,
  StateClaims,
} from './engine.ts';
import type { BlockStore, StateSource } from './ports.ts';
import { StateLoader } from './state-loader.ts';
import { storeFailure } from './store-failure.ts';
import { receiptsOf } from './receipts.ts';
import { engineResults } from './results.ts';
import { Pending, PendingEnvelopes } from './pending.ts';
import { consistencyProofOf, inclusionProofOf, subtreeHashOf } from './proofs.ts';
import { nodeSha256Hex } from './sha256.ts';
import { signBlock } from './signed-block.ts';
import { isVersionUnknown } from './version-unknown.ts';
import { VerifyPool } from './verify-pool.ts';

export interface EmbeddedEngineOptions extends ClockOptions {
  readonly machine: Machine;
  readonly store: BlockStore;
  /** Where the values are that a machine on a CachedState lacks; of no use to another. */
  readonly source?: StateSource;
  /** The same for proofs, on connections that blocks do not need. */
  readonly claimSource?: StateSource;
  readonly blockSigner: SigningKey;
  /** The newest block's header and signature, null on a new chain. */
  readonly checkpoint: Checkpoint | null;
  /** Longest time an envelope waits for company. */
  readonly blockIntervalMs: number;
  readonly pendingMax: number;
  readonly pendingPerKeyMax: number;
  /** Threads that verify signatures when many come at once; one less than cores unless given. */
  readonly verifyThreads?: number;
  /** The store failed: the engine has stopped and the process should end. */
  readonly onFailure: (error: OperationalError) => void;
}

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  readonly #state: StateLoader;
  readonly #claims: ClaimReader;
  readonly #clock: ClockWatch;
  readonly #pending = new PendingEnvelopes();
  /** How many submissions are not in the queue yet, and who waits until there are none. */
  #admitting = 0;
  #whenAdmitted: (() => void) | null = null;
  readonly #listeners = new Set<(height: number) => void>();
  readonly #pool: VerifyPool;
  /** Of the newest block that is on disk. */
  #checkpoint: Checkpoint | null;
  /** Of the newest block, which is on disk when `#writing` resolves. */
  #sealed: Checkpoint | null;
  /** The block that is being written, one at most. It never rejects: `#failure` says that it failed. */
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** By `performance.now`, as wakes are not to depend on what the clock says. */
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
    this.#claims = new ClaimReader(() => options.machine, options.claimSource ?? null);
    this.#pool = new VerifyPool(options.verifyThreads);
    this.#checkpoint = options.checkpoint;
    this.#sealed = options.checkpoint;
    this.#clock = this.#watchClock();
    this.#wakeForDeadline();
  }

  #watchClock(): ClockWatch {
    const { machine, onClock } = this.#options;
    return new ClockWatch(
      {
        ...this.#options,
        onClock: (hold) => {
          onClock?.(hold);
          if (hold === null) this.#wakeForDeadline();
        },
      },
      {
        zone: machine.genesis.rules.calendar,
        newestMs: () => machine.head.timeMs,
        consequence: () => 'No block is made',
      },
    );
  }

  async submit(bytes: Uint8Array): Promise<Outcome<Receipt>> {
    const id = nodeSha256Hex(bytes);
    const early = this.#answerOf(id);
    if (early) return early;
    this.#admitting += 1;
    const admitted = await this.#admit(id, bytes).finally(() => this.#leaveAdmission());
    if (admitted.ok) return admitted.value.promise;
    // A crash may still undo the block by which its number was used, or it expired.
    if (mayStandAlready(admitted)) await this.#whenWritten();
    return admitted;
  }

  status(): EngineStatus {
    const { height, timeMs, appHash, logSize } =
      this.#checkpoint?.header ?? this.#options.machine.info();
    const { chainId } = this.#options.machine.genesis;
    return { chainId, height, timeMs, appHash, logSize, pending: this.#pending.size };
  }

  checkpoint(): Checkpoint | null {
    return this.#checkpoint;
  }

  clock(): ClockStatus {
    return this.#clock.status;
  }

  proveInclusion(logIndex: number, logSize?: number): InclusionProof | null {
    return inclusionProofOf(this.#options.machine, this.#committed, logIndex, logSize);
  }

  subtreeHash(height: number, index: number): Uint8Array | null {
    return subtreeHashOf(this.#options.machine, this.#committed, height, index);
  }

  proveConsistency(first: number, second?: number): ConsistencyProof | null {
    return consistencyProofOf(this.#options.machine, this.#committed, first, second);
  }

  get #committed(): number {
    return this.#checkpoint?.header.logSize ?? 0;
  }

  async proveState(keys: readonly string[]): Promise<StateClaims | null> {
    const claims = await this.#claims.claims(() => this.#sealed, keys);
    await this.#whenWritten();
    return claims;
  }

  async nextSequence(keyId: Hex): Promise<number> {
    return this.#readNewest(() => this.#options.machine.nextSequence(keyId));
  }

  async readRecord<Schema extends TObject>(
    kind: RecordKind<Schema>,
    id: string,
  ): Promise<Static<Schema> | null> {
    return this.#readNewest(() => this.#options.machine.readRecord(kind, id));
  }

  async #readNewest<Value>(read: () => Value): Promise<Value> {
    const value = await this.#state.run(read);
    this.#trimState();
    await this.#whenWritten();
    return value;
  }

  onBlock(listener: (height: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async findTrouble(): Promise<string | null> {
    if (this.#failure) return this.#failure.message;
    return this.#stopping ? 'The node is stopping.' : null;
  }

  stop(): Promise<void> {
    return (this.#stopped ??= this.#drain());
  }

  async #drain(): Promise<void> {
    this.#stopping = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#admitting > 0) await new Promise<void>((all) => (this.#whenAdmitted = all));
    await this.#making;
    await this.#writing;
    while (this.#pending.size > 0 && !this.#failure) {
      await this.#make();
      await this.#writing;
    }
    this.#clock.stop();
    await this.#pool.close();
  }

  #leaveAdmission(): void {
    this.#trimState();
    this.#admitting -= 1;
    if (this.#admitting === 0) this.#whenAdmitted?.();
  }

  /** What is to be said of an envelope whatever is in it; null where it must be looked at. */
  #answerOf(id: Hex): Promise<Outcome<Receipt>> | null {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#stopping) {
      return Promise.resolve(refuse(engineResults.ENGINE_STOPPING, 'Stopping.'));
    }
    return this.#pending.find(id)?.promise ?? null;
  }

  /** Into the queue, or why not. */
  async #admit(id: Hex, bytes: Uint8Array): Promise<Outcome<Pending>> {
    const { machine } = this.#options;
    const found = this.#state.tryNow(() => machine.signatureOf(bytes, id));
    const check =
      found === undefined ? await this.#state.run(() => machine.signatureOf(bytes, id)) : found;
    if (check) {
      if (!(await this.#pool.verify(check))) return check.refusal;
      check.accept();
    }
    const checked =
      this.#state.tryNow(() => machine.checkTx(bytes, id)) ??
      (await this.#state.run(() => machine.checkTx(bytes, id)));
    // The engine may have gone on meanwhile.
    if (this.#failure) throw this.#failure;
    const waiting = this.#pending.find(id);
    if (waiting) return successWith(waiting);
    if (!checked.ok) return checked;
    const { hold } = this.#clock.status;
    if (hold !== null) return refuse(engineResults.ENGINE_CLOCK, hold);
    const { keyId, bytes: own } = checked.value.envelope;
    return this.#checkRoom(keyId) ?? successWith(this.#enqueue(id, keyId, own));
  }

  /** After reads that no block waits for: what they brought must not add up while none comes. */
  #trimState(): void {
    if (!this.#making) this.#options.machine.trimState();
  }

  #checkRoom(keyId: Hex): ReturnType<typeof refuse> | null {
    const { pendingMax, pendingPerKeyMax } = this.#options;
    if (this.#pending.size >= pendingMax) {
      return refuse(
        engineResults.ENGINE_BUSY,
        `${pendingMax} envelopes (pendingMax) wait for a block.`,
      );
    }
    const ofKey = this.#pending.countOf(keyId);
    if (ofKey < pendingPerKeyMax) return null;
    return refuse(
      txResults.ENVELOPE_PENDING_LIMIT,
      `${ofKey} of key ${keyId}; ${pendingPerKeyMax} (pendingPerKeyMax) may wait.`,
    );
  }

  #enqueue(id: Hex, keyId: Hex, bytes: Uint8Array): Pending {
    const entry = new Pending(id, keyId, bytes);
    this.#pending.add(entry);
    const full = this.#pending.queued >= this.#options.machine.genesis.parameters.blockEnvelopesMax;
    this.#wakeIn(full ? 0 : this.#options.blockIntervalMs);
    return entry;
  }

  /** Makes a block in `atMostMs` at the latest; an earlier wake already set stays. */
  #wakeIn(atMostMs: number): void {
    const waitMs = Math.min(Math.max(atMostMs, 0), timerMaxMs);
    const atMs = performance.now() + waitMs;
    if (this.#stopping || this.#failure || this.#making || atMs >= this.#timerAtMs) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#timerAtMs = Infinity;
      this.#making = this.#make().finally(() => {
        this.#making = null;
        if (this.#pending.queued > 0) this.#wakeIn(0);
        this.#wakeForDeadline();
      });
    }, waitMs);
  }

  #wakeForDeadline(): void {
    const next = this.#options.machine.nextDeadlineMs;
    // Held, it waits for the clock, which wakes it.
    if (next !== null && this.#clock.status.hold === null) {
      this.#wakeIn(next - this.#options.clock());
    }
  }

  /** No block is made by such a clock: who waits for one is told, and nothing of it stands anywhere. */
  #refuseQueued(hold: string): void {
    const refusal = refuse(engineResults.ENGINE_CLOCK, hold);
    for (const id of this.#pending.candidates().ids) this.#pending.settle(id, refusal);
  }

  /** Never rejects: `#failure` says that it failed, be it that the store did not give what was read. */
  async #make(): Promise<void> {
    try {
      await this.#makeBlock();
    } catch (cause) {
      if (isVersionUnknown(cause)) await this.#writing; // What is below it is as sound as any.
      this.#fail(this.#options.machine.head.height + 1, cause);
    }
  }

  async #makeBlock(): Promise<void> {
    const { machine, store } = this.#options;
    const { timeMs: nowMs, hold } = this.#clock.read();
    if (hold !== null) return this.#refuseQueued(hold);
    const timeMs = Math.max(nowMs, machine.head.timeMs);
    const deadlineDue = machine.nextDeadlineMs !== null && machine.nextDeadlineMs <= timeMs;
    if (this.#failure || (this.#pending.queued === 0 && !deadlineDue)) return;
    const candidates = this.#pending.candidates();
    const { accepted, ids, refused } = await this.#state.run(() =>
      machine.prepareProposal(candidates.envelopes, candidates.ids, blockBytesAim),
    );
    for (const { id } of refused) this.#pending.place(id);
    if (accepted.length === 0 && !deadlineDue) {
      await this.#writing;
      this.#pending.refuse(refused);
      return;
    }
    const height = machine.head.height + 1;
    const block = await this.#state.run(() =>
      machine.finalizeBlock({ height, timeMs, envelopes: accepted, ids }),
    );
    const receipts = receiptsOf(block);
    const { committed, checkpoint } = signBlock(this.#options, block, receipts, this.#sealed);
    // The next block is executed while this one is written. Nobody is told of it before that.
    machine.commit(false);
    this.#sealed = checkpoint;
    for (const { envelopeId } of receipts) this.#pending.place(envelopeId);
    await this.#writing;
    if (this.#hasFailed()) return;
    this.#writing = store.commit(committed, block.changes).then(
      () => this.#publish(checkpoint, receipts, refused),
      (cause: unknown) => this.#fail(height, cause),
    );
  }

  /** What the machine says is of its newest block: nobody is told before that is on disk. */
  async #whenWritten(): Promise<void> {
    if (this.#making && this.#sealed !== this.#checkpoint) await this.#making;
    await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  #hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** The block is on disk. */
  #publish(
    checkpoint: Checkpoint,
    receipts: readonly Receipt[],
    refused: Proposal['refused'],
  ): void {
    this.#options.machine.written();
    this.#checkpoint = checkpoint;
    for (const receipt of receipts) {
      this.#pending.settle(receipt.envelopeId, successWith(receipt));
    }
    this.#pending.refuse(refused);
    for (const listener of this.#listeners) listener(checkpoint.header.height);
  }

  /** What is on disk is unknown now: nothing more is acknowledged, a restart finds out. */
  #fail(height: number, cause: unknown): void {
    if (this.#failure) return;
    this.#failure = storeFailure(height, cause);
    this.#pending.failAll(this.#failure);
    this.#options.onFailure(this.#failure);
  }
}

/**
 * Where more wait, they come into the next block: a larger one costs no less for each envelope, all
 * of it is waited for, and the writer has nothing to do meanwhile.
 */
const blockBytesAim = 512 * 1024;

/** How late a deadline may be met after the clock was set forward, or the machine slept. */
const timerMaxMs = 60_000;
