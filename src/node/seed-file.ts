import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fromHex, toHex } from '../base/bytes.ts';
import { readFileJson, taken } from '../base/file-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import { signingKeyFromSeed } from '../chain/tx/signature.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { makeFolder, privateModes } from './private-files.ts';

export interface SeedFile {
  /** First field of the file: a key of one purpose is never read as another's. */
  readonly format: string;
  /** Of the error where the file is there and cannot be used. */
  readonly errorCode: string;
  /** What that means, in a sentence. */
  readonly ifLost: string;
}

/** The node's own key in this file (mode 0600, unencrypted), made where there is no such file. */
export async function openSeedFile(file: string, kind: SeedFile): Promise<SigningKey> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, kind, (cause as Error).message, cause);
  });
  if (bytes === null) return makeSeedFile(file, kind);
  const read = readFileJson(bytes, { secret: true });
  const json = taken(read, (problem) => unreadable(file, kind, `it ${problem}`));
  const seed = parseSeed(json, kind.format);
  if (!seed) throw unreadable(file, kind, `it is not a ${kind.format} file`);
  return signingKeyFromSeed(seed);
}

async function makeSeedFile(file: string, { format }: SeedFile): Promise<SigningKey> {
  const seed = randomBytes(32);
  await makeFolder(path.dirname(file), privateModes);
  await writeFile(file, `${JSON.stringify({ format, seed: toHex(seed) })}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  return signingKeyFromSeed(seed);
}

function parseSeed(json: unknown, format: string): Uint8Array | null {
  const { format: found, seed } = (json ?? {}) as { format?: unknown; seed?: unknown };
  if (found !== format || typeof seed !== 'string' || !/^[0-9a-f]{64}$/.test(seed)) return null;
  return fromHex(seed);
}

const unreadable = (file: string, kind: SeedFile, why: string, cause?: unknown): OperationalError =>
  new OperationalError(
    kind.errorCode,
    `${file}: ${why}. Restore it from its backup; ${kind.ifLost}`,
    { cause },
  );
