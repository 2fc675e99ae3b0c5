import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fromHex, toHex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { signingKeyFromSeed } from '../chain/tx/signature.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { makeParent } from './data-folder.ts';

const format = 'dxl-block-signer/1';

/**
 * The node's own key, which signs block headers and nothing else. It is made on the node and
 * stays there, unencrypted so that the node can start unattended: the file's mode (0600) and the
 * machine are its protection. Throws OperationalError BLOCK_SIGNER_UNREADABLE.
 */
export async function openBlockSigner(file: string): Promise<SigningKey> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(file, (cause as Error).message, cause);
  });
  return text === null ? makeBlockSigner(file) : signerOf(file, text);
}

/** As `openBlockSigner`, of a key that is there; none is made. Throws BLOCK_SIGNER_UNREADABLE. */
export async function readBlockSigner(file: string): Promise<SigningKey> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable(file, (cause as Error).message, cause);
  });
  return signerOf(file, text);
}

function signerOf(file: string, text: string): SigningKey {
  const seed = parseSeed(text);
  if (!seed) throw unreadable(file, `it is not a ${format} file`);
  return signingKeyFromSeed(seed);
}

async function makeBlockSigner(file: string): Promise<SigningKey> {
  const seed = randomBytes(32);
  await makeParent(file);
  await writeFile(file, `${JSON.stringify({ format, seed: toHex(seed) })}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  return signingKeyFromSeed(seed);
}

function parseSeed(text: string): Uint8Array | null {
  try {
    const value = JSON.parse(text) as { format?: unknown; seed?: unknown };
    const whole = value.format === format && typeof value.seed === 'string';
    if (!whole || !/^[0-9a-f]{64}$/.test(value.seed as string)) return null;
    return fromHex(value.seed as string);
  } catch {
    return null;
  }
}

const unreadable = (file: string, why: string, cause?: unknown): OperationalError =>
  new OperationalError(
    'BLOCK_SIGNER_UNREADABLE',
    `${file}: ${why}. Restore it from its backup; without it this chain cannot go on.`,
    { cause },
  );
