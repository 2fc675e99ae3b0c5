/** Whether operations whose envelope was refused are signed anew, and when. */
import { isRefusal, ProblemError } from './problem-error.ts';
import type { Receipt } from './views.ts';

export interface AttemptOptions {
  /** How often operations are signed at most where blocks have no room for what they write. */
  readonly roomAttempts: number;
  /** Pause before the second of these; doubled each time, with a random part. */
  readonly roomPauseMs: number;
}

const signingsMax = 5;
const roomPauseMsMax = 4_000;

/** Of one list of operations. None of its envelopes can have an effect once it was refused so. */
export class SigningAttempts {
  readonly #options: AttemptOptions;
  #dead = 0;
  readonly #withoutRoom: number[] = [];

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  /** Milliseconds after which they may be signed anew; null where the answer is the last. */
  pauseAfter(answer: unknown): number | null {
    if (isDead(answer)) {
      this.#dead += 1;
      return this.#dead < signingsMax ? 0 : null;
    }
    if (!isWithoutRoom(answer)) return null;
    this.#withoutRoom.push(answer.problem.receipt.height);
    const { roomAttempts, roomPauseMs } = this.#options;
    const count = this.#withoutRoom.length;
    if (count >= roomAttempts) return null;
    return Math.min(roomPauseMs * 2 ** (count - 1), roomPauseMsMax) * (0.5 + Math.random());
  }

  /** The last answer, with what was tried before it. */
  last(answer: Error): Error {
    const heights = this.#withoutRoom;
    if (!isWithoutRoom(answer) || heights.length < 2) return answer;
    const { problem } = answer;
    return new ProblemError({
      ...problem,
      detail:
        `${problem.detail} It was signed ${heights.length} times, into blocks ${heights[0]} to ` +
        `${heights.at(-1)}; nothing of it was applied.`,
      remedy: 'Send fewer large changes at once, or try again when the exchange has less to do.',
    });
  }
}

/** Can never be executed: its number is taken by another, or its height has passed. */
export const isDead = (answer: unknown): answer is ProblemError =>
  isRefusal(answer, 'SEQUENCE_USED', 'SEQUENCE_TOO_OLD', 'ENVELOPE_EXPIRED') &&
  answer.problem.receipt === undefined;

/**
 * Stands in a block without effect, and its number is used: so it cannot be executed later, and the
 * same operations may do better in another block. Without a receipt nobody has said so.
 */
export const isWithoutRoom = (
  answer: unknown,
): answer is ProblemError & { readonly problem: { readonly receipt: Receipt } } =>
  isRefusal(answer, 'BLOCK_OUTPUT_LIMIT') && answer.problem.receipt !== undefined;
