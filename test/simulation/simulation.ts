/** N replicas of the real machine under seeded faults, and an auditor that believes none of them. */
import type { Hex } from '../../src/base/bytes.ts';
import type { BlockInput, FinalizedBlock } from '../../src/chain/machine/block.ts';
import type { MachineParts } from '../../src/chain/machine/parts.ts';
import { Auditor } from './audit/auditor.ts';
import { must } from './audit/must.ts';
import { falseProposals, falsify } from './byzantine.ts';
import { beginMs } from './cast.ts';
import { Generator, type Standing } from './generator.ts';
import { SimulatedNetwork } from './network.ts';
import { prologue } from './prologue.ts';
import { Random } from './random.ts';
import { Replica } from './replica.ts';
import { View } from './view.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
  readonly replicas: number;
  /** What a replica's machine is made of; a test gives one of them a fault. */
  readonly partsOf: (replica: number) => MachineParts;
}

export interface Tally {
  blocks: number;
  envelopes: number;
  crashes: number;
  restarts: number;
  snapshots: number;
  falseProposals: number;
  lawlessBlocks: number;
  readonly applied: Map<string, number>;
  readonly codes: Map<number, number>;
}

/** A decided block: what consensus keeps, above the replicas' own disks. */
interface Decided extends BlockInput {
  appHash: Hex | null;
}

export class Simulation {
  readonly #options: SimulationOptions;
  readonly #random: Random;
  readonly #view = new View();
  readonly #auditor = new Auditor(this.#view);
  readonly #generator: Generator;
  readonly #network: SimulatedNetwork;
  readonly #replicas: Replica[];
  readonly #decided: Decided[] = [];
  readonly #past: Uint8Array[] = [];
  #timeMs = beginMs;
  #step = 0;
  readonly tally: Tally;

