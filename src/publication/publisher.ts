/**
 * The event log's public face: a signed note of it every so often, brought to the witnesses, with
 * their cosignatures. Nothing here holds up a block: where witnesses are silent the log goes on and
 * only what is called witnessed stays behind.
 */
import { equalBytes, fromHex, utf8, type Hex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import {
  formatCheckpoint,
  parseCheckpoint,
  type CheckpointBody,
} from '../chain/checkpoint/body.ts';
import { blockLine, blockOf, timeLine } from '../chain/checkpoint/ledger-note.ts';
import { isSignedByLog, logKeyOf, signNoteText } from '../chain/checkpoint/log-signature.ts';
import {
  formatNote,
  parseNote,
  signaturesOf,
  type NoteSignature,
  type SignedNote,
  type VerifierKey,
  type VerifySignature,
} from '../chain/checkpoint/note.ts';
import {
  cosignersOf,
  isFulfilled,
  leastWitnesses,
  type Policy,
} from '../chain/checkpoint/policy.ts';
import type {
  Delivered,
  Publication,
  PublishedNote,
  WitnessStatus,
} from '../chain/checkpoint/publication.ts';
import { consistencyProofFrom, rootFrom, type ReadSubtree } from '../chain/checkpoint/subtrees.ts';
import type { Checkpoint, Engine } from '../chain/engine/engine.ts';
import { headerHash } from '../chain/machine/header.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { readKeptNotes, unreadable, writeKeptNotes } from './note-file.ts';
import { WitnessFeed } from './witness-feed.ts';

export interface PublisherOptions {
  readonly engine: Pick<Engine, 'checkpoint' | 'onBlock' | 'subtreeHash'>;
  readonly origin: string;
  /** Of the log, and of nothing else. */
  readonly key: SigningKey;
  readonly keyClaim: Hex | null;
  /** True where the ledger may still come to what it signed before: a validator that syncs. */
  readonly mayLag: boolean;
  readonly policy: Policy;
  /** Where signed notes are kept, beside the database and not in it. */
  readonly file: string;
  readonly verify: VerifySignature;
  /** Shortest time between two notes. */
  readonly intervalMs: number;
  /** First pause before a witness that failed is asked again; doubled each time to a minute. */
  readonly retryMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onProblem: (problem: string) => void;
}

/** A cosignature that is brought is fresh; by how much a witness's clock may be wrong. */
const freshness = { ageMaxS: 600, aheadMaxS: 300 };
/** Notes to which cosignatures may still come. */
const recentMax = 64;

export class Publisher implements Publication {
  readonly origin: string;
  readonly logKey: VerifierKey;
  readonly keyClaim: Hex | null;
  readonly required: number;
  readonly #options: PublisherOptions;
  readonly #feeds: ReadonlyMap<string, WitnessFeed>;
  /** By text, oldest first. */
  readonly #recent = new Map<string, PublishedNote>();
  readonly #cosigned = new Map<string, { logSize: number; timestampS: number }>();
  /** What was signed before the start, until the ledger is seen to continue it. */
  #bound: CheckpointBody | null = null;
  #latest: PublishedNote | null = null;
  #witnessed: PublishedNote | null = null;
  #saving: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  /** Or tried to. */
  #publishedAtMs = -Infinity;
  /** Why the last attempt failed. */
  #problem: string | null = null;
  #unfollow: () => void = () => undefined;
  #stopped = false;

  private constructor(options: PublisherOptions) {
    const { origin, key, keyClaim, policy } = options;
    this.#options = options;
    this.origin = origin;
    this.keyClaim = keyClaim;
    this.logKey = logKeyOf(origin, key);
    this.required = leastWitnesses(policy.quorum);
    this.#feeds = new Map(
      policy.witnesses.flatMap((witness) =>
        witness.url === null
          ? []
          : [[witness.name, this.#feedOf({ ...witness, url: witness.url })]],
      ),
    );
  }

  /**
   * Goes on from what was signed before. Throws OperationalError LOG_ROLLED_BACK where the ledger is
   * not a continuation of it, LOG_NOTES_UNREADABLE.
   */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const publisher = new Publisher(options);
    const kept = await readKeptNotes(options.file);
    if (kept) {
      publisher.#latest = publisher.#restore(kept.latest);
      publisher.#witnessed = kept.witnessed && publisher.#restore(kept.witnessed);
    }
    publisher.#unfollow = options.engine.onBlock(() => publisher.#schedule());
    publisher.#schedule();
    for (const feed of publisher.#feeds.values()) feed.wake();
    return publisher;
  }

  latest(): PublishedNote | null {
    return this.#latest;
  }

  witnessed(): PublishedNote | null {
    return this.required === 0 ? null : this.#witnessed;
  }

  witnesses(): readonly WitnessStatus[] {
    return this.#options.policy.witnesses.map(({ name, key }) => {
      const last = this.#cosigned.get(name);
      const problem = this.#feeds.get(name)?.problem ?? null;
      return {
        ...{ name, key, problem },
        logSize: last?.logSize ?? 0,
        timestampS: last?.timestampS ?? null,
      };
    });
  }

  async deliver(bytes: Uint8Array): Promise<Delivered> {
    const note = parseNote(bytes);
    const known = note && this.#recent.get(note.text);
    if (!known) return { outcome: 'unknown-note' };
    const witnesses = await this.#take(known, note.signatures);
    return witnesses.length === 0 ? { outcome: 'no-witness' } : { outcome: 'taken', witnesses };
  }

  /** Ends what it sends. A note that is due is left to the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unfollow();
    if (this.#timer) clearTimeout(this.#timer);
    await Promise.all([...this.#feeds.values()].map((feed) => feed.stop()));
    await this.#saving;
  }

  #schedule(): void {
    if (this.#stopped || this.#timer) return;
    const { intervalMs, now } = this.#options;
    const waitMs = Math.max(this.#publishedAtMs + intervalMs - now(), 0);
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#publish().then(
          () => (this.#problem = null),
          (error: unknown) => this.#failed(error as Error),
        );
      },
      Math.min(waitMs, intervalMs),
    );
    this.#timer.unref();
  }

  /** Tried again after a while, and told once. */
  #failed(error: Error): void {
    const { message } = error;
    const problem =
      error instanceof OperationalError ? message : `the log's note cannot be kept: ${message}`;
    if (problem !== this.#problem) this.#options.onProblem(problem);
    this.#problem = problem;
    this.#publishedAtMs = this.#options.now();
    this.#schedule();
  }

  async #publish(): Promise<void> {
    const { engine, key, now } = this.#options;
    const checkpoint = engine.checkpoint();
    if (this.#stopped || !checkpoint || checkpoint.header.height <= (this.#latest?.height ?? 0)) {
      return;
    }
    if (this.#bound) {
      if (checkpoint.header.logSize < this.#bound.size) return;
      this.#checkBound(checkpoint.header.logSize);
      this.#bound = null;
    }
    this.#publishedAtMs = now();
    const text = this.#textOf(checkpoint);
    const note = { text, signatures: [signNoteText(text, this.origin, key)] };
    const published = this.#published(note);
    // On the disk before anybody sees it: a log that forgets what it signed may contradict it.
    await this.#save(() => ({
      latest: published.bytes,
      witnessed: this.#witnessed?.bytes ?? null,
    }));
    this.#latest = published;
    this.#remember(text, published);
    for (const feed of this.#feeds.values()) feed.wake();
  }

  #textOf({ header, headerBytes }: Checkpoint): string {
    const { height, logSize, logRoot, timeMs } = header;
    return formatCheckpoint({
      origin: this.origin,
      size: logSize,
      root: fromHex(logRoot),
      extensions: [blockLine({ height, headerHash: headerHash(headerBytes) }), timeLine(timeMs)],
    });
  }

  #published(note: SignedNote): PublishedNote {
    const { policy, verify, now } = this.#options;
    const body = parseCheckpoint(note.text);
    const block = body && blockOf(body);
    if (!body || !block) throw unreadable(this.#options.file, 'a note in it is not of this log');
    const nowS = Math.floor(now() / 1000);
    const counted = cosignersOf(note, policy, { nowS, aheadMaxS: Infinity }, verify);
    return {
      ...block,
      logSize: body.size,
      bytes: utf8(formatNote(note)),
      cosigned: counted.timestampS,
    };
  }

  /** Of a note that was kept: what it says must still be how the ledger's log begins. */
  #restore(bytes: Uint8Array): PublishedNote | null {
    const { engine, file, verify, mayLag } = this.#options;
    const note = parseNote(bytes);
    const body = note && parseCheckpoint(note.text);
    if (!body || body.origin !== this.origin) throw unreadable(file, 'a note is not of this log');
    if ((this.#bound?.size ?? 0) <= body.size) this.#bound = body;
    const size = engine.checkpoint()?.header.logSize ?? 0;
    if (!(mayLag && size < body.size)) this.#checkBound(size);
    // Under a key that was replaced it binds this log still, but is not given out any more.
    if (!isSignedByLog(note, this.logKey, verify)) return null;
    const published = this.#published(note);
    this.#remember(note.text, published);
    this.#count(published);
    return published;
  }

  /** Throws where a log of this size does not begin with what was signed before the start. */
  #checkBound(size: number): void {
    const bound = this.#bound;
    if (!bound) return;
    if (bound.size > size || !equalBytes(rootFrom(bound.size, this.#read), bound.root)) {
      throw rolledBack(size, bound.size, this.#options.file);
    }
  }

  readonly #read: ReadSubtree = ({ height, index }) => {
    const hash = this.#options.engine.subtreeHash(height, index);
    if (!hash) throw new RangeError(`the log has no subtree ${index} of height ${height}`);
    return hash;
  };

  #feedOf(witness: PolicyWitnessWithUrl): WitnessFeed {
    return new WitnessFeed({
      witness,
      latest: () => this.#latest,
      proof: (oldSize, size) => consistencyProofFrom(oldSize, size, this.#read),
      take: async (note, signatures) => (await this.#take(note, signatures)).includes(witness.name),
      onProblem: (problem) => this.#options.onProblem(`witness ${witness.name}: ${problem}`),
      retryMs: this.#options.retryMs,
    });
  }

  /** Adds what verifies, of each witness the newest. Returns the names of those witnesses. */
  async #take(to: PublishedNote, signatures: readonly NoteSignature[]): Promise<string[]> {
    const { policy, verify, now } = this.#options;
    const note = parseNote(to.bytes);
    if (!note) return [];
    const times = { nowS: Math.floor(now() / 1000), ...freshness };
    const taken: string[] = [];
    const newer: NoteSignature[] = [];
    for (const { name, key } of policy.witnesses) {
      for (const offered of signaturesOf({ text: note.text, signatures }, key)) {
        const alone = { text: note.text, signatures: [offered] };
        const time = cosignersOf(alone, policy, times, verify).timestampS.get(name);
        if (time === undefined || taken.includes(name)) continue;
        taken.push(name);
        if (time > (to.cosigned.get(name) ?? -1)) newer.push(offered);
      }
    }
    if (newer.length > 0) await this.#merge(note.text, newer);
    return taken;
  }

  async #merge(text: string, newer: readonly NoteSignature[]): Promise<void> {
    // Read anew: another witness's may have come in the meantime.
    const current = this.#recent.get(text);
    const note = current && parseNote(current.bytes);
    if (!note) return;
    const isReplaced = ({ name, keyId }: NoteSignature): boolean =>
      newer.some((other) => other.name === name && other.keyId === keyId);
    const kept = note.signatures.filter((one) => !isReplaced(one));
    const merged = this.#published({ text, signatures: [...kept, ...newer] });
    this.#remember(text, merged);
    this.#count(merged);
    if (this.#latest?.height === merged.height) this.#latest = merged;
    const quorum = isFulfilled(this.#options.policy.quorum, merged.cosigned);
    if (!quorum || merged.height < (this.#witnessed?.height ?? 0)) return;
    this.#witnessed = merged;
    await this.#save(() => ({
      latest: this.#latest?.bytes ?? merged.bytes,
      witnessed: this.#witnessed?.bytes ?? null,
    }));
  }

  #count({ cosigned, logSize }: PublishedNote): void {
    for (const [name, timestampS] of cosigned) {
      if ((this.#cosigned.get(name)?.logSize ?? 0) <= logSize) {
        this.#cosigned.set(name, { logSize, timestampS });
      }
    }
  }

  #remember(text: string, note: PublishedNote): void {
    this.#recent.set(text, note);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > recentMax && oldest !== undefined) this.#recent.delete(oldest);
  }

  /** One after the other; what is written is read when its turn has come. */
  #save(notes: () => Parameters<typeof writeKeptNotes>[1]): Promise<void> {
    const saved = this.#saving.then(() => writeKeptNotes(this.#options.file, notes()));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }
}

type PolicyWitnessWithUrl = Policy['witnesses'][number] & { readonly url: string };

const rolledBack = (size: number, signed: number, file: string): OperationalError =>
  new OperationalError(
    'LOG_ROLLED_BACK',
    `The database holds a log of ${size} leaves which is no continuation of the ${signed} leaves ` +
      'that this node signed a note of: an older or another database was restored. Whoever holds ' +
      'that note could show that this exchange signs two histories. Restore the newest database; ' +
      `if that history is lost for good, tell participants and witnesses, and move ${file} aside.`,
  );
