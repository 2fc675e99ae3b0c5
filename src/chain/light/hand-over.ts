/**
 * The block signer's word that from the next height on a set of validators seals the chain in its
 * place: the one link between a genesis, which names the block signer, and CometBFT's validators.
 */
import { fromHex, type Hex } from '../../base/bytes.ts';
import { decodeCbor } from '../../base/cbor.ts';
import { encodeTyped, fromCbor } from '../../base/codec.ts';
import { taggedHash } from '../../base/hash.ts';
import { digest, identifier, integer, record, type Static } from '../../base/schema.ts';

export const handOverSchema = record({
  version: integer(1, 1),
  chainId: identifier(),
  genesisHash: digest(),
  /** The last one that the block signer sealed; 0 where the chain begins with the validators. */
  height: integer(0, Number.MAX_SAFE_INTEGER),
  /** Of that height. */
  appHash: digest(),
  /** CometBFT's hash of the validator set of the next height. */
  validatorsHash: digest(),
});
export type HandOver = Static<typeof handOverSchema>;

/** The statement's canonical CBOR with the block signer's Ed25519 signature. */
export interface SignedHandOver {
  readonly statement: Uint8Array;
  readonly signature: Uint8Array;
}

/** The 32 bytes that the block signer signs. */
const handOverSignatureInput = (statement: Uint8Array): Uint8Array =>
  taggedHash('dxl/hand-over/1', statement);

export function signHandOver(
  handOver: HandOver,
  signer: { sign(message: Uint8Array): Uint8Array },
): SignedHandOver {
  const statement = encodeTyped(handOverSchema, handOver);
  return { statement, signature: signer.sign(handOverSignatureInput(statement)) };
}

/** Ed25519 over a message: libsodium on nodes, another library where there is no native code. */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** The statement where `signer` signed it; null where it did not, or where it does not read. */
export function readHandOver(
  { statement, signature }: SignedHandOver,
  signer: Hex,
  verify: VerifyEd25519,
): HandOver | null {
  if (!verify(fromHex(signer), handOverSignatureInput(statement), signature)) return null;
  try {
    return fromCbor(handOverSchema, decodeCbor(statement));
  } catch {
    return null;
  }
}
