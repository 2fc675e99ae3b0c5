/** Modules for browsers, bundled from src/browser by `npm run generate`, read at first use and kept. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { OperationalError } from '../base/operational-error.ts';

export interface BrowserFile {
  readonly text: string;
  readonly bytes: number;
  /** Hex. The same source and the same esbuild give the same bytes. */
  readonly sha256: string;
}

async function read(name: string): Promise<BrowserFile> {
  const file = new URL(`../../public/${name}`, import.meta.url);
  const content = await readFile(file).catch((cause: unknown) => {
    throw new OperationalError(
      'PAGE_FILE_UNREADABLE',
      `${fileURLToPath(file)} cannot be read: take it from the version's sources again.`,
      { cause },
    );
  });
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { text: content.toString('utf8'), bytes: content.length, sha256 };
}

const files = new Map<string, Promise<BrowserFile>>();

function once(name: string): Promise<BrowserFile> {
  const known = files.get(name);
  if (known) return known;
  const made = read(name);
  files.set(name, made);
  // A failure is told to who asked; the next one tries anew.
  made.catch(() => files.delete(name));
  return made;
}

/** `/verifier.js`: every verifier, as an ES module. */
export const verifierFile = (): Promise<BrowserFile> => once('verifier.js');

/** What the page /verify does. */
export const verifyPageFile = (): Promise<BrowserFile> => once('verify.js');
