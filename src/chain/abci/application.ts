/**
 * The ledger as a CometBFT application (M-110, M-114). FinalizeBlock stages, Commit writes one transaction and
 * replies after it; what CometBFT may repeat after a crash is repeated to the same bytes.
 */
import {
  ResponseProcessProposal_ProposalStatus as ProposalStatus,
  type RequestFinalizeBlock,
  type RequestInitChain,
  type ResponseCheckTx,
  type ResponseFinalizeBlock,
  type ResponseInfo,
  type ResponseInitChain,
  type ResponseQuery,
} from 'cosmjs-types/tendermint/abci/types';
import { equalBytes, fromHex, fromUtf8OrNull, utf8, type Hex } from '../../base/bytes.ts';
import { encodeTyped } from '../../base/codec.ts';
import type { OperationalError } from '../../base/operational-error.ts';
import type { Outcome, Refusal } from '../../base/result.ts';
import type { AdmittedEnvelope } from '../machine/admission.ts';
import { encodeGenesis } from '../machine/genesis.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import type { Machine } from '../machine/machine.ts';
import type { Registry } from '../machine/registry.ts';
import { ClockWatch, type ClockOptions } from '../engine/clock-watch.ts';
import { defaultClockLimits, type ClockHold } from '../engine/clock-guard.ts';
import type { Checkpoint, ClockStatus, Receipt } from '../engine/engine.ts';
import { openMachine } from '../engine/open.ts';
import { nodeSha256Hex } from '../engine/sha256.ts';
import type { BlockStore, StateSource } from '../engine/ports.ts';
import { StateLoader } from '../engine/state-loader.ts';
import { storeFailure } from '../engine/store-failure.ts';
import { isVersionUnknown } from '../engine/version-unknown.ts';
import { blockTimeMs, finalizeResponse, sealBlock, sealOf, type SealedBlock } from './block.ts';
import { readAppState } from './app-state.ts';
import { findHandOverFault } from './hand-over-check.ts';
import { AbciFault } from './fault.ts';

export interface ApplicationOptions extends Partial<ClockOptions> {
  /** A machine in which nothing has happened; a second one is made where a snapshot is restored. */
  readonly makeMachine: () => Machine;
  readonly store: BlockStore;
  /** Where the values are that machines on a CachedState lack; of no use to others. */
  readonly source?: StateSource;
  readonly registry: Registry;
  /** First height that CometBFT orders: 1, or above the history that the ledger came with. */
  readonly initialHeight?: number;
  /** The store failed: nothing more is answered and the process should end. */
  readonly onFailure: (error: OperationalError) => void;
  /** Told of each proposal that this node votes against. */
  readonly onRejected?: (height: number, why: string) => void;
}

export interface CommittedNews {
  readonly checkpoint: Checkpoint;
  readonly receipts: readonly Receipt[];
}

type HeadInfo = ReturnType<Machine['info']>;

export class Application {
  readonly #options: ApplicationOptions;
  readonly #committedListeners = new Set<(news: CommittedNews) => void>();
  readonly #droppedListeners = new Set<(id: Hex, refusal: Refusal) => void>();
  #machine: Machine;
  #state: StateLoader;
  #checkpoint: Checkpoint | null;
  /** As of the last commit; the machine's own counts what is staged. */
  #head: HeadInfo;
  #staged: { readonly block: FinalizedBlock; readonly sealed: SealedBlock } | null = null;
  #failure: OperationalError | null = null;
  readonly #clock: ClockWatch;

