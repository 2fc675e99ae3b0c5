import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fromHex, toHex } from '../base/bytes.ts';
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
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, kind, (cause as Error).message, cause);
  });
  if (text === null) return makeSeedFile(file, kind);
  const seed = parseSeed(text, kind.format);
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

function parseSeed(text: string, format: string): Uint8Array | null {
  try {
    const value = JSON.parse(text) as { format?: unknown; seed?: unknown };
    const whole = value.format === format && typeof value.seed === 'string';
    if (!whole || !/^[0-9a-f]{64}$/.test(value.seed as string)) return null;
    return fromHex(value.seed as string);
  } catch {
    return null;
  }
}

const unreadable = (file: string, kind: SeedFile, why: string, cause?: unknown): OperationalError =>
  new OperationalError(
    kind.errorCode,
    `${file}: ${why}. Restore it from its backup; ${kind.ifLost}`,
    { cause },
  );
