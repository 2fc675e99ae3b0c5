import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { concat, utf8 } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { writeEvidence, type Evidence } from '../chain/checkpoint/contradiction.ts';
import { writeDurably } from './durable-file.ts';

/** Of notes that contradict each other perhaps; more are not kept. */
const suspicionsMax = 100;

/**
 * Keeps two notes of which no proof shows yet that they contradict each other: who holds more of the
 * log can tell. Returns the new file's path; null where it was kept before, or as many are as may be.
 */
export async function keepSuspicion(
  folder: string,
  origin: string,
  evidence: Evidence,
): Promise<string | null> {
  const kept: readonly string[] = await readdir(folder).catch(() => []);
  const full = kept.filter((name) => name.startsWith('suspect-')).length >= suspicionsMax;
  const known = kept.includes(nameOf('suspect', origin, evidence));
  return full || known ? null : keep(folder, 'suspect', origin, evidence);
}

/** Keeps evidence in a file named by its content, so that the same is kept once. Returns its path. */
export const keepEvidence = (folder: string, origin: string, evidence: Evidence): Promise<string> =>
  keep(folder, 'fork', origin, evidence);

type Kind = 'suspect' | 'fork';

async function keep(
  folder: string,
  kind: Kind,
  origin: string,
  evidence: Evidence,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, nameOf(kind, origin, evidence));
  await writeDurably(file, writeEvidence(evidence));
  return file;
}

function nameOf(kind: Kind, origin: string, { notes }: Evidence): string {
  const log = sha256Hex(utf8(origin)).slice(0, 12);
  return `${kind}-${log}-${sha256Hex(concat(...notes)).slice(0, 12)}.json`;
}
