/**
 * Whether a block may be made at what the clock says. Silence accepts and deadlines end trades, so one
 * wrong reading must not decide: a clock too far from the newest block, or one that stepped against a
 * steady clock, makes no block. Pure: it is given its readings.
 */

/** Two clocks, read together. */
export interface ClockReading {
  /** Milliseconds since the epoch: what people set, and what may be wrong. */
  readonly wallMs: number;
  /** Milliseconds since any moment; nobody sets it, and it never steps. */
  readonly steadyMs: number;
}

export interface ClockLimits {
  /** From the newest block to the clock, in either direction, before a person must confirm. */
  readonly distanceMaxMs: number;
  /** By how much the wall clock may step against the steady one. */
  readonly stepMaxMs: number;
  /** By how much the clock may be behind the newest block, whose time blocks then carry. */
  readonly behindMaxMs: number;
}

export const defaultClockLimits: ClockLimits = {
  distanceMaxMs: 30 * 86_400_000,
  stepMaxMs: 3_600_000,
  behindMaxMs: 60_000,
};

/** Why no block is made. */
export interface ClockHold {
  readonly reason: 'stepped' | 'ahead' | 'behind';
  /** Signed: how far the clock is ahead, of the newest block or of where it would be without the step. */
  readonly byMs: number;
}

export interface ClockVerdict {
  readonly hold: ClockHold | null;
  /** By how much the wall clock is ahead of where the steady one puts it. */
  readonly steppedMs: number;
  /** True as long as blocks rest on a person's word. */
  readonly confirmed: boolean;
}

/** Slow drift, and a clock that is being slewed right, is followed by at most 1 ms in 100. */
const followed = 1 / 100;

/**
 * What it promises: of all readings that it lets pass from its beginning on, each is at most
 * `stepMaxMs` and a hundredth of the steady time from where the steady clock puts it, whatever the
 * wall clock does in between; and each is within `distanceMaxMs` of the newest block, unless a person
 * confirmed the clock at the start.
 */
export class ClockGuard {
  readonly #limits: ClockLimits;
  /** Wall time at the steady clock's zero, as believed. */
  #offsetMs: number;
  #readMs: number;
  #confirmed: boolean;

  /** @param confirmed a person has said which day it is, and the first reading is of that day */
  constructor(limits: ClockLimits, first: ClockReading, confirmed: boolean) {
    this.#limits = limits;
    this.#offsetMs = first.wallMs - first.steadyMs;
    this.#readMs = first.steadyMs;
    this.#confirmed = confirmed;
  }

  /** @param newestMs time of the newest block, of genesis where there is none */
  judge({ wallMs, steadyMs }: ClockReading, newestMs: number): ClockVerdict {
    const { stepMaxMs } = this.#limits;
    const steppedMs = wallMs - steadyMs - this.#offsetMs;
    const stepped = Math.abs(steppedMs) > stepMaxMs;
    // A step that is held is never followed: only a person lets it pass, by a new start.
    const reachMs = stepped ? 0 : Math.max(0, steadyMs - this.#readMs) * followed;
    this.#offsetMs += clamp(steppedMs, reachMs);
    this.#readMs = Math.max(this.#readMs, steadyMs);
    const apart = this.#findDistance(wallMs - newestMs);
    if (stepped) return this.#verdict({ reason: 'stepped', byMs: steppedMs }, steppedMs);
    if (this.#confirmed && apart) return this.#verdict(null, steppedMs);
    // Used up: the next long distance is another one.
    this.#confirmed = false;
    return this.#verdict(apart, steppedMs);
  }

  #findDistance(aheadMs: number): ClockHold | null {
    const { distanceMaxMs, behindMaxMs } = this.#limits;
    if (aheadMs > distanceMaxMs) return { reason: 'ahead', byMs: aheadMs };
    return -aheadMs > behindMaxMs ? { reason: 'behind', byMs: aheadMs } : null;
  }

  #verdict = (hold: ClockHold | null, steppedMs: number): ClockVerdict => ({
    ...{ hold, steppedMs },
    confirmed: this.#confirmed,
  });
}

const clamp = (value: number, most: number): number => Math.min(Math.max(value, -most), most);
