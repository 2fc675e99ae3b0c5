import type { Random } from './random.ts';

/** How badly the simulated network behaves. */
export interface NetworkFaults {
  readonly loss: number;
  readonly duplication: number;
  /** Steps that a message may be under way: this is what reorders them. */
  readonly delayMax: number;
}

interface Message {
  readonly to: number;
  readonly bytes: Uint8Array;
  readonly atStep: number;
}

/** Carries envelopes from clients to replicas, each on a way of its own. */
export class SimulatedNetwork {
  readonly #random: Random;
  readonly #faults: NetworkFaults;
  #underway: Message[] = [];

  constructor(random: Random, faults: NetworkFaults) {
    this.#random = random;
    this.#faults = faults;
  }

  broadcast(bytes: Uint8Array, replicas: number, step: number): void {
    for (let to = 0; to < replicas; to += 1) {
      if (this.#random.chance(this.#faults.loss)) continue;
      const copies = this.#random.chance(this.#faults.duplication) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        const delay = this.#random.below(this.#faults.delayMax + 1);
        this.#underway.push({ to, bytes, atStep: step + delay });
      }
    }
  }

  /** What arrives in this step, in an order of the network's choosing. */
  arrivals(step: number): Message[] {
    const due = this.#underway.filter(({ atStep }) => atStep <= step);
    this.#underway = this.#underway.filter(({ atStep }) => atStep > step);
    for (let index = due.length - 1; index > 0; index -= 1) {
      const other = this.#random.below(index + 1);
      const [here, there] = [due[index], due[other]];
      if (here && there) [due[index], due[other]] = [there, here];
    }
    return due;
  }
}
