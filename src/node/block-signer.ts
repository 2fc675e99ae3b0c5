import { randomBytes } from 'node:crypto';
import { access, readFile, writeFile } from 'node:fs/promises';
import { fromHex, toHex, type Hex } from '../base/bytes.ts';
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
  if (text === null) return makeBlockSigner(file);
  const seed = parseSeed(text);
  if (!seed) throw unreadable(file, `it is not a ${format} file`);
  return signingKeyFromSeed(seed);
}

/**
 * The key that a chain's genesis names, on a node that goes on with the chain. It is not on the
 * ledger and in no export. Throws OperationalError BLOCK_SIGNER_MISSING, BLOCK_SIGNER_OTHER or
 * BLOCK_SIGNER_UNREADABLE; never makes one.
 */
export async function openBlockSignerOf(publicKey: Hex, file: string): Promise<SigningKey> {
  const from = `Copy it from the node that ran this chain before, as ${file}, mode 0600.`;
  if (!(await isThere(file))) {
    throw new OperationalError(
      'BLOCK_SIGNER_MISSING',
      `The key that signs blocks of this chain (${publicKey}) is not here. ${from}`,
    );
  }
  const key = await openBlockSigner(file);
  if (key.publicKey === publicKey) return key;
  throw new OperationalError(
    'BLOCK_SIGNER_OTHER',
    `${file} is the key ${key.publicKey}; genesis names ${publicKey}. ${from}`,
  );
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  );

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
