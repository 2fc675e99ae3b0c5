/** A CometBFT block as a light client sees it: header, who signed it, and who might. */
import { decodeCbor } from '../../base/cbor.ts';
import { encodeTyped, fromCbor } from '../../base/codec.ts';
import { bytes, digest, integer, list, record, Type, type Static } from '../../base/schema.ts';

const height = () => integer(0, Number.MAX_SAFE_INTEGER);
/** CometBFT leaves out what there is none of, for example the hash of no evidence's absence. */
const hash = () => bytes(0, 32, 'SHA-256 digest, or nothing');
const seconds = () => integer(0, Number.MAX_SAFE_INTEGER, 'Since the epoch');
const nanos = () => integer(0, 999_999_999);
const address = () => bytes(20, 20, 'First 20 bytes of the SHA-256 of the public key');

const blockIdSchema = record({
  hash: hash(),
  partsTotal: integer(0, 4_294_967_295),
  partsHash: hash(),
});
export type BlockId = Static<typeof blockIdSchema>;

const lightHeaderSchema = record({
  versionBlock: integer(0, Number.MAX_SAFE_INTEGER),
  versionApp: integer(0, Number.MAX_SAFE_INTEGER),
  chainId: Type.String({ maxLength: 50 }),
  height: height(),
  timeSeconds: seconds(),
  timeNanos: nanos(),
  lastBlockId: blockIdSchema,
  lastCommitHash: hash(),
  dataHash: hash(),
  validatorsHash: digest(),
  nextValidatorsHash: digest(),
  consensusHash: hash(),
  /** Of the application after the block before. */
  appHash: hash(),
  lastResultsHash: hash(),
  evidenceHash: hash(),
  proposerAddress: address(),
});
export type LightHeader = Static<typeof lightHeaderSchema>;

export const voteFlags = { absent: 1, commit: 2, nil: 3 } as const;

/** One for each validator, in the order of the set. Of an absent one all but the flag is empty. */
const commitSignatureSchema = record({
  flag: integer(voteFlags.absent, voteFlags.nil),
  address: bytes(0, 20),
  timeSeconds: seconds(),
  timeNanos: nanos(),
  signature: bytes(0, 64),
});
export type CommitSignature = Static<typeof commitSignatureSchema>;

const commitSchema = record({
  height: height(),
  round: integer(0, 2_147_483_647),
  blockId: blockIdSchema,
  signatures: list(commitSignatureSchema, 0, 1_000),
});
export type Commit = Static<typeof commitSchema>;

const validatorSchema = record({
  publicKey: digest('Ed25519 public key'),
  power: integer(0, Number.MAX_SAFE_INTEGER, 'Voting power'),
});
export type Validator = Static<typeof validatorSchema>;

const validatorsSchema = list(validatorSchema, 0, 1_000);

export const lightBlockSchema = record({
  header: lightHeaderSchema,
  commit: commitSchema,
  validators: validatorsSchema,
});
export type LightBlock = Static<typeof lightBlockSchema>;

export const encodeLightBlock = (block: LightBlock): Uint8Array =>
  encodeTyped(lightBlockSchema, block);

/** Throws CborError or CodecError. */
export const decodeLightBlock = (encoded: Uint8Array): LightBlock =>
  fromCbor(lightBlockSchema, decodeCbor(encoded));
