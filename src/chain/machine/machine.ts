/**
 * The deterministic state machine, in the shape of ABCI 2.0. It is synchronous, does no I/O and
 * takes height and time from the block: two machines with one genesis and the same blocks are
 * equal in every byte. What is refused by a rule is a result code; what throws is a bug.
 */
import { assert } from '../../base/assert.ts';
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import type { Outcome } from '../../base/result.ts';
import type { RecordKind } from '../../base/room.ts';
import type { Static, TObject } from '../../base/schema.ts';
import { machineVersionMax, sinceMachineVersion } from '../../base/machine-version.ts';
import { sha256, type Sha256 } from '../../base/hash.ts';
import { leafHash, MerkleLog } from '../../base/merkle.ts';
import { StateTree } from '../tree/state-tree.ts';
import { emptyZkRoot } from '../tree/zk-root.ts';
import { Admission, type AdmittedEnvelope, type SignatureCheck } from './admission.ts';
import type { BlockInput, EnvelopeResult, FinalizedBlock, Roots } from './block.ts';
import { DueQueue, isPending, takeDeadline, type Due } from './deadlines.ts';
import { genesisHash, genesisKey, parametersHash, type Genesis } from './genesis.ts';
import { appHash } from './header.ts';
import { executeEnvelope } from './execute-envelope.ts';
import { openLedger, readRecord, type BlockScope } from './ledger.ts';
import { MachineVersions } from './machine-versions.ts';
import { BlockOutput, outputOf } from './output.ts';
import type { MachineParts } from './parts.ts';
import { splitProposal, type Proposal } from './proposal.ts';
import { RulesInForce } from './rules-in-force.ts';
import { nextSequence, Sequences } from './sequence.ts';
import { CachedState, MissCollector } from './cached-state.ts';
import { CommittedState, Overlay } from './state.ts';
import type { StateChange, StateHashes, StateHolder } from './state.ts';

/** Where a machine stands; with the state rows and the log's leaf hashes it is all it needs. */
export interface MachineHead {
  readonly height: number;
  readonly timeMs: number;
}

/** State rows put into the tree at once at start: their copied nodes are the peak of its memory. */
const rowsPerStage = 50_000;

export class Machine {
  readonly genesis: Genesis;
  readonly genesisHash: Hex;
  readonly #parametersHash: Hex;
  readonly #parts: MachineParts;
  readonly #admission: Admission;
  readonly #state: StateHolder;
  readonly #hash: Sha256;
  readonly #log: MerkleLog;
  readonly #tree: StateHashes;
  readonly #due = new DueQueue([]);
  readonly #versions: MachineVersions;
  readonly #rules: RulesInForce;
  #head: MachineHead;
  #staged: FinalizedBlock | null = null;
  /** Of what genesis wrote: they open the log in the first block. */
  #genesisLeaves: readonly Uint8Array[] = [];

  /**
   * @param state all of it in memory, unless a CachedState is given: then every method that reads
   * state may throw StateMiss, and has done nothing; the caller loads the keys and calls again.
   */
  constructor(genesis: Genesis, parts: MachineParts, state: StateHolder = new CommittedState()) {
    this.genesis = genesis;
    this.genesisHash = genesisHash(genesis);
    this.#parametersHash = parametersHash(genesis);
    this.#parts = parts;
    this.#state = state;
    this.#hash = parts.sha256 ?? sha256;
    this.#log = new MerkleLog(this.#hash);
    const tree = new StateTree(this.#hash);
    if (state instanceof CachedState) state.bind(tree);
    this.#tree = state.tree ?? tree;
    const program = { machineVersionMax: parts.machineVersionMax ?? machineVersionMax };
    this.#admission = new Admission(genesis, parts, this.#hash, program);
    this.#versions = new MachineVersions(
      parts.readVersion,
      program.machineVersionMax,
      genesis.version,
    );
    this.#rules = new RulesInForce(genesis.rules, parts.readRules);
    this.#head = { height: 0, timeMs: genesis.timeMs };
  }

