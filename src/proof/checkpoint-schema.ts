/** A block header with what says that validators sealed it, as proof files and dossiers hold it. */
import { toBase64url } from '../base/base64url.ts';
import { base64url, list, record, type Static } from '../base/schema.ts';
import type { CommitProof } from '../chain/light/commit-proof.ts';
import { encodeLightBlock } from '../chain/light/light-block.ts';

export const headerField = () => base64url(1, 4096, 'Block header, canonical CBOR');

/** Each believed because of the one before; the last is of the height after the header's. */
export const lightBlocksField = (minimum: number) =>
  list(base64url(1, 262_144, 'CometBFT header, commit, validators; CBOR'), minimum, 16);

/** None where the caller must know the validators from elsewhere. */
export const handOverField = () =>
  list(
    record({
      statement: base64url(1, 1024, 'Hand-over to the validators, canonical CBOR'),
      signature: base64url(64, 64, 'Ed25519 signature of the block signer over it'),
    }),
    0,
    1,
  );

export const committedCheckpointSchema = record({
  header: headerField(),
  lightBlocks: lightBlocksField(1),
  handOver: handOverField(),
});
export type CommittedCheckpoint = Static<typeof committedCheckpointSchema>;

export const committedCheckpoint = (
  headerBytes: Uint8Array,
  { lightBlocks, handOver }: CommitProof,
): CommittedCheckpoint => ({
  header: toBase64url(headerBytes),
  lightBlocks: lightBlocks.map((block) => toBase64url(encodeLightBlock(block))),
  handOver: handOver
    ? [
        {
          statement: toBase64url(handOver.statement),
          signature: toBase64url(handOver.signature),
        },
      ]
    : [],
});
