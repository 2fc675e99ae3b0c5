/** An engine's own look at the clock: read for each block, and once a second beside that. */
import os from 'node:os';
import { momentText } from '../../base/moment-text.ts';
import type { Calendar } from '../../base/rules.ts';
import {
  ClockGuard,
  defaultClockLimits,
  type ClockHold,
  type ClockLimits,
  type ClockReading,
} from './clock-guard.ts';
import type { ClockStatus } from './engine.ts';

export interface ClockOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Milliseconds of a clock that nobody sets; the machine's own unless given. */
  readonly steadyClock?: () => number;
  readonly clockLimits?: ClockLimits;
  /** A person has said at this start which day it is, and the clock agrees. */
  readonly clockConfirmed?: boolean;
  /** Told why no block is made, and null when blocks are made again. */
  readonly onClock?: (hold: string | null) => void;
}

export interface WatchedLedger {
  /** In whose time people are told. */
  readonly zone: Pick<Calendar, 'offsetMinutes'>;
  /** Of the newest block; of genesis where there is none. */
  readonly newestMs: () => number;
  /** What follows from a hold, in words that `until it is set right` can come after. */
  readonly consequence: (hold: ClockHold) => string;
}

export interface ClockLook {
  /** What the clock says: the time for a block. */
  readonly timeMs: number;
  readonly found: ClockHold | null;
  /** The same in words. */
  readonly hold: string | null;
}

/** Time since the machine started, its sleep included: a laptop that was closed has not stepped. */
const machineSteadyMs = (): number => os.uptime() * 1_000;

const lookEveryMs = 1_000;

export class ClockWatch {
  readonly #options: ClockOptions;
  readonly #ledger: WatchedLedger;
  readonly #steadyMs: () => number;
  readonly #limits: ClockLimits;
  readonly #guard: ClockGuard;
  readonly #timer: NodeJS.Timeout;
  #status: ClockStatus = { aheadMs: 0, steppedMs: 0, hold: null };

  constructor(options: ClockOptions, ledger: WatchedLedger) {
    this.#options = options;
    this.#ledger = ledger;
    this.#steadyMs = options.steadyClock ?? machineSteadyMs;
    this.#limits = options.clockLimits ?? defaultClockLimits;
    this.#guard = new ClockGuard(this.#limits, this.#look(), options.clockConfirmed ?? false);
    this.read();
    this.#timer = setInterval(() => this.read(), lookEveryMs);
    this.#timer.unref();
  }

  /** As of the last reading, which is a second old at most. */
  get status(): ClockStatus {
    return this.#status;
  }

  read(): ClockLook {
    const reading = this.#look();
    const newestMs = this.#ledger.newestMs();
    const { hold, steppedMs } = this.#guard.judge(reading, newestMs);
    const before = this.#status.hold;
    const words = hold && this.#wordsOf(hold, reading, newestMs);
    this.#status = { aheadMs: reading.wallMs - newestMs, steppedMs, hold: words };
    if ((before === null) !== (words === null)) this.#options.onClock?.(words);
    return { timeMs: reading.wallMs, found: hold, hold: words };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): ClockReading {
    return { wallMs: this.#options.clock(), steadyMs: this.#steadyMs() };
  }

  #wordsOf(hold: ClockHold, { wallMs }: ClockReading, newestMs: number): string {
    const { zone, consequence } = this.#ledger;
    const { offsetMinutes } = zone;
    const { distanceMaxMs, stepMaxMs, behindMaxMs } = this.#limits;
    const now = momentText(wallMs, offsetMinutes);
    const between = `The clock says ${now}, the newest block ${momentText(newestMs, offsetMinutes)}`;
    const by = durationWords(Math.abs(hold.byMs));
    const follows = consequence(hold);
    switch (hold.reason) {
      case 'stepped': {
        const direction = hold.byMs > 0 ? 'forward' : 'back';
        return (
          `The clock stepped ${direction} by ${by}, to ${now}; ${durationWords(stepMaxMs)} is the ` +
          `most. ${follows} until it is set right. Where it is right now, start the node anew.`
        );
      }
      case 'ahead':
        return (
          `${between}: ${by} apart, more than ${durationWords(distanceMaxMs)}. Either the clock ` +
          `is wrong, or there was a long pause. ${follows} until it is set right, or a person ` +
          `confirms it: ${confirming}.`
        );
      case 'behind':
        return (
          `${between}: it is behind by ${by}, more than ${durationWords(behindMaxMs)}. ${follows} ` +
          'until it is set right or has caught up. Where the clock is right and the ledger ahead, ' +
          `a person may confirm it: ${confirming}. Block time then stands still until it is passed.`
        );
    }
  }
}

const confirming =
  'read the date from another clock than this machine’s and start the node with --confirm-clock ' +
  'and that date (in the form 2027-01-31)';

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** In the largest unit that leaves at least two of it, rounded down: 3599 s are 59 minutes. */
function durationWords(durationMs: number): string {
  const [unit, unitMs] = units.find(([, each]) => durationMs >= 2 * each) ?? units[3];
  const count = Math.floor(durationMs / unitMs);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
