/** Folders and files of a node that are nobody else's, whatever the umask that it is started with. */
import { chmod, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** What of the mode may be set at most. The database's own account may have to pass through. */
export const openModes = 0o755;
export const privateModes = 0o700;
export const privateFileModes = 0o600;

/** Makes a folder with those above it; each that is made has no more than these modes. */
export async function makeFolder(folder: string, modes: number): Promise<void> {
  const wanted = path.resolve(folder);
  const first = await mkdir(wanted, { recursive: true, mode: modes });
  if (first === undefined) return;
  for (let made = wanted; made.length >= first.length; made = path.dirname(made)) {
    await narrow(made, made === wanted ? modes : openModes);
  }
}

/** The umask has only ever taken modes away: what is wider than it was to be is narrowed. */
async function narrow(file: string, modes: number): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o777 & ~modes) !== 0) await chmod(file, mode & modes);
}

/** One that is wider than it may be, with what to do. */
export interface WideFile {
  readonly file: string;
  readonly mode: string;
  readonly remedy: string;
}

/** Of these, what is there and open to others; nothing is changed. */
export async function findWideFiles(
  files: readonly { readonly file: string; readonly modes: number }[],
): Promise<WideFile[]> {
  if (process.platform === 'win32') return [];
  const found = await Promise.all(
    files.map(async ({ file, modes }) => {
      const mode = (await stat(file).catch(() => null))?.mode ?? 0;
      if ((mode & 0o777 & ~modes) === 0) return [];
      const remedy = `chmod ${modes.toString(8)} ${quoted(file)}`;
      return [{ file, mode: (mode & 0o777).toString(8).padStart(3, '0'), remedy }];
    }),
  );
  return found.flat();
}

const quoted = (file: string): string =>
  /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
