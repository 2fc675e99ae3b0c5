/**
 * A witness: cosigns a log's checkpoint where it continues what was cosigned before, keeps the two
 * notes where it cannot, and never forgets. One operation at a time, whatever asks for it.
 */
import { equalBytes, utf8 } from '../base/bytes.ts';
import { parseCheckpoint, type CheckpointBody } from '../chain/checkpoint/body.ts';
import {
  contradictionOf,
  contradictions,
  type Contradiction,
} from '../chain/checkpoint/contradiction.ts';
import { cosign, witnessKeyOf } from '../chain/checkpoint/cosignature.ts';
import { noteTimeOf } from '../chain/checkpoint/ledger-note.ts';
import { isSignedByLog } from '../chain/checkpoint/log-signature.ts';
import {
  formatNote,
  formatSignatureLine,
  parseNote,
  signaturesOf,
  type NoteSignature,
  type SignedNote,
  type VerifierKey,
  type VerifySignature,
} from '../chain/checkpoint/note.ts';
import { judgeSubmission } from '../chain/checkpoint/submission-rules.ts';
import { parseSubmission } from '../chain/checkpoint/submission.ts';
import { rootsOfPrefixProof } from '../chain/checkpoint/subtrees.ts';
import { keepEvidence, keepSuspicion } from './evidence-file.ts';
import type { WitnessKey } from './key-file.ts';
import { judgeNoteTime, type TimeRefusal } from './note-time.ts';
import type { LogMemory, StateFile } from './state-file.ts';

/** A log that is followed: its keys all bear its origin as their name. */
export interface FollowedLog {
  readonly origin: string;
  readonly keys: readonly VerifierKey[];
  /** Where it can be asked; null where it only comes by itself. */
  readonly url: string | null;
}

export interface WitnessOptions {
  readonly identity: WitnessKey;
  readonly logs: ReadonlyMap<string, FollowedLog>;
  readonly state: StateFile;
  readonly evidenceDir: string;
  readonly verify: VerifySignature;
  /** Seconds since the epoch. */
  readonly nowS: () => number;
  /** Seconds of a clock that nobody sets. */
  readonly steadyS: () => number;
  /** By how much the clocks of log and witness may differ, in seconds. */
  readonly toleranceS: number;
  /** Told what a person must see, in one line. */
  readonly onAlert: (alert: string) => void;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export type Advanced =
  | { readonly cosigned: Uint8Array }
  | { readonly halted: string }
  /** For its time: the name and why. */
  | { readonly refused: string };

/** A note whose log's signature was found in order. */
export interface SoundNote {
  readonly log: FollowedLog;
  readonly note: SignedNote;
  readonly body: CheckpointBody;
}

export class Witness {
  readonly #options: WitnessOptions;
  readonly key: VerifierKey;
  #turn: Promise<unknown> = Promise.resolve();
  /** By origin: when what was cosigned last was still the newest, as far as this process knows. */
  readonly #newestAtS = new Map<string, number>();
  /** By origin, where the last note was refused for its time. */
  readonly #untimely = new Map<string, TimeRefusal>();
  /** Wall time at the steady clock's zero. */
  readonly #offsetS: number;
  readonly #startS: number;

  constructor(options: WitnessOptions) {
    this.#options = options;
    this.key = witnessKeyOf(options.identity.name, options.identity.key);
    this.#startS = options.steadyS();
    this.#offsetS = options.nowS() - this.#startS;
  }

  get logs(): ReadonlyMap<string, FollowedLog> {
    return this.#options.logs;
  }

  memory(origin: string): LogMemory | null {
    return this.#options.state.get(origin);
  }