  /** The state that genesis begins with; applied to this machine, which is at height 0. */
  initChain(): { changes: readonly StateChange[]; head: MachineHead; appHash: Hex } {
    assert(this.#head.height === 0 && this.#tree.size === 0, 'initChain is the first call');
    const overlay = new Overlay({ get: () => undefined });
    overlay.set(genesisKey, fromHex(this.genesisHash));
    const scope = this.#scope(0, this.genesis.timeMs);
    const leaves: Uint8Array[] = [];
    this.#parts.begin(openLedger(scope, overlay, noCause, leaves), this.genesis);
    this.#genesisLeaves = leaves;
    const changes = overlay.changes();
    this.restoreState(changes);
    return { changes, head: this.#head, appHash: this.info().appHash };
  }

  /** Puts a machine where it stood: rows and hashes that have not been given yet, and its head. */
  restore(
    state: readonly StateChange[],
    leafHashes: readonly Uint8Array[],
    head: MachineHead,
  ): void {
    assert(this.#head.height === 0, 'only a new machine is restored');
    this.restoreState(state);
    this.restoreLog(leafHashes);
    this.#head = head;
  }

  /** Leaf hashes of a new machine's log, in order, in any number of calls. */
  restoreLog(leafHashes: readonly Uint8Array[]): void {
    for (const hash of leafHashes) this.#log.append(hash);
  }

  /** Rows of the state that a new machine stands on, each key once, in any number of calls. */
  restoreState(rows: readonly StateChange[]): void {
    this.#state.apply(rows);
    this.#due.apply(rows);
    this.#versions.apply(rows);
    this.#rules.apply(rows);
    for (let at = 0; at < rows.length; at += rowsPerStage) {
      this.#tree.stage(rows.slice(at, at + rowsPerStage));
      this.#tree.commit();
    }
  }

  /**
   * Takes values for a CachedState as the store has them at `height`: that of the machine, or of a
   * block since which all changes are in memory. False at another one. Throws StateForged for a value
   * that is not the committed one.
   */
  loadState(height: number, rows: readonly StateChange[]): boolean {
    assert(this.#state instanceof CachedState, 'all of this state is in memory');
    if (!this.standsOn(height)) return false;
    this.#state.load(rows);
    return true;
  }

  /** Whether what the store holds at `height`, and what is in memory, is what the machine stands on. */
  standsOn(height: number): boolean {
    const unwritten = this.#state instanceof CachedState ? this.#state.unwritten : 0;
    return height <= this.#head.height && height >= this.#head.height - unwritten;
  }

  /** Lets go of loaded values that are too many, when no block waits for them. */
  trimState(): void {
    if (this.#state instanceof CachedState) this.#state.trim();
  }

  /** Of what is committed: leaves of a staged block are not counted. */
  info(): MachineHead & Roots & { readonly appHash: Hex } {
    const logSize = this.#log.size - (this.#staged?.leaves.length ?? 0);
    const roots = this.#roots(logSize, this.#tree.root());
    return { ...this.#head, ...roots, appHash: appHash({ ...this.#head, ...roots }) };
  }

  /** Of the last block that was committed. */
  get head(): MachineHead {
    return this.#head;
  }

  /** When a block is due though nobody submits: the first one at once, then for the earliest
   * deadline; null where none stands. */
  get nextDeadlineMs(): number | null {
    return this.#head.height === 0 ? this.genesis.timeMs : this.#due.nextMs;
  }

  get log(): Pick<
    MerkleLog,
    'inclusionProof' | 'consistencyProof' | 'leafHashAt' | 'subtreeHash' | 'root' | 'size'
  > {
    return this.#log;
  }

  /** M-131, M-132: by which rules the next block is made. Throws MachineVersionUnknown. */
  nextVersion(): number {
    return this.#versions.at(this.#head.height + 1);
  }

  /** Whether an envelope may be queued for the next block. Reads committed state only. */
  checkTx(bytes: Uint8Array, id?: Hex): Outcome<AdmittedEnvelope> {
    const sequences = new Sequences(this.#state, this.genesis.parameters.sequenceWindow);
    const height = this.#head.height + 1;
    const machineVersion = this.#versions.holding(height).version;
    const scope = { state: this.#state, sequences, height, machineVersion };
    const admitted = this.#admission.admit(bytes, scope, id);
    return admitted.ok ? this.#admission.foresee(admitted.value) : admitted;
  }

  /** The signature that `checkTx` would verify, for a driver that does it on another thread. */
  signatureOf(bytes: Uint8Array, id?: Hex): SignatureCheck | null {
    return this.#admission.signatureOf(bytes, this.#state, id);
  }

  /** M-42: splits candidates into those that may stand in the next block and those refused. */
  prepareProposal(
    candidates: readonly Uint8Array[],
    ids?: readonly Hex[],
    bytesMax = Infinity,
  ): Proposal {
    const { parameters } = this.genesis;
    const height = this.#head.height + 1;
    const machineVersion = this.nextVersion();
    const rules = { admission: this.#admission, parameters, height, machineVersion, bytesMax };
    return splitProposal(rules, this.#state, candidates, ids);
  }

  /** M-45: true where every envelope of a proposed block may stand in it. */
  processProposal(envelopes: readonly Uint8Array[]): boolean {
    return this.prepareProposal(envelopes).accepted.length === envelopes.length;
  }

  /** M-30, M-40: executes a block and stages it; nothing is visible before `commit`. */
  finalizeBlock(input: BlockInput): FinalizedBlock {
    assert(this.#staged === null, 'a staged block is committed or abandoned first');
    assert(input.height === this.#head.height + 1, 'blocks come in order');
    assert(input.timeMs >= this.#head.timeMs, 'block time does not run backwards');
    const logSize = this.#log.size;
    try {
      return (this.#staged = this.#run(input));
    } catch (error) {
      this.#log.truncate(logSize);
      throw error;
    }
  }

  /** A step that lacks a value is left out, so that one pass finds out what all of them lack. */
  #run(input: BlockInput): FinalizedBlock {
    const scope = this.#scope(input.height, input.timeMs);
    const block = new Overlay(this.#state);
    const misses = new MissCollector();
    const leaves: { logIndex: number; bytes: Uint8Array }[] = [];
    const append = (bytes: Uint8Array): number => {
      const logIndex = this.#log.append(leafHash(bytes, this.#hash));
      leaves.push({ logIndex, bytes });
      return logIndex;
    };
    if (input.height === 1) this.#genesisLeaves.forEach(append);
    const { blockDeadlinesMax, deadlineOutputMax } = this.genesis.parameters;
    let written = 0;
    for (const due of this.#due.due(input.timeMs, blockDeadlinesMax)) {
      if (written >= deadlineOutputMax) break;
      const met = misses.try(() => this.#meetDeadline(scope, block, due)) ?? [];
      met.forEach(append);
      written += outputOf(met);
    }
    // What they lack is found before the envelopes are executed in vain.
    misses.throwIfAny();
    const { parameters } = this.genesis;
    const sequences = new Sequences(block, parameters.sequenceWindow);
    const output = new BlockOutput(parameters);
    const run = { scope, block, sequences, output, admission: this.#admission, append };
    const results = input.envelopes.flatMap((bytes, position) => {
      const id = input.ids?.[position] ?? this.#admission.idOf(bytes);
      return misses.try(() => executeEnvelope(run, { id, bytes, position })) ?? [];
    });
    misses.throwIfAny();
    sequences.writeTo(block);
    return this.#seal(input, results, leaves, block.changes());
  }

  /**
   * Goes on from the staged block.
   * @param isWritten whether the caller has it on disk; else `written` is called when it is.
   */
  commit(isWritten = true): void {
    const staged = this.#staged;
    assert(staged, 'only a staged block is committed');
    this.#state.apply(staged.changes, isWritten);
    this.#due.apply(staged.changes);
    this.#versions.apply(staged.changes);
    this.#rules.apply(staged.changes);
    this.#tree.commit();
    this.#head = { height: staged.height, timeMs: staged.timeMs };
    this.#staged = null;
  }

  /** The oldest block that was committed ahead of the disk is on it. */
  written(): void {
    if (this.#state instanceof CachedState) this.#state.written();
  }

  /** Forgets the staged block. */
  abandon(): void {
    if (!this.#staged) return;
    this.#log.truncate(this.#log.size - this.#staged.leaves.length);
    this.#tree.abandon();
    this.#staged = null;
  }

  readRecord<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Static<Schema> | null {
    return readRecord(this.#state, kind, id);
  }

  /** That a key is in the committed state, or is not; for `verifyStateProof`. */
  proveState(key: string): Uint8Array {
    return this.#tree.prove(key);
  }

  nextSequence(keyId: Hex): number {
    return nextSequence(this.#state, keyId);
  }

  /** A committed value as it is hashed and stored, or null. */
  readState(key: string): Uint8Array | null {
    return this.#state.get(key) ?? null;
  }

  /** As `readState`, where it takes no read of the store and makes nothing stay; else undefined. */
  peekState(key: string): Uint8Array | null | undefined {
    if (key === genesisKey) return fromHex(this.genesisHash);
    if (this.#state instanceof CachedState) return this.#state.peek(key);
    return this.#state.get(key) ?? null;
  }

  /** Whether a value that was read in the store is the committed one; null: none is. */
  holdsState(key: string, value: Uint8Array | null): boolean {
    assert(this.#state instanceof CachedState, 'all of this state is in memory');
    return this.#state.holds(key, value);
  }

  /** All committed state rows, for audits; only where all of them are in memory. */
  *stateRows(): IterableIterator<{ key: string; value: Uint8Array }> {
    assert(this.#state instanceof CommittedState, 'the store has the rows of a cached state');
    for (const key of this.#state.keys()) {
      const value = this.#state.get(key);
      if (value) yield { key, value };
    }
  }

  /** Throws MachineVersionUnknown before anything is executed by other rules than the chain's. */
  #scope(height: number, timeMs: number): BlockScope {
    const { chainId, mode } = this.genesis;
    const machineVersion = this.#versions.at(height);
    const watched = machineVersion >= sinceMachineVersion.provisionalDeadlines;
    return {
      ...{ chainId, height, timeMs, machineVersion },
      rules: this.#rules.at(height),
      development: mode === 'development',
      verifyProof: this.#parts.verifyProof,
      sha256: this.#hash,
      watch: watched ? this.#parts.watch : null,
    };
  }

  #meetDeadline(scope: BlockScope, block: Overlay, due: Due): Uint8Array[] {
    if (!isPending(block, due)) return [];
    const overlay = new Overlay(block);
    takeDeadline(overlay, due);
    const deadline = this.#parts.registry.deadlines.get(due.name);
    assert(deadline, `deadline ${due.name} has a handler`);
    const leaves: Uint8Array[] = [];
    const ledger = openLedger(scope, overlay, noCause, leaves);
    if (scope.watch?.takesEffect(ledger, due.name, due.id) !== false)
      deadline.apply(ledger, due.id);
    overlay.applyTo(block);
    return leaves;
  }

  #seal(
    input: BlockInput,
    results: readonly EnvelopeResult[],
    leaves: FinalizedBlock['leaves'],
    changes: readonly StateChange[],
  ): FinalizedBlock {
    const { height, timeMs } = input;
    const roots = this.#roots(this.#log.size, this.#tree.stage(changes));
    const envelopes = new MerkleLog(this.#hash);
    for (const bytes of input.envelopes) envelopes.append(leafHash(bytes, this.#hash));
    return {
      height,
      timeMs,
      results,
      leaves,
      changes,
      envelopesRoot: toHex(envelopes.root()),
      ...roots,
      appHash: appHash({ height, ...roots }),
    };
  }

  #roots(logSize: number, stateRoot: Uint8Array): Roots {
    return {
      logRoot: toHex(this.#log.root(logSize)),
      logSize,
      stateRoot: toHex(stateRoot),
      zkRoot: emptyZkRoot,
      parametersHash: this.#parametersHash,
    };
  }
}

const noCause = { envelopeId: null, operation: null } as const;
