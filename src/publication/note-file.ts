/** What this log has signed and had witnessed, beside the database: a restored one is noticed. */
import { readFile } from 'node:fs/promises';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { writeDurably } from '../witness/durable-file.ts';

export interface KeptNotes {
  readonly latest: Uint8Array;
  readonly witnessed: Uint8Array | null;
}

const format = 'dxl-log-notes/1';

export const writeKeptNotes = (file: string, { latest, witnessed }: KeptNotes): Promise<void> =>
  writeDurably(
    file,
    `${JSON.stringify({
      format,
      latest: fromUtf8(latest),
      witnessed: witnessed && fromUtf8(witnessed),
    })}\n`,
  );

/** null where nothing was signed yet. Throws OperationalError LOG_NOTES_UNREADABLE. */
export async function readKeptNotes(file: string): Promise<KeptNotes | null> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, (cause as Error).message, cause);
  });
  if (text === null) return null;
  const kept = parse(text);
  if (!kept) throw unreadable(file, `it is not a ${format} file`);
  return kept;
}

function parse(text: string): KeptNotes | null {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const { latest, witnessed } = value;
    if (value['format'] !== format || typeof latest !== 'string') return null;
    if (witnessed !== null && typeof witnessed !== 'string') return null;
    return { latest: utf8(latest), witnessed: witnessed === null ? null : utf8(witnessed) };
  } catch {
    return null;
  }
}

export const unreadable = (file: string, why: string, cause?: unknown): OperationalError =>
  new OperationalError(
    'LOG_NOTES_UNREADABLE',
    `${file}: ${why}. It says what this log has signed; restore it from its backup.`,
    { cause },
  );
