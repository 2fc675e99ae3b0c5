/** M-01 to M-05: what a chain begins with and is bound to for ever: its hash stands in every block header. */
import { fromHex, type Hex } from '../../base/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../base/cbor.ts';
import { CodecError } from '../../base/codec-error.ts';
import { encodeTyped, fromCbor, fromJson, toCbor } from '../../base/codec.ts';
import { taggedHashHex } from '../../base/hash.ts';
import { machineVersionMax } from '../../base/machine-version.ts';
import { rulePackSchema } from '../../base/rules.ts';
import { sizesFault } from '../../base/sample-sizes.ts';
import {
  country,
  digest,
  identifier,
  integer,
  list,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../../base/schema.ts';

/** Consensus parameters: never in the environment, changed only by a new chain. */
export const parametersSchema = record({
  envelopeBytesMax: integer(1024, 4_194_304),
  operationsMax: integer(1, 1024),
  /** How many sequence numbers below the highest used one may still come. */
  sequenceWindow: integer(1, 1024),
  /** How many blocks ahead an envelope may expire. */
  expirySpanMax: integer(1, 10_000_000),
  blockEnvelopesMax: integer(1, 100_000),
  blockBytesMax: integer(65_536, 104_857_600),
  /** Proofs that one envelope, and that all of a block, may have verified: some 25 ms each. */
  envelopeProofsMax: integer(1, 1024),
  blockProofsMax: integer(1, 1024),
  /** Bytes of events that any envelope may write, and as many more for each of its own bytes. */
  outputBase: integer(1024, 1_048_576),
  outputPerByte: integer(1, 1024),
  /** Bytes written beyond that: by one envelope, by one organisation in a block, in a block. */
  envelopeExcessMax: integer(1024, 104_857_600),
  organisationExcessMax: integer(1024, 1_073_741_824),
  blockExcessMax: integer(1024, 1_073_741_824),
  /** Deadlines met in a block, and the bytes of events after which no more of them are. */
  blockDeadlinesMax: integer(1, 100_000),
  deadlineOutputMax: integer(1024, 1_073_741_824),
});
export type Parameters = Static<typeof parametersSchema>;

export const circuitSchema = record({
  id: identifier(),
  r1csHash: digest(),
  verificationKeyHash: digest(),
  keyClass: oneOf(['development', 'ceremony']),
});

export const genesisSchema = record({
  version: integer(1, machineVersionMax, 'Machine version that the chain begins with'),
  chainId: identifier('Unique name of the chain, in every signature'),
  timeMs: timeMs('When the chain begins; no block is earlier'),
  mode: oneOf(['development', 'production']),
  parameters: parametersSchema,
  blockSigner: digest('Ed25519 public key that signs block headers on the embedded engine'),
  operator: record({
    organisationId: identifier(),
    name: text(200),
    creditCode: text(18, 'Unified social credit code'),
    jurisdiction: country('ISO 3166-1 alpha-2'),
    publicKey: digest('Ed25519 public key, hex'),
    encryptionKey: digest('X25519 public key, hex'),
  }),
  circuits: list(circuitSchema, 0, 64),
  rules: rulePackSchema,
});
export type Genesis = Static<typeof genesisSchema>;

export const encodeGenesis = (genesis: Genesis): Uint8Array => encodeTyped(genesisSchema, genesis);

/** Throws CborError or CodecError. */
export const decodeGenesis = (bytes: Uint8Array): Genesis =>
  checkLimits(fromCbor(genesisSchema, decodeCbor(bytes)));

/** Throws CodecError with the path of what does not fit. */
export const genesisFromJson = (json: unknown): Genesis =>
  checkLimits(fromJson(genesisSchema, json));

/**
 * The sizes of samples go together, or some file could have none.
 * What one limit lets through, the next has room for: else it would wait, or be refused, for ever.
 * M-03: an envelope fits into a block. M-05: a record as large as an envelope can be written anew.
 */
function checkLimits(genesis: Genesis): Genesis {
  const { parameters, rules } = genesis;
  const fault = sizesFault(rules.sample);
  if (fault) throw new CodecError(`/rules/sample${fault.path}`, fault.problem);
  for (const [small, factor, large] of nested) {
    const least = parameters[small] * factor;
    if (parameters[large] >= least) continue;
    throw new CodecError(
      `/parameters/${large}`,
      `${parameters[large]}; ${small} is ${parameters[small]}, so at least ${least} must be`,
    );
  }
  return genesis;
}

const nested: readonly (readonly [keyof Parameters, number, keyof Parameters])[] = [
  ['envelopeBytesMax', 1, 'blockBytesMax'],
  ['envelopeBytesMax', 3, 'envelopeExcessMax'],
  ['envelopeExcessMax', 1, 'organisationExcessMax'],
  ['organisationExcessMax', 1, 'blockExcessMax'],
  ['envelopeProofsMax', 1, 'blockProofsMax'],
];

/** Key of the row that binds the state, and so every app hash, to one genesis and no other. */
export const genesisKey = '~genesis';

export const genesisHash = (genesis: Genesis): Hex =>
  taggedHashHex('dxl/genesis/1', encodeGenesis(genesis));

/** What the app hash binds of the rules in force. */
export function parametersHash(genesis: Genesis): Hex {
  const bound: CborValue = [
    toCbor(parametersSchema, genesis.parameters),
    toCbor(rulePackSchema, genesis.rules),
    genesis.circuits.map((circuit) => toCbor(circuitSchema, circuit)),
    genesis.mode,
    fromHex(genesis.blockSigner),
  ];
  return taggedHashHex('dxl/parameters/1', encodeCbor(bound));
}
