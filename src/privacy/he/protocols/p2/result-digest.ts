import { encodeCbor } from '../../../../base/cbor.ts';
import type { Hex } from '../../../../base/bytes.ts';
import { sha256Hex } from '../../../../base/hash.ts';

/** SHA-256 of the canonical CBOR list of result ciphertexts, one for each group in order. */
export const resultDigest = (results: readonly Uint8Array[]): Hex => sha256Hex(encodeCbor(results));
