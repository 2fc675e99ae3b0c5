import sodium from 'sodium-native';
import { concat, fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';

/** COSE algorithm of the only signature of this version: EdDSA over Ed25519. */
export const algorithmEdDsa = -8;

const algorithmByte = Uint8Array.of(0x01);

/** A key's id: SHA-256(01 ‖ public key). The first byte names the algorithm. */
export const keyIdOf = (publicKey: Hex): Hex =>
  sha256Hex(concat(algorithmByte, fromHex(publicKey)));

const buffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Ed25519 as libsodium verifies it: S < L, no small-order or non-canonical A and R. Which
 * signatures pass is consensus, so every node uses this library and no other here.
 */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  return sodium.crypto_sign_verify_detached(buffer(signature), buffer(message), buffer(publicKey));
}

/** True for a canonical point of the prime-order subgroup: what may be registered as a key. */
export const isSoundPublicKey = (publicKey: Uint8Array): boolean =>
  publicKey.length === 32 && sodium.crypto_core_ed25519_is_valid_point(buffer(publicKey));

export interface SigningKey {
  readonly keyId: Hex;
  readonly publicKey: Hex;
  /** Ed25519 signature, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** @param seed 32 secret bytes; the caller keeps them from logs and disks. */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES);
  const secretKey = Buffer.alloc(sodium.crypto_sign_SECRETKEYBYTES);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, buffer(seed));
  return {
    keyId: keyIdOf(toHex(publicKey)),
    publicKey: toHex(publicKey),
    sign(message) {
      const signature = Buffer.alloc(sodium.crypto_sign_BYTES);
      sodium.crypto_sign_detached(signature, buffer(message), secretKey);
      return new Uint8Array(signature);
    },
  };
}
