import type { Hex } from '../../base/bytes.ts';

/** Whoever can sign with one key. The secret stays behind it. */
export interface SigningKey {
  readonly keyId: Hex;
  readonly publicKey: Hex;
  /** Ed25519 signature, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}
