/**
 * A witness's memory. What it says is all that keeps a log from being shown in two histories, so it
 * is on the disk before a cosignature leaves, has a checksum, and is never begun anew by itself.
 */
import { readFile } from 'node:fs/promises';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { OperationalError } from '../base/operational-error.ts';
import { parseCheckpoint, type CheckpointBody } from '../chain/checkpoint/body.ts';
import { parseNote } from '../chain/checkpoint/note.ts';
import { writeDurably } from './durable-file.ts';

/** What is known of one log. */
export interface LogMemory {
  /** The last note that was cosigned, with the log's signature and the witness's own. */
  readonly note: Uint8Array;
  readonly body: CheckpointBody;
  /** Of that cosignature, in seconds. */
  readonly timestampS: number;
  /** Why nothing of this log is cosigned any more; null while it may be. */
  readonly halted: string | null;
}

const format = 'dxl-witness-state/1';

export class StateFile {
  readonly #file: string;
  readonly #logs: Map<string, LogMemory>;

  private constructor(file: string, logs: Map<string, LogMemory>) {
    this.#file = file;
    this.#logs = logs;
  }

  static async begin(file: string): Promise<void> {
    await writeDurably(file, textOf(new Map()));
  }

  /** Throws OperationalError WITNESS_STATE_MISSING or WITNESS_STATE_CORRUPT. */
  static async open(file: string): Promise<StateFile> {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new OperationalError(
        'WITNESS_STATE_MISSING',
        `${file} cannot be read (${(cause as Error).message}). Without it this witness could ` +
          'cosign a second history. Restore the newest copy; if there is none, make a new witness ' +
          'with a new key, `dxl witness init`, and tell those who count on the old one.',
        { cause },
      );
    });
    const logs = parse(text);
    if (logs) return new StateFile(file, logs);
    throw new OperationalError(
      'WITNESS_STATE_CORRUPT',
      `${file} was altered or damaged: its checksum does not fit. Nothing is cosigned with it. ` +
        'Restore the newest copy; an older one would let a second history pass.',
    );
  }

  get(origin: string): LogMemory | null {
    return this.#logs.get(origin) ?? null;
  }

  get logs(): ReadonlyMap<string, LogMemory> {
    return this.#logs;
  }

  /**
   * On the disk when it resolves; where it rejects nothing has changed. One call at a time. The caller
   * never goes back to a smaller log: this asserts it.
   */
  async remember(origin: string, memory: LogMemory): Promise<void> {
    const before = this.#logs.get(origin);
    if (before && (memory.body.size < before.body.size || (before.halted && !memory.halted))) {
      throw new RangeError(`the memory of ${origin} does not go back`);
    }
    const next = new Map(this.#logs).set(origin, memory);
    await writeDurably(this.#file, textOf(next));
    this.#logs.set(origin, memory);
  }
}

interface StoredLog {
  readonly origin: string;
  readonly note: string;
  readonly timestampS: number;
  readonly halted: string | null;
}

function textOf(logs: ReadonlyMap<string, LogMemory>): string {
  const stored: StoredLog[] = [...logs].map(([origin, { note, timestampS, halted }]) => ({
    ...{ origin, timestampS, halted },
    note: fromUtf8(note),
  }));
  const content = JSON.stringify(stored);
  return `${JSON.stringify({ format, checksum: sha256Hex(utf8(content)), logs: stored }, null, 2)}\n`;
}

function parse(text: string): Map<string, LogMemory> | null {
  try {
    const value = JSON.parse(text) as { format?: unknown; checksum?: unknown; logs?: unknown };
    const logs = value.logs as readonly StoredLog[];
    if (value.format !== format || value.checksum !== sha256Hex(utf8(JSON.stringify(logs)))) {
      return null;
    }
    const read = logs.map(({ origin, note, timestampS, halted }) => {
      const bytes = utf8(note);
      const body = parseCheckpoint(parseNote(bytes)?.text ?? '');
      return body?.origin === origin
        ? ([origin, { note: bytes, body, timestampS, halted }] as const)
        : null;
    });
    return read.every((entry) => entry !== null) ? new Map(read) : null;
  } catch {
    return null;
  }
}
