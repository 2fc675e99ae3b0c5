/** M-130 to M-133: which version of the rules holds at which height. */
import type { StateChange } from './state.ts';

/** A version that the chain has decided on. */
export interface VersionStep {
  readonly version: number;
  /** The first block that is executed by it. */
  readonly fromHeight: number;
}

/** What a state row says of versions; null for any other row. */
export type VersionReader = (row: StateChange) => VersionStep | null;

/** A block is to be executed by rules that this program does not know: it ends before it does so by others. */
export class MachineVersionUnknown extends Error {
  override readonly name = 'MachineVersionUnknown';
  readonly step: VersionStep;
  /** The highest version that the program knows. */
  readonly known: number;

  constructor(step: VersionStep, known: number) {
    super(
      `machine version ${step.version} holds from height ${step.fromHeight}; ${known} is known`,
    );
    this.step = step;
    this.known = known;
  }
}

/** Versions by height, all in memory: there is one for each change of the rules. */
export class MachineVersions {
  readonly #read: VersionReader;
  readonly #known: number;
  readonly #first: VersionStep;
  /** In order: a later version holds from a later height. */
  #steps: readonly VersionStep[];

  /** @param first that of genesis */
  constructor(read: VersionReader, known: number, first: number) {
    this.#read = read;
    this.#known = known;
    this.#first = { version: first, fromHeight: 0 };
    this.#steps = [this.#first];
  }

  /** Of rows that are committed, in any order. */
  apply(rows: readonly StateChange[]): void {
    const found = rows.map((row) => this.#read(row)).filter((step) => step !== null);
    if (found.length === 0) return;
    this.#steps = [...this.#steps, ...found].sort((left, right) => left.version - right.version);
  }

  /** Which version holds at this height, whether or not the program knows it. */
  holding(height: number): VersionStep {
    let holding = this.#first;
    for (const step of this.#steps) if (step.fromHeight <= height) holding = step;
    return holding;
  }

  /** M-131, M-132: by which rules the block of this height is executed. Throws MachineVersionUnknown. */
  at(height: number): number {
    const holding = this.holding(height);
    if (holding.version > this.#known) throw new MachineVersionUnknown(holding, this.#known);
    return holding.version;
  }
}