  /** c2sp.org/tlog-witness, add-checkpoint. Rejects where the memory cannot be written. */
  async addCheckpoint(bytes: Uint8Array): Promise<Answer> {
    const submission = parseSubmission(bytes);
    if (!submission) return plain(400, 'the body is no old size, proof and checkpoint');
    const sound = this.sound(submission.note);
    if ('status' in sound) return sound;
    return this.exclusively(async () => {
      const { origin } = sound.log;
      const halted = await this.#haltedBy(sound, null);
      if (halted !== null) return plain(422, halted);
      const verdict = judgeSubmission(this.memory(origin)?.body ?? null, sound.body, submission);
      if (verdict.kind === 'conflict') {
        return { status: 409, type: 'text/x.tlog.size', body: `${verdict.size}\n` };
      }
      if (verdict.kind === 'refused') {
        if (verdict.status === 422) await this.#suspect(sound);
        return plain(verdict.status, verdict.why);
      }
      const untimely = this.#judgeTime(sound);
      if (untimely) return plain(422, `${untimely.name}: ${untimely.why}`);
      return { status: 200, type: 'text/plain', body: await this.#cosign(sound) };
    });
  }

  /** The note and its log, or what is answered to who brought it. */
  sound(bytes: Uint8Array): SoundNote | Answer {
    const note = parseNote(bytes);
    const body = note && parseCheckpoint(note.text);
    if (!body) return plain(400, 'the note is no signed checkpoint');
    const log = this.logs.get(body.origin);
    if (!log) return plain(404, 'this log is not followed here');
    const { verify } = this.#options;
    const known = log.keys.filter((key) => signaturesOf(note, key).length > 0);
    const sound = known.length > 0 && known.every((key) => isSignedByLog(note, key, verify));
    return sound ? { log, note, body } : plain(403, 'no valid signature of the log’s pinned key');
  }

  /**
   * Where `prefixProof` shows that the note continues what was cosigned, cosigns it; it needs none
   * where nothing was cosigned yet, or as many leaves. Returns the cosigned note, or why not. Null
   * where the memory has moved on, or that is not shown: look again.
   */
  advance(
    sound: SoundNote,
    from: CheckpointBody | null,
    prefixProof: readonly Uint8Array[] | null,
  ): Promise<Advanced | null> {
    return this.exclusively(async () => {
      const { origin } = sound.log;
      const last = this.memory(origin)?.body ?? null;
      if (last?.size !== from?.size) return null;
      const halted = await this.#haltedBy(sound, prefixProof);
      if (halted !== null) return { halted };
      if (last && !isContinuation(last, sound.body, prefixProof)) return null;
      const untimely = this.#judgeTime(sound);
      if (untimely) return { refused: `${untimely.name}: ${untimely.why}` };
      await this.#cosign(sound);
      const note = this.memory(origin)?.note;
      return note ? { cosigned: note } : null;
    });
  }

  /** The log itself shows that it has nothing newer than what was cosigned. */
  sawNewest(origin: string): void {
    this.#newestAtS.set(origin, this.#options.nowS());
  }

  /** Why the log's last note was refused for its time; null where it was not. */
  untimely(origin: string): TimeRefusal | null {
    return this.#untimely.get(origin) ?? null;
  }

  /** Alerts once for each kind of refusal, until a note is timely again. */
  #judgeTime({ log: { origin }, note, body }: SoundNote): TimeRefusal | null {
    const { nowS, steadyS, toleranceS, onAlert } = this.#options;
    const memory = this.memory(origin);
    const [wallS, steady] = [nowS(), steadyS()];
    // A clock that is slewed right, or drifts, is off by less than a hundredth of the time.
    const driftS = (steady - this.#startS) / 100;
    const offS = wallS - steady - this.#offsetS;
    const found = judgeNoteTime({
      noteMs: noteTimeOf(body),
      isRepeated: memory !== null && parseNote(memory.note)?.text === note.text,
      last: memory && { noteMs: noteTimeOf(memory.body), cosignedS: memory.timestampS },
      newestAtS: this.#newestAtS.get(origin) ?? null,
      steppedS: Math.sign(offS) * Math.max(0, Math.abs(offS) - driftS),
      ...{ nowS: wallS, toleranceS },
    });
    if (found && this.#untimely.get(origin)?.name !== found.name) {
      onAlert(`${origin}: not cosigned. ${found.name}: ${found.why}.`);
    }
    if (found) this.#untimely.set(origin, found);
    else this.#untimely.delete(origin);
    return found;
  }

  /** One after the other, so that no memory is checked while another is written. */
  exclusively<Value>(step: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Keeps the evidence where the two notes contradict each other; why nothing is cosigned, or null. */
  async #haltedBy(
    { log, note, body }: SoundNote,
    prefixProof: readonly Uint8Array[] | null,
  ): Promise<string | null> {
    const memory = this.memory(log.origin);
    if (!memory) return null;
    if (memory.halted !== null) return memory.halted;
    const [below, above] =
      memory.body.size <= body.size ? [memory.body, body] : [body, memory.body];
    const found = contradictionOf(below, above, prefixProof);
    if (!found) return null;
    return this.#halt(log, memory, note, found, prefixProof);
  }

  async #halt(
    log: FollowedLog,
    memory: LogMemory,
    note: SignedNote,
    found: Contradiction,
    prefixProof: readonly Uint8Array[] | null,
  ): Promise<string> {
    const { evidenceDir, state, onAlert } = this.#options;
    const notes = [memory.note, utf8(formatNote(note))] as const;
    const evidence = { logKeys: log.keys, notes, prefixProof };
    const file = await keepEvidence(evidenceDir, log.origin, evidence);
    const halted = `two histories: ${contradictions[found]}`;
    await state.remember(log.origin, { ...memory, halted });
    onAlert(
      `${log.origin} SIGNED TWO HISTORIES (${contradictions[found]}). Nothing of it is cosigned ` +
        `any more. Both signed notes are in ${file}; anybody can check them with ` +
        '`dxl witness compare`.',
    );
    return halted;
  }

