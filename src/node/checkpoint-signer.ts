import type { SigningKey } from '../chain/tx/signing-key.ts';
import { openSeedFile } from './seed-file.ts';

/**
 * The key that signs notes of the event log and nothing else (docs/witness.md): a note's text is signed
 * as it is, without a tag of its purpose, so this key must have no other. Throws OperationalError
 * CHECKPOINT_SIGNER_UNREADABLE.
 */
export const openCheckpointSigner = (file: string): Promise<SigningKey> =>
  openSeedFile(file, {
    format: 'dxl-checkpoint-signer/1',
    errorCode: 'CHECKPOINT_SIGNER_UNREADABLE',
    ifLost: 'or move it aside: a new one is made, which every witness must then be told of.',
  });
