/** A checkpoint as the present format holds it: of the block signer or of validators, in one shape. */
import type { CommittedCheckpoint } from '../proof/checkpoint-schema.ts';
import { readSealing, type Sealing } from '../proof/sealing.ts';
import type { Dossier, SealedCheckpoint, SignedCheckpoint } from './schema.ts';

export const sealedCheckpoint = (
  checkpoint: SignedCheckpoint | CommittedCheckpoint,
): SealedCheckpoint =>
  'signature' in checkpoint
    ? {
        header: checkpoint.header,
        signatures: [checkpoint.signature],
        lightBlocks: [],
        handOver: [],
      }
    : { ...checkpoint, signatures: [] };

/** Of any format. Throws RangeError where two seal it, CborError, CodecError or ProofFormatError. */
export function readCheckpoint(checkpoint: Dossier['checkpoint']): Sealing {
  if (!('signatures' in checkpoint)) return readSealing(checkpoint);
  const { signatures, ...committed } = checkpoint;
  const [signature] = signatures;
  if (signature === undefined) return readSealing(committed);
  if (committed.lightBlocks.length > 0 || committed.handOver.length > 0) {
    throw new RangeError('it is of the block signer and of validators at once');
  }
  return readSealing({ signature });
}
