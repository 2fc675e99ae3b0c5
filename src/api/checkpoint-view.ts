import { toJson } from '../base/codec.ts';
import { digest, record, type Static } from '../base/schema.ts';
import { decodeHeader, headerHash, headerSchema } from '../chain/machine/header.ts';
import { base64Url, toBase64Url } from './base64url.ts';

export const checkpointSchema = record(
  {
    header: headerSchema,
    headerBytes: base64Url('The header’s canonical CBOR'),
    headerHash: digest('Tagged hash of the header’s bytes: what is signed'),
    signature: base64Url(
      'Ed25519 signature of the block signer over the 32 bytes of the hash; beside CometBFT, what ' +
        'it said of its block (docs/comet.md), and /v1/blocks/{height}/commit has the signatures',
    ),
  },
  'Checkpoint',
);
export type CheckpointView = Static<typeof checkpointSchema>;

/** A signed header, decoded and as the bytes that were signed. */
export const checkpointView = (header: Uint8Array, signature: Uint8Array): CheckpointView => ({
  header: toJson(headerSchema, decodeHeader(header)) as CheckpointView['header'],
  headerBytes: toBase64Url(header),
  headerHash: headerHash(header),
  signature: toBase64Url(signature),
});
