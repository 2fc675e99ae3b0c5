/**
 * The ledger's CBOR (RFC 8949 core deterministic encoding) without maps, floats and tags:
 * records are positional arrays, so there is one encoding of each value and no key order.
 *
 * Written for this subset because every byte of the ledger goes through it (docs/adr/0008): a
 * decoder that refuses what is not canonical as it reads needs no encoding back. The tests hold it
 * against a general library, byte for byte.
 */
import { CborReader } from './cbor-reader.ts';
import type { CborValue } from './cbor-value.ts';
import { CborWriter } from './cbor-writer.ts';

export { CborError, type CborValue } from './cbor-value.ts';

const writer = new CborWriter();

export function encodeCbor(value: CborValue): Uint8Array {
  writer.clear();
  writer.value(value);
  return writer.take();
}

/** Refuses (CborError) everything that this module would not itself have written. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new CborReader(bytes);
  const value = reader.value();
  reader.end();
  return value;
}