  constructor(options: SimulationOptions) {
    const { seed, replicas, partsOf } = options;
    this.#options = options;
    this.#random = new Random(seed, 'scheduler');
    const calm = this.#random.chance(0.2);
    const crashRate = calm ? 0 : 0.002 + this.#random.below(20) / 1000;
    this.#generator = new Generator(new Random(seed, 'generator'), this.#view);
    this.#network = new SimulatedNetwork(new Random(seed, 'network'), {
      loss: this.#random.below(30) / 100,
      duplication: this.#random.below(20) / 100,
      delayMax: this.#random.below(4),
    });
    this.#replicas = Array.from(
      { length: replicas },
      (_, index) =>
        new Replica(index, new Random(seed, `replica ${index}`), partsOf(index), crashRate),
    );
    this.tally = {
      blocks: 0,
      envelopes: 0,
      crashes: 0,
      restarts: 0,
      snapshots: 0,
      falseProposals: 0,
      lawlessBlocks: 0,
      applied: this.#auditor.applied,
      codes: this.#auditor.codes,
    };
  }

  /** Throws AuditError or what the machine threw; the message names the step. */
  run(): Tally {
    // No fault touches the first block: it is where the others begin.
    this.#decide(prologue(this.#generator, this.#random.chance(0.8)));
    while (this.#step < this.#options.steps) {
      this.#step += 1;
      try {
        this.#runStep();
      } catch (error) {
        if (error instanceof Error) error.message = `step ${this.#step}: ${error.message}`;
        throw error;
      }
    }
    this.#settle();
    this.tally.crashes = this.#replicas.reduce((sum, { crashes }) => sum + crashes, 0);
    this.tally.blocks = this.#decided.length;
    return this.tally;
  }

  #runStep(): void {
    for (const replica of this.#replicas) if (!replica.up) this.#mayRestart(replica, 0.3);
    this.#submit();
    for (const { to, bytes } of this.#network.arrivals(this.#step)) {
      const replica = this.#replicas[to];
      if (replica?.up) replica.attempt(() => replica.receive(bytes));
    }
    this.#passTime();
    this.#round();
    for (const replica of this.#replicas) this.#catchUp(replica);
  }

  #submit(): void {
    const standing = this.#standing();
    if (!standing) return;
    const envelopes = this.#random.below(5);
    for (let made = 0; made < envelopes; made += 1) {
      const bytes = this.#generator.next(standing);
      if (bytes) this.#network.broadcast(bytes, this.#replicas.length, this.#step);
    }
  }

  /** A client asks a replica that is up and has caught up. */
  #standing(): Standing | null {
    const replica = this.#replicas.find(({ up, height }) => up && height === this.#decided.length);
    if (!replica) return null;
    const { height } = replica;
    return {
      height,
      timeMs: this.#timeMs,
      nextSequence: (keyId) => replica.withState((machine) => machine.nextSequence(keyId)),
    };
  }

  /** Seconds mostly; now and then over a deadline, seldom over a licence's or a right's term. */
  #passTime(): void {
    const dice = this.#random.below(1000);
    if (dice < 2) this.#timeMs += 5 * 366 * 86_400_000;
    else if (dice < 6) this.#timeMs += 366 * 86_400_000;
    else if (dice < 16) this.#timeMs += 600_001;
    else if (dice < 30) this.#timeMs += 60_000;
    else this.#timeMs += this.#random.below(3_000);
  }

  #round(): void {
    const proposer = this.#random.pick(this.#replicas.filter((replica) => this.#isReady(replica)));
    if (!proposer) return;
    const honest = proposer.attempt(() => proposer.propose());
    if (!honest) return;
    if (this.#random.chance(0.15) && this.#proposeFalsely(honest)) return;
    const votes = this.#replicas.filter(
      (replica) => this.#isReady(replica) && replica.attempt(() => replica.judge(honest)) === true,
    );
    const judged = this.#replicas.filter((replica) => this.#isReady(replica));
    must(votes.length >= judged.length, 'an honest proposal is accepted by all that judge it');
    if (votes.length * 3 > this.#replicas.length * 2) this.#decide(honest);
  }

  #isReady({ up, height }: Replica): boolean {
    return up && height === this.#decided.length;
  }

  /** True where the false proposal was decided all the same. */
  #proposeFalsely(honest: readonly Uint8Array[]): boolean {
    const standing = this.#standing();
    const kind = this.#random.one(falseProposals);
    const generator = this.#generator;
    const random = this.#random;
    if (!standing) return false;
    const bad = falsify(kind, { honest, past: this.#past, standing, generator, random });
    if (!bad) return false;
    this.tally.falseProposals += 1;
    for (const replica of this.#replicas.filter((each) => this.#isReady(each))) {
      const verdict = replica.attempt(() => replica.judge(bad));
      must(verdict !== true, `a proposal is refused: ${kind}`);
    }
    // Were two thirds dishonest, the block would still do nothing beyond what its rules allow.
    if (!this.#random.chance(0.1)) return false;
    this.tally.lawlessBlocks += 1;
    this.#decide(bad);
    return true;
  }

  #decide(envelopes: readonly Uint8Array[]): void {
    const height = this.#decided.length + 1;
    this.#decided.push({ height, timeMs: this.#timeMs, envelopes, appHash: null });
    this.tally.envelopes += envelopes.length;
    for (const replica of this.#replicas) this.#catchUp(replica);
  }

  /** Replays decided blocks to a replica from where it stands. */
  #catchUp(replica: Replica): void {
    while (replica.up && replica.height < this.#decided.length) {
      const block = this.#decided[replica.height];
      must(block, 'a decided block is kept');
      replica.attempt(() => replica.execute(block, (result) => this.#check(block, result)));
    }
  }

  /** The first replica's result is audited; every other one is equal to it. */
  #check(block: Decided, result: FinalizedBlock): void {
    if (block.appHash !== null) {
      must(result.appHash === block.appHash, `equal app hashes at height ${block.height}`);
      return;
    }
    block.appHash = result.appHash;
    this.#auditor.judge({ ...block, leaves: result.leaves });
    for (const { bytes, outcome } of result.results) if (outcome.ok) this.#past.push(bytes);
  }

  #mayRestart(replica: Replica, probability: number): void {
    if (!this.#random.chance(probability)) return;
    const peer = this.#random.pick(this.#replicas.filter(({ up }) => up));
    if (peer && this.#random.chance(0.25) && replica.restoreFrom(peer)) this.tally.snapshots += 1;
    else replica.restart();
    this.tally.restarts += 1;
    const { height, appHash } = replica.machine.info();
    const known = this.#decided[height - 1]?.appHash ?? appHash;
    must(appHash === known, `replica ${replica.index} comes up at ${height} with its app hash`);
  }

  /** Faults end: everybody comes up, catches up, and holds the same in memory and on disk. */
  #settle(): void {
    for (let tries = 0; tries < 1000; tries += 1) {
      for (const replica of this.#replicas) {
        if (!replica.up) this.#mayRestart(replica, 1);
        this.#catchUp(replica);
      }
      if (this.#replicas.every((replica) => this.#isReady(replica))) break;
    }
    must(
      this.#replicas.every((replica) => this.#isReady(replica)),
      'every replica catches up when the faults end',
    );
    const last = this.#decided.at(-1)?.appHash;
    for (const replica of this.#replicas) {
      must(
        replica.machine.info().appHash === last,
        `replica ${replica.index} ends like the others`,
      );
      replica.restart();
      must(
        replica.height === this.#decided.length && replica.machine.info().appHash === last,
        `replica ${replica.index} holds on its disk what it holds in memory`,
      );
    }
  }
}
