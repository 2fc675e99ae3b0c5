/**
 * M-113: what CometBFT says of a block when it is decided, kept in place of the embedded engine's
 * signature: with it a light-client proof finds the header that the validators signed.
 */
import { concat } from '../../base/bytes.ts';
import { decodeCbor } from '../../base/cbor.ts';
import { encodeTyped, fromCbor } from '../../base/codec.ts';
import { bytes, digest, integer, record, type Static } from '../../base/schema.ts';

/** The first bytes of every seal: an Ed25519 signature of 64 bytes is never one. */
const mark = Uint8Array.of(0xd9, 0xc0, 0xb7, 0x01);

export const sealSchema = record({
  /** Hash of CometBFT's header of this height: what the commit's signatures are over. */
  blockHash: digest(),
  /** CometBFT's block time to the nanosecond; the ledger's own is its milliseconds. */
  timeSeconds: integer(0, Number.MAX_SAFE_INTEGER),
  timeNanos: integer(0, 999_999_999),
  nextValidatorsHash: digest(),
  proposerAddress: bytes(20, 20),
  /** Round in which the block before was decided, and how many of its validators signed. */
  lastCommitRound: integer(0, 2_147_483_647),
  lastCommitVotes: integer(0, 100_000),
});
export type Seal = Static<typeof sealSchema>;

export const encodeSeal = (seal: Seal): Uint8Array => concat(mark, encodeTyped(sealSchema, seal));

export const isSeal = (signature: Uint8Array): boolean =>
  mark.every((byte, at) => signature[at] === byte);

/** Throws CborError or CodecError. */
export const decodeSeal = (signature: Uint8Array): Seal =>
  fromCbor(sealSchema, decodeCbor(signature.subarray(mark.length)));
