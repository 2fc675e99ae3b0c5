import { decode, encode } from 'cborg';
import { equalBytes } from './bytes.ts';

/**
 * The ledger's CBOR (RFC 8949 core deterministic encoding) without maps, floats and tags:
 * records are positional arrays, so there is one encoding of each value and no key order.
 */
export type CborValue = null | boolean | bigint | string | Uint8Array | readonly CborValue[];

export class CborError extends Error {
  override readonly name = 'CborError';
}

export function encodeCbor(value: CborValue): Uint8Array {
  return encode(value);
}

/** Refuses (CborError) everything that this module would not itself have written. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  let value: CborValue;
  try {
    value = integersAsBigint(decode(bytes, { ...strict }));
  } catch (cause) {
    // The decoder has no limit of its own: nesting by the thousand ends at the stack's.
    const why =
      cause instanceof RangeError ? `nested deeper than ${depthMax}` : (cause as Error).message;
    throw new CborError(`not canonical CBOR: ${why}`, { cause });
  }
  if (!equalBytes(encodeCbor(value), bytes)) {
    throw new CborError('not canonical CBOR: it does not encode back to the same bytes');
  }
  return value;
}

const strict = {
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: true,
  strict: true,
  rejectDuplicateMapKeys: true,
} as const;

const depthMax = 16;

function integersAsBigint(value: unknown, depth = 0): CborValue {
  if (depth > depthMax) throw new CborError(`nested deeper than ${depthMax}`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint' || value instanceof Uint8Array) return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map((item) => integersAsBigint(item, depth + 1));
  throw new CborError(`a ${typeof value} has no place in a ledger record`);
}