  /** Signed by the log, and not shown to continue what was cosigned: kept for who can tell. */
  async #suspect({ log, note }: SoundNote): Promise<void> {
    const { evidenceDir, onAlert } = this.#options;
    const memory = this.memory(log.origin);
    if (!memory) return;
    // Lines beside the log's own would make another file of the same words, as often as one likes.
    const signatures = signaturesOfLog(log, note);
    const notes = [memory.note, utf8(formatNote({ text: note.text, signatures }))] as const;
    const evidence = { logKeys: log.keys, notes, prefixProof: null };
    const file = await keepSuspicion(evidenceDir, log.origin, evidence);
    if (file === null) return;
    onAlert(
      `${log.origin}: a signed note came without a proof that it continues what was cosigned. It ` +
        `is not cosigned; both notes are in ${file}.`,
    );
  }

  /** The signature line that is given out; the memory of it is on the disk by then. */
  async #cosign({ log, note, body }: SoundNote): Promise<string> {
    const { identity, state, nowS } = this.#options;
    const before = this.memory(log.origin);
    const timestampS = Math.max(nowS(), before?.timestampS ?? 0);
    const own = cosign(note.text, timestampS, identity.name, identity.key);
    const signatures = [...signaturesOfLog(log, note), own];
    const kept = utf8(formatNote({ text: note.text, signatures }));
    await state.remember(log.origin, { note: kept, body, timestampS, halted: null });
    // Whoever brings the same again does not show that there is nothing newer.
    const isNew = before === null || parseNote(before.note)?.text !== note.text;
    if (isNew) this.#newestAtS.set(log.origin, nowS());
    return formatSignatureLine(own);
  }
}

const signaturesOfLog = ({ keys }: FollowedLog, note: SignedNote): NoteSignature[] =>
  keys.flatMap((key) => signaturesOf(note, key));

/** The caller has found that the two do not contradict each other. */
function isContinuation(
  last: CheckpointBody,
  body: CheckpointBody,
  prefixProof: readonly Uint8Array[] | null,
): boolean {
  if (last.size === 0 || last.size === body.size) return true;
  const roots = prefixProof && rootsOfPrefixProof(last.size, body.size, prefixProof);
  return (
    roots !== null && equalBytes(roots.oldRoot, last.root) && equalBytes(roots.root, body.root)
  );
}

export const sameRoot = (one: CheckpointBody, other: CheckpointBody): boolean =>
  equalBytes(one.root, other.root);

export const plain = (status: number, why: string): Answer => ({
  status,
  type: 'text/plain',
  body: `${why}\n`,
});
