import type { NoteSignature } from '../chain/checkpoint/note.ts';
import type { PolicyWitness } from '../chain/checkpoint/policy.ts';
import type { PublishedNote } from '../chain/checkpoint/publication.ts';
import { submitToWitness } from './witness-client.ts';

export interface FeedOptions {
  readonly witness: PolicyWitness & { readonly url: string };
  /** The newest note; older ones that were missed are not sent. */
  readonly latest: () => PublishedNote | null;
  /** RFC 6962 consistency proof between two sizes, the old one not 0. */
  readonly proof: (oldSize: number, size: number) => readonly Uint8Array[];
  /** Verifies and keeps; false where the witness's signature is not among them. */
  readonly take: (note: PublishedNote, signatures: readonly NoteSignature[]) => Promise<boolean>;
  readonly onProblem: (problem: string) => void;
  readonly retryMs: number;
}

const retryMsMax = 60_000;
const conflictsMax = 3;

/** Brings notes to one witness, one at a time, the newest each time; a failure is tried again. */
export class WitnessFeed {
  readonly #options: FeedOptions;
  /** Leaves that the witness cosigned last, as far as is known. */
  #knownSize = 0;
  #doneHeight = 0;
  #problem: string | null = null;
  #failures = 0;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get problem(): string | null {
    return this.#problem;
  }

  /** There is a new note. */
  wake(): void {
    if (this.#stopped || this.#running) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      const behind = (this.#options.latest()?.height ?? 0) > this.#doneHeight;
      if (behind && !this.#stopped) this.#wakeAfter(this.#pauseMs());
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  #wakeAfter(pauseMs: number): void {
    this.#timer = setTimeout(() => this.wake(), pauseMs);
    this.#timer.unref();
  }

  #pauseMs(): number {
    if (this.#failures === 0) return 0;
    return Math.min(this.#options.retryMs * 2 ** (this.#failures - 1), retryMsMax);
  }

  async #run(): Promise<void> {
    const note = this.#options.latest();
    if (!note || note.height <= this.#doneHeight) return;
    try {
      await this.#submit(note);
      this.#doneHeight = note.height;
      this.#failures = 0;
      this.#problem = null;
    } catch (error) {
      const problem = (error as Error).message;
      if (problem !== this.#problem) this.#options.onProblem(problem);
      this.#problem = problem;
      this.#failures += 1;
    }
  }

  async #submit(note: PublishedNote): Promise<void> {
    const { witness, proof, take } = this.#options;
    for (let conflicts = 0; conflicts < conflictsMax; conflicts += 1) {
      const oldSize = Math.min(this.#knownSize, note.logSize);
      const answer = await submitToWitness(witness.url, {
        oldSize,
        proof: oldSize === 0 ? [] : proof(oldSize, note.logSize),
        note: note.bytes,
      });
      if (answer.kind === 'cosigned') {
        this.#knownSize = note.logSize;
        if (await take(note, answer.signatures)) return;
        throw new Error(`${witness.url} answered without a cosignature of its pinned key`);
      }
      if (answer.size > note.logSize) {
        throw new Error(
          `${witness.url} has cosigned ${answer.size} leaves of this log, which has ` +
            `${note.logSize}: was an older database restored?`,
        );
      }
      this.#knownSize = answer.size;
    }
    throw new Error(`${witness.url} named another size each time; it is fed by another node too`);
  }
}
