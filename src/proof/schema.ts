/**
 * The fields of a proof file: one checkpoint, and what is claimed under it. One schema gives the
 * type, the strict reader and the JSON Schema docs/proof.schema.json (docs/proofs.md).
 */
import {
  base64url,
  digest,
  integer,
  list,
  nullable,
  oneOf,
  record,
  text,
  type Static,
} from '../base/schema.ts';
import {
  committedCheckpointSchema,
  headerField,
  type CommittedCheckpoint,
} from './checkpoint-schema.ts';

/** The checkpoint has a signature: the block signer's, or a network's seal, which shows nothing. */
export const proofFormat = 'dxl/proof/1';
/** The checkpoint is in a CometBFT header that validators committed to. */
export const proofFormatOfValidators = 'dxl/proof/2';

export const proofBytesMax = 67_108_864;

/** Leaves, and keys, that one file proves at most. */
export const claimsMax = 1000;
export const earlierMax = 16;

const checkpointFields = {
  header: headerField(),
  signature: base64url(1, 1024, 'Ed25519 signature of the block signer, or the seal of a network'),
};

/** Encoded as docs/state-proofs.md has it: up to 256 siblings and another leaf. */
export const stateProof = (description: string) => base64url(3, 8329, description);

const leafSchema = record({
  logIndex: integer(0, Number.MAX_SAFE_INTEGER, 'Place in the event log, from 0'),
  leaf: base64url(1, 4_194_304, 'Leaf, canonical CBOR'),
  hashes: list(digest('Sibling, from leaf to root'), 0, 64),
});

const earlierSchema = record({
  ...checkpointFields,
  hashes: list(digest('Consistency proof, RFC 6962, 2.1.2'), 0, 128),
});

/** The longest key of the state is that of a deadline: name and id of a record with its time. */
export const keyText = () => text(300, 'Key of the state: `<kind>/<id>`, or of the machine’s own');

const stateSchema = record({
  key: keyText(),
  value: nullable(base64url(0, 4_194_304, 'What stands at the key, canonical CBOR of the record')),
  proof: stateProof('State proof; docs/state-proofs.md'),
});

/** All that the checksum is over, but format and checkpoint. */
const commonFields = {
  genesis: base64url(1, 1_048_576, 'Genesis document, canonical CBOR'),
  genesisProof: nullable(
    stateProof('That the state holds the genesis hash at `~genesis`; null under an older header'),
  ),
  leaves: list(leafSchema, 0, claimsMax),
  earlier: list(earlierSchema, 0, earlierMax),
  state: list(stateSchema, 0, claimsMax),
  checksum: digest('SHA-256 of the canonical JSON of all other fields: against accidents'),
};

/** By format. */
export const proofFileSchemas = {
  [proofFormat]: record(
    { format: oneOf([proofFormat]), checkpoint: record(checkpointFields), ...commonFields },
    'Proof file, format dxl/proof/1',
  ),
  [proofFormatOfValidators]: record(
    {
      format: oneOf([proofFormatOfValidators]),
      checkpoint: committedCheckpointSchema,
      ...commonFields,
    },
    'Proof file, format dxl/proof/2',
  ),
};

export type ProofFormat = keyof typeof proofFileSchemas;

type FileSigned = Static<(typeof proofFileSchemas)[typeof proofFormat]>;

/** The format says which of the two the checkpoint is. */
export type ProofFile = Omit<FileSigned, 'format' | 'checkpoint'> & {
  format: ProofFormat;
  checkpoint: FileSigned['checkpoint'] | CommittedCheckpoint;
};

export type ProofContent = Omit<ProofFile, 'checksum'>;
