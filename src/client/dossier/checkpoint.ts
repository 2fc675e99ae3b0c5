import { toBase64url } from '../../base/base64url.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { SealedCheckpoint } from '../../dossier/schema.ts';
import type { DossierSource, Proved } from './source.ts';

/**
 * A header with what seals it. An Ed25519 signature has 64 bytes: whatever is longer stands for the
 * validators' commit. Throws OperationalError DOSSIER_UNSEALED where the source knows of no commit.
 */
export async function checkpointOf(
  source: DossierSource,
  { header, signature, height }: Proved,
): Promise<SealedCheckpoint> {
  const shown = { header: toBase64url(header), signatures: [], lightBlocks: [], handOver: [] };
  if (signature.length === 64) return { ...shown, signatures: [toBase64url(signature)] };
  const commit = await source.commit?.(height);
  if (!commit) {
    throw new OperationalError(
      'DOSSIER_UNSEALED',
      `No block signer signed block ${height}, and nobody said how validators committed to it. ` +
        'Ask another node of the network.',
    );
  }
  const { lightBlocks, handOver } = commit;
  return {
    ...shown,
    lightBlocks: lightBlocks.map(toBase64url),
    handOver: handOver
      ? [
          {
            statement: toBase64url(handOver.statement),
            signature: toBase64url(handOver.signature),
          },
        ]
      : [],
  };
}
