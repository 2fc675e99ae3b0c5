import { fromHex, type Hex } from '../../base/bytes.ts';
import { decodeCbor } from '../../base/cbor.ts';
import { encodeTyped, fromCbor } from '../../base/codec.ts';
import { taggedHash, taggedHashHex } from '../../base/hash.ts';
import { digest, identifier, integer, record, timeMs, type Static } from '../../base/schema.ts';

/** M-75, M-76: a block's header on the embedded engine; its signature makes it a checkpoint of the log. */
export const headerSchema = record({
  version: integer(1, 1),
  chainId: identifier(),
  genesisHash: digest(),
  height: integer(1, Number.MAX_SAFE_INTEGER),
  timeMs: timeMs(),
  /** Header hash of height - 1; the genesis hash at height 1. */
  previousHash: digest(),
  /** RFC 6962 root over the block's envelopes. */
  envelopesRoot: digest(),
  logRoot: digest(),
  logSize: integer(0, Number.MAX_SAFE_INTEGER),
  /** Of the state tree after this block. */
  stateRoot: digest(),
  /** Of the tree that circuits prove against. */
  zkRoot: digest(),
  parametersHash: digest(),
  appHash: digest(),
  /** Ed25519 public key of the block signer that genesis names. */
  signer: digest(),
});
export type Header = Static<typeof headerSchema>;

/** Stands as signer in headers that no block signer signed: CometBFT's validators decided them. */
export const noSigner: Hex = '00'.repeat(32);

export const encodeHeader = (header: Header): Uint8Array => encodeTyped(headerSchema, header);

/** Throws CborError or CodecError. */
export const decodeHeader = (bytes: Uint8Array): Header =>
  fromCbor(headerSchema, decodeCbor(bytes));

export const headerHash = (header: Uint8Array): Hex => taggedHashHex('dxl/header/1', header);

/** The message that the block signer signs: the header's tagged hash, 32 bytes. */
export const headerSignatureInput = (header: Uint8Array): Uint8Array =>
  taggedHash('dxl/header/1', header);

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** SHA-256(tag ‖ height ‖ logRoot ‖ logSize ‖ stateRoot ‖ zkRoot ‖ parametersHash): integers as 8 bytes
 * big-endian, the tag with its length before it (`taggedHash`). */
export const appHash = (
  parts: Pick<Header, 'height' | 'logRoot' | 'logSize' | 'stateRoot' | 'zkRoot' | 'parametersHash'>,
): Hex =>
  taggedHashHex(
    'dxl/app-hash/2',
    uint64(parts.height),
    fromHex(parts.logRoot),
    uint64(parts.logSize),
    fromHex(parts.stateRoot),
    fromHex(parts.zkRoot),
    fromHex(parts.parametersHash),
  );
