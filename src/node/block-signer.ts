import { access } from 'node:fs/promises';
import type { Hex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { openSeedFile } from './seed-file.ts';

/**
 * The node's own key, which signs block headers and which key signs the log's notes, both as tagged
 * hashes, and nothing else. It is made on the node and stays there, unencrypted so that the node can
 * start unattended: the file's mode (0600) and the machine are its protection. Throws
 * OperationalError BLOCK_SIGNER_UNREADABLE.
 */
export const openBlockSigner = (file: string): Promise<SigningKey> =>
  openSeedFile(file, {
    format: 'dxl-block-signer/1',
    errorCode: 'BLOCK_SIGNER_UNREADABLE',
    ifLost: 'without it this chain cannot go on.',
  });

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
