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
