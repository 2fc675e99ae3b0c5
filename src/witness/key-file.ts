import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { fromHex, toHex } from '../base/bytes.ts';
import { readFileJson, taken } from '../base/file-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import { isKeyName } from '../chain/checkpoint/note.ts';
import { signingKeyFromSeed } from '../chain/tx/signature.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { StateFile } from './state-file.ts';
import type { WitnessFiles } from './witness-files.ts';

export interface WitnessKey {
  /** In every cosignature, and in the policies of those who count them. */
  readonly name: string;
  readonly key: SigningKey;
}

const format = 'dxl-witness-key/1';

/**
 * Makes a witness: its key and the empty state that belongs to it, both in new files (mode 0600).
 * Throws OperationalError WITNESS_NAME or WITNESS_EXISTS.
 */
export async function makeWitness(files: WitnessFiles, name: string): Promise<WitnessKey> {
  if (!isKeyName(name) || name.length > 200) {
    throw new OperationalError(
      'WITNESS_NAME',
      `${name} is no name of a witness: 1 to 200 characters without spaces or plus, best ` +
        'an address without its scheme, witness.example/w1.',
    );
  }
  await mkdir(files.root, { recursive: true });
  const seed = randomBytes(32);
  const handle = await open(files.keyFile, 'wx', 0o600).catch((cause: unknown) => {
    throw new OperationalError(
      'WITNESS_EXISTS',
      `${files.keyFile} cannot be made (${(cause as Error).message}). A witness has a folder of ` +
        'its own, and its key is never overwritten.',
      { cause },
    );
  });
  try {
    await StateFile.begin(files.stateFile);
    await handle.writeFile(`${JSON.stringify({ format, name, seed: toHex(seed) })}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { name, key: signingKeyFromSeed(seed) };
}

/** Throws OperationalError WITNESS_KEY_MISSING or WITNESS_KEY_UNREADABLE. */
export async function openWitnessKey({ keyFile }: WitnessFiles): Promise<WitnessKey> {
  const bytes = await readFile(keyFile).catch((cause: unknown) => {
    throw new OperationalError(
      'WITNESS_KEY_MISSING',
      `${keyFile} cannot be read (${(cause as Error).message}). Make a witness with ` +
        '`dxl witness init`, or name its folder with --dir.',
      { cause },
    );
  });
  const unreadable = (problem: string): OperationalError =>
    new OperationalError(
      'WITNESS_KEY_UNREADABLE',
      `${keyFile} ${problem}. Restore it from its backup.`,
    );
  const found = parse(taken(readFileJson(bytes, { secret: true }), unreadable));
  if (found) return found;
  throw unreadable(`is not a ${format} file`);
}

function parse(json: unknown): WitnessKey | null {
  const { format: found, name, seed } = (json ?? {}) as Record<string, unknown>;
  if (found !== format || typeof name !== 'string' || typeof seed !== 'string') return null;
  if (!isKeyName(name) || !/^[0-9a-f]{64}$/.test(seed)) return null;
  return { name, key: signingKeyFromSeed(fromHex(seed)) };
}
