/** One replica: the real machine on a simulated disk, that can be stopped between any two steps. */
import { assert } from '../../src/base/assert.ts';
import type { Hex } from '../../src/base/bytes.ts';
import type { CborValue } from '../../src/base/cbor.ts';
import { leafHash } from '../../src/base/merkle.ts';
import { CachedState, StateMiss } from '../../src/chain/machine/cached-state.ts';
import type { BlockInput, FinalizedBlock } from '../../src/chain/machine/block.ts';
import { Machine, type MachineHead } from '../../src/chain/machine/machine.ts';
import type { MachineParts } from '../../src/chain/machine/parts.ts';
import type { StateChange } from '../../src/chain/machine/state.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { simulationGenesis } from './cast.ts';
import { SimulatedDisk, type StoredState } from './disk.ts';
import type { Random } from './random.ts';

/** Where the power can go: between these, nothing is interrupted. */
export const crashPoints = [
  'after checkTx',
  'after prepareProposal',
  'after processProposal',
  'after finalizeBlock',
  'before fsync',
  'after fsync',
  'after commit',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Thrown where the replica loses its power. */
export class Crash extends Error {}

const headToCbor = ({ height, timeMs }: MachineHead): CborValue => [BigInt(height), BigInt(timeMs)];

function headFromCbor(value: CborValue): MachineHead {
  const [height, timeMs] = value as unknown as [bigint, bigint];
  return { height: Number(height), timeMs: Number(timeMs) };
}

const triesMax = 500;

export class Replica {
  readonly index: number;
  readonly disk = new SimulatedDisk();
  readonly #random: Random;
  readonly #parts: MachineParts;
  readonly #crashRate: number;
  /** Null: all of the state in memory. */
  readonly #cacheBytes: number | null;
  /** What the database answers: the rows of the last committed block. */
  #rows = new Map<string, Uint8Array>();
  readonly mempool = new Map<Hex, Uint8Array>();
  machine: Machine;
  up = true;
  /** Of the last committed block. */
  height = 0;
  /** Highest block that was synced: a restart may not come up below it. */
  syncedHeight = 0;
  crashes = 0;

  constructor(index: number, random: Random, parts: MachineParts, crashRate: number) {
    this.index = index;
    this.#random = random;
    this.#parts = parts;
    this.#crashRate = crashRate;
    this.#cacheBytes = index % 2 === 0 ? null : random.below(60_000);
    this.machine = this.#newMachine();
    this.#begin();
  }

  #newMachine(): Machine {
    return this.#cacheBytes === null
      ? new Machine(simulationGenesis, this.#parts)
      : new Machine(simulationGenesis, this.#parts, new CachedState(this.#cacheBytes));
  }

  #begin(): void {
    this.#rows = new Map();
    this.#store(this.machine.initChain().changes);
  }

  #store(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === null) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
  }

  /** Takes a step of the machine, with what it lacks loaded from the database. */
  withState<Result>(step: (machine: Machine) => Result): Result {
    for (let tries = 0; tries < triesMax; tries += 1) {
      try {
        return step(this.machine);
      } catch (error) {
        if (!(error instanceof StateMiss)) throw error;
        const found = error.keys.map((key) => ({ key, value: this.#rows.get(key) ?? null }));
        assert(this.machine.loadState(this.height, found), 'what is loaded is of this height');
      }
    }
    throw new Error(`a step still lacks state after ${triesMax} tries`);
  }

  #mayCrash(_point: CrashPoint): void {
    if (this.#random.chance(this.#crashRate)) throw new Crash(_point);
  }

  /** Runs a step; where the power goes in it, the replica is down and null comes back. */
  attempt<Result>(step: () => Result): Result | null {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.up = false;
      this.crashes += 1;
      this.mempool.clear();
      this.disk.crash(this.#random);
      return null;
    }
  }

  receive(bytes: Uint8Array): void {
    const checked = this.withState((machine) => machine.checkTx(bytes));
    this.#mayCrash('after checkTx');
    if (checked.ok) this.mempool.set(sha256Hex(bytes), bytes);
  }

  propose(): Uint8Array[] {
    const { accepted, refused } = this.withState((machine) =>
      machine.prepareProposal([...this.mempool.values()]),
    );
    for (const { id } of refused) this.mempool.delete(id);
    this.#mayCrash('after prepareProposal');
    return [...accepted];
  }

  judge(envelopes: readonly Uint8Array[]): boolean {
    const fit = this.withState((machine) => machine.processProposal(envelopes));
    this.#mayCrash('after processProposal');
    return fit;
  }

  /** Executes and commits a decided block; `seen` is told of it before anything is durable. */
  execute(block: BlockInput, seen: (finalized: FinalizedBlock) => void): void {
    if (this.#random.chance(0.05)) {
      this.withState((machine) => machine.finalizeBlock(block));
      this.machine.abandon();
    }
    const finalized = this.withState((machine) => machine.finalizeBlock(block));
    seen(finalized);
    this.#mayCrash('after finalizeBlock');
    const genesis = block.height === 1 ? this.#genesisRows : [];
    this.disk.append({
      height: block.height,
      head: headToCbor(finalized),
      changes: [...genesis, ...finalized.changes],
      leaves: finalized.leaves.map(({ bytes }) => bytes),
    });
    this.#mayCrash('before fsync');
    this.disk.sync();
    this.syncedHeight = block.height;
    this.#mayCrash('after fsync');
    this.machine.commit();
    this.#store(finalized.changes);
    this.height = block.height;
    for (const bytes of block.envelopes) this.mempool.delete(sha256Hex(bytes));
    this.#recheck();
    this.#mayCrash('after commit');
  }

  get #genesisRows() {
    return this.#newMachine().initChain().changes;
  }

  #recheck(): void {
    for (const [id, bytes] of this.mempool) {
      if (!this.withState((machine) => machine.checkTx(bytes)).ok) this.mempool.delete(id);
    }
  }

  /** Comes up with what its disk holds. */
  restart(): void {
    this.height = 0;
    this.machine = this.#newMachine();
    const stored = this.disk.read();
    const height = stored?.height ?? 0;
    assert(height >= this.syncedHeight, `replica ${this.index} lost synced block ${height + 1}`);
    if (stored) this.#restore(stored);
    else this.#begin();
    // A block that reached the platter just before the crash counts as synced from now on.
    this.syncedHeight = height;
    this.height = height;
    this.up = true;
  }

  /** Comes up on an empty disk with another replica's snapshot. */
  restoreFrom(peer: Replica): boolean {
    const snapshot = peer.disk.read();
    if (!snapshot || snapshot.height < this.syncedHeight) return false;
    this.disk.erase();
    this.disk.append({
      height: snapshot.height,
      head: snapshot.head,
      changes: [...snapshot.rows].map(([key, value]) => ({ key, value })),
      leaves: snapshot.leaves,
    });
    this.disk.sync();
    this.machine = this.#newMachine();
    this.#restore(snapshot);
    this.syncedHeight = snapshot.height;
    this.height = snapshot.height;
    this.up = true;
    return true;
  }

  #restore({ rows, leaves, head }: StoredState): void {
    this.#rows = new Map(rows);
    this.machine.restore(
      [...rows].map(([key, value]) => ({ key, value })),
      leaves.map((bytes) => leafHash(bytes)),
      headFromCbor(head),
    );
  }
}