  private constructor(options: ApplicationOptions, opened: OpenedMachine) {
    this.#options = options;
    this.#machine = opened.machine;
    this.#state = new StateLoader(opened.machine, options.source ?? null);
    this.#checkpoint = opened.checkpoint;
    this.#head = opened.machine.info();
    this.#clock = new ClockWatch(
      { ...options, clock: options.clock ?? Date.now },
      {
        zone: opened.machine.genesis.rules.calendar,
        newestMs: () => this.#head.timeMs,
        consequence: (hold) =>
          this.#isFar(hold) ? 'This validator votes for no block' : 'This node is not ready',
      },
    );
  }

  /** Stands where the store stands. Throws what `openMachine` throws. */
  static async open(options: ApplicationOptions): Promise<Application> {
    const machine = options.makeMachine();
    const checkpoint = await openMachine(machine, options.store);
    return new Application(options, { machine, checkpoint });
  }

  get machine(): Machine {
    return this.#machine;
  }

  get head(): HeadInfo {
    return this.#head;
  }

  get checkpoint(): Checkpoint | null {
    return this.#checkpoint;
  }

  get clock(): ClockStatus {
    return this.#clock.status;
  }

  /** Looks at the clock no more. */
  close(): void {
    this.#clock.stop();
  }

  get store(): BlockStore {
    return this.#options.store;
  }

  /** Called after each COMMIT. Returns the way to unsubscribe. */
  onCommitted(listener: (news: CommittedNews) => void): () => void {
    this.#committedListeners.add(listener);
    return () => this.#committedListeners.delete(listener);
  }

  /** Called where an envelope that was waiting for a block can no longer stand in one. */
  onDropped(listener: (id: Hex, refusal: Refusal) => void): () => void {
    this.#droppedListeners.add(listener);
    return () => this.#droppedListeners.delete(listener);
  }

  /** Goes on from another machine, whose store holds what it holds: after a snapshot. */
  adopt({ machine, checkpoint }: OpenedMachine): void {
    this.#machine = machine;
    this.#state = new StateLoader(machine, this.#options.source ?? null);
    this.#checkpoint = checkpoint;
    this.#head = machine.info();
    this.#staged = null;
  }

  /** Throws where the store has failed: nothing is known of the disk until a restart. */
  checkAlive(): void {
    if (this.#failure) throw this.#failure;
  }

  info(): ResponseInfo {
    const { height, appHash } = this.#head;
    // A ledger that came with history is, to CometBFT, one that has not begun.
    const begun = height >= (this.#options.initialHeight ?? 1);
    return {
      data: this.#machine.genesis.chainId,
      version: '1',
      appVersion: 0n,
      lastBlockHeight: begun ? BigInt(height) : 0n,
      lastBlockAppHash: begun ? fromHex(appHash) : new Uint8Array(),
    };
  }

  initChain(request: RequestInitChain): ResponseInitChain {
    const { genesis } = this.#machine;
    const given = readAppState(request.appStateBytes);
    if (request.chainId !== genesis.chainId || !equalBytes(given.genesis, encodeGenesis(genesis))) {
      throw new AbciFault('the genesis of CometBFT holds another genesis than this ledger');
    }
    if (Number(request.initialHeight) !== this.#head.height + 1) {
      throw new AbciFault(
        `initial height ${request.initialHeight}; the ledger is at ${this.#head.height}`,
      );
    }
    const fault = findHandOverFault(given.handOver, this.#machine, this.#head, request.validators);
    if (fault !== null) throw new AbciFault(fault);
    return { validators: [], appHash: fromHex(this.#head.appHash) };
  }

  /** Whether an envelope may wait for a block; by committed state only. */
  admit(bytes: Uint8Array): Promise<Outcome<AdmittedEnvelope>> {
    return this.read((machine) => machine.checkTx(bytes));
  }

  /** Reads committed state, from the store where it is not in memory. */
  async read<Value>(step: (machine: Machine) => Value): Promise<Value> {
    try {
      return await this.#state.run(() => step(this.#machine));
    } catch (error) {
      if (isVersionUnknown(error)) this.#end(error);
      throw error;
    }
  }

  /** Nothing more is answered, and the process is told why it ends. */
  #end(failure: OperationalError): void {
    if (this.#failure) return;
    this.#failure = failure;
    this.#options.onFailure(failure);
  }

  /** At once where all that it reads is in memory. */
  checkTx(bytes: Uint8Array, recheck: boolean): ResponseCheckTx | Promise<ResponseCheckTx> {
    const answer = (outcome: Outcome<AdmittedEnvelope>): ResponseCheckTx => {
      if (outcome.ok) return admittedTx;
      if (recheck) this.#tellDropped(nodeSha256Hex(bytes), outcome);
      const { result, detail } = outcome;
      return { ...admittedTx, code: result.code, log: detail, info: result.name };
    };
    const outcome = this.#state.tryNow(() => this.#machine.checkTx(bytes));
    return outcome ? answer(outcome) : this.admit(bytes).then(answer);
  }

  #tellDropped(id: Hex, refusal: Refusal): void {
    for (const listener of this.#droppedListeners) listener(id, refusal);
  }

  /** What of the mempool may stand in the next block, in order, within `bytesMax` on the wire. */
  async prepareProposal(
    candidates: readonly Uint8Array[],
    bytesMax: number,
  ): Promise<Uint8Array[]> {
    const { accepted } = await this.read((machine) => machine.prepareProposal(candidates));
    let size = 0;
    const end = accepted.findIndex((bytes) => (size += wireBytes(bytes)) > bytesMax);
    return accepted.slice(0, end === -1 ? accepted.length : end);
  }

  /**
   * @param timeMs of the block, by CometBFT: the median of what validators' clocks said when they
   *   voted for the one before
   */
  async processProposal(
    envelopes: readonly Uint8Array[],
    height: bigint,
    timeMs: number,
  ): Promise<ProposalStatus> {
    const next = this.#head.height + 1;
    if (Number(height) !== next) return this.#reject(Number(height), `the next block is ${next}`);
    const untimely = this.#findUntimely(timeMs);
    if (untimely !== null) return this.#reject(next, untimely);
    const sound = await this.read((machine) => machine.processProposal(envelopes));
    return sound ? ProposalStatus.ACCEPT : this.#reject(next, await this.#whyUnsound(envelopes));
  }

  /**
   * Whoever votes for a block also says by his clock when the next one is: with a clock that cannot be
   * right he votes for none. Of others' clocks he only refuses what is far in the future: after a
   * pause a block's time is that of votes from before it.
   */
  #findUntimely(timeMs: number): string | null {
    const { timeMs: nowMs, found, hold } = this.#clock.read();
    if (found && this.#isFar(found)) return hold;
    const { distanceMaxMs } = this.#options.clockLimits ?? defaultClockLimits;
    if (timeMs - nowMs <= distanceMaxMs) return null;
    const days = Math.floor((timeMs - nowMs) / 86_400_000);
    return `its time is ${days} days ahead of this node's clock`;
  }

  /** A clock that is a little behind makes no wrong time: its votes count as just after the block. */
  #isFar({ reason, byMs }: ClockHold): boolean {
    const { distanceMaxMs } = this.#options.clockLimits ?? defaultClockLimits;
    return reason !== 'behind' || -byMs > distanceMaxMs;
  }

  #reject(height: number, why: string): ProposalStatus {
    this.#options.onRejected?.(height, why);
    return ProposalStatus.REJECT;
  }

  async #whyUnsound(envelopes: readonly Uint8Array[]): Promise<string> {
    const { accepted, refused } = await this.read((machine) => machine.prepareProposal(envelopes));
    const [first] = refused;
    const { length } = envelopes;
    if (!first) return `${length} envelopes, of which ${accepted.length} fit into a block`;
    const { result, detail } = first.refusal;
    return `envelope ${first.index} of ${length}: ${result.name}: ${detail}`;
  }

  /** Stages; a repeated call (CometBFT was restarted in between) begins anew. */
  async finalizeBlock(request: RequestFinalizeBlock): Promise<ResponseFinalizeBlock> {
    const height = Number(request.height);
    if (height !== this.#head.height + 1) {
      throw new AbciFault(`block ${height} is out of order: the ledger is at ${this.#head.height}`);
    }
    this.#machine.abandon();
    this.#staged = null;
    const timeMs = blockTimeMs(request.time);
    const input = { height, timeMs, envelopes: request.txs };
    const block = await this.read((machine) => machine.finalizeBlock(input));
    const sealed = sealBlock(this.#machine, block, sealOf(request), this.#checkpoint);
    this.#staged = { block, sealed };
    return finalizeResponse(block);
  }

  /** One database transaction; resolves after COMMIT. */
  async commit(): Promise<void> {
    const staged = this.#staged;
    if (!staged) throw new AbciFault('Commit without a finalized block');
    const { committed, checkpoint, receipts } = staged.sealed;
    try {
      await this.#options.store.commit(committed, staged.block.changes);
    } catch (cause) {
      this.#failure = storeFailure(committed.height, cause);
      this.#options.onFailure(this.#failure);
      throw this.#failure;
    }
    this.#machine.commit();
    this.#staged = null;
    this.#checkpoint = checkpoint;
    this.#head = this.#machine.info();
    for (const listener of this.#committedListeners) listener({ checkpoint, receipts });
  }

  /** Path `/head`, or `/record` with `<kind>/<id>` as data: the record's canonical CBOR. */
  async query(path: string, data: Uint8Array): Promise<ResponseQuery> {
    if (path === '/head') return this.#answer(data, utf8(JSON.stringify(this.#head)));
    if (path !== '/record') return this.#answer(data, null, queryCodes.path);
    const name = fromUtf8OrNull(data);
    const slash = name?.indexOf('/') ?? -1;
    const kind = name ? this.#options.registry.records.get(name.slice(0, slash)) : undefined;
    if (!name || !kind) return this.#answer(data, null, queryCodes.name);
    const found = await this.read((machine) => machine.readRecord(kind, name.slice(slash + 1)));
    return found
      ? this.#answer(data, encodeTyped(kind.schema, found))
      : this.#answer(data, null, queryCodes.absent);
  }

  #answer(
    key: Uint8Array,
    value: Uint8Array | null,
    [code, log]: QueryCode = [0, ''],
  ): ResponseQuery {
    return {
      ...{ code, log, key, info: '', index: 0n, codespace: 'dxl' },
      value: value ?? new Uint8Array(),
      height: BigInt(this.#head.height),
    };
  }
}

/** What CheckTx answers of each envelope that may wait for a block: one object for all of them. */
export const admittedTx: ResponseCheckTx = Object.freeze({
  code: 0,
  data: new Uint8Array(),
  log: '',
  info: '',
  gasWanted: 0n,
  gasUsed: 0n,
  events: [],
  codespace: 'dxl',
});

export interface OpenedMachine {
  readonly machine: Machine;
  readonly checkpoint: Checkpoint | null;
}

type QueryCode = readonly [code: number, log: string];

const queryCodes = {
  path: [1, 'paths are /head and /record'],
  name: [2, 'the data of /record is <kind>/<id>'],
  absent: [3, 'no such record'],
} as const satisfies Record<string, QueryCode>;

/** An envelope in CometBFT's Data message: a tag, a length and itself. */
const wireBytes = (bytes: Uint8Array): number => {
  let lengthBytes = 1;
  for (let rest = bytes.length; rest >= 0x80; rest = Math.floor(rest / 0x80)) lengthBytes += 1;
  return 1 + lengthBytes + bytes.length;
};
