/**
 * The fields of a dossier file. One schema gives the type, the strict reader and the JSON Schema
 * docs/dossier.schema.json.
 */
import {
  base64url,
  bytes,
  digest,
  identifier,
  integer,
  list,
  oneOf,
  record,
  type Static,
} from '../base/schema.ts';
import { keyText, stateProof } from '../proof/schema.ts';
import { keyFormat } from '../privacy/zk/verifier/verification-key.ts';
import {
  committedCheckpointSchema,
  handOverField,
  headerField,
  lightBlocksField,
  type CommittedCheckpoint,
} from '../proof/checkpoint-schema.ts';

/** What is written now: whoever seals the checkpoint, and with state proofs. */
export const dossierFormat = 'dxl-dossier/3';
/** Read for ever: signed by the block signer that genesis names, without state proofs. */
export const dossierFormatOfSigner = 'dxl-dossier/1';
/** Read for ever: in a CometBFT header that validators committed to, without state proofs. */
export const dossierFormatOfValidators = 'dxl-dossier/2';

export const dossierBytesMax = 33_554_432;

const position = (description: string) => integer(0, Number.MAX_SAFE_INTEGER, description);

const salt = () => base64url(32, 32, 'Salt');

const verificationKeySchema = record({
  format: oneOf([keyFormat]),
  alpha: bytes(64, 64),
  beta: bytes(128, 128),
  gamma: bytes(128, 128),
  delta: bytes(128, 128),
  ic: list(bytes(64, 64), 2, 256),
});

export const leafSchema = record({
  logIndex: position('Place in the event log, from 0'),
  leaf: base64url(1, 1_048_576, 'Leaf, canonical CBOR'),
  proof: list(base64url(32, 32, 'Sibling hash, from leaf to root'), 0, 64),
});

export const openingsSchema = record({
  /** Inputs of valuations: canonical CBOR [method, version, inputs]. */
  valuations: list(
    record({
      valuationId: identifier(),
      content: base64url(1, 1_048_576, 'CBOR [method, version, inputs]'),
      salt: salt(),
    }),
    0,
    64,
  ),
  /** Released results of compute jobs with their specifications. */
  computations: list(
    record({
      jobId: identifier(),
      spec: base64url(1, 1_048_576, 'Job specification, canonical CBOR'),
      release: base64url(1, 1_048_576, 'Release, canonical CBOR'),
      salt: salt(),
    }),
    0,
    64,
  ),
  /** Any other content behind a salted commitment of the ledger: evidence, statements, reports. */
  contents: list(
    record({
      commitment: digest('As a record of the dossier holds it'),
      content: base64url(0, 4_194_304, 'What was committed to'),
      salt: salt(),
    }),
    0,
    256,
  ),
});
export type Openings = Static<typeof openingsSchema>;

export const noOpenings: Openings = { valuations: [], computations: [], contents: [] };

const signedCheckpointSchema = record({
  header: headerField(),
  signature: base64url(64, 64, 'Ed25519 signature of the block signer'),
});
export type SignedCheckpoint = Static<typeof signedCheckpointSchema>;

const sealedCheckpointSchema = record({
  header: headerField(),
  /** One where the block signer seals; none, and light blocks, where validators do. */
  signatures: list(base64url(64, 64, 'Ed25519 signature of the block signer'), 0, 1),
  lightBlocks: lightBlocksField(0),
  handOver: handOverField(),
});
export type SealedCheckpoint = Static<typeof sealedCheckpointSchema>;

/** The value is not in it: it is the record of the last event here, or nothing. */
const stateSchema = record({
  key: keyText(),
  proof: stateProof('State proof of what this file shows; docs/state-proofs.md'),
});

/** All that the seal is over, but format and checkpoint. */
const commonFields = {
  genesis: base64url(1, 1_048_576, 'Genesis document, canonical CBOR'),
  trades: list(identifier('Trade that the dossier is of'), 1, 16),
  leaves: list(leafSchema, 1, 20_000),
  envelopes: list(base64url(1, 4_194_304, 'Signed envelope, COSE_Sign1'), 1, 10_000),
  verificationKeys: list(record({ circuitId: identifier(), key: verificationKeySchema }), 0, 64),
  openings: openingsSchema,
};

const sealSchema = record({
  publicKey: digest('Ed25519 public key of who assembled the dossier'),
  signature: base64url(64, 64, 'Ed25519 signature over the content'),
});

const sealedFields = {
  format: oneOf([dossierFormat]),
  checkpoint: sealedCheckpointSchema,
  ...commonFields,
  state: list(stateSchema, 1, 20_000),
};
const signedFields = {
  format: oneOf([dossierFormatOfSigner]),
  checkpoint: signedCheckpointSchema,
  ...commonFields,
};
const committedFields = {
  format: oneOf([dossierFormatOfValidators]),
  checkpoint: committedCheckpointSchema,
  ...commonFields,
};

/** By format: everything but the seal. */
export const dossierContentSchemas = {
  [dossierFormat]: record(sealedFields),
  [dossierFormatOfSigner]: record(signedFields),
  [dossierFormatOfValidators]: record(committedFields),
};

/** By format: the whole file. */
export const dossierSchemas = {
  [dossierFormat]: record(
    { ...sealedFields, seal: sealSchema },
    'Dossier of a trade, format dxl-dossier/3',
  ),
  [dossierFormatOfSigner]: record(
    { ...signedFields, seal: sealSchema },
    'Dossier of a trade, format dxl-dossier/1',
  ),
  [dossierFormatOfValidators]: record(
    { ...committedFields, seal: sealSchema },
    'Dossier of a trade, format dxl-dossier/2',
  ),
};

export type DossierFormat = keyof typeof dossierSchemas;

type SealedContent = Static<(typeof dossierContentSchemas)[typeof dossierFormat]>;

/** The format says which of the three the checkpoint is, and whether there is `state`. */
export type DossierContent = Omit<SealedContent, 'format' | 'checkpoint' | 'state'> & {
  format: DossierFormat;
  checkpoint: SealedCheckpoint | SignedCheckpoint | CommittedCheckpoint;
  state?: SealedContent['state'];
};

export type Dossier = DossierContent & { seal: Static<typeof sealSchema> };
