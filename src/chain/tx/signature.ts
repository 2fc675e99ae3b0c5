import sodium from 'sodium-native';
import { toHex } from '../../base/bytes.ts';
import { keyIdOf } from '../../base/key-id.ts';
import type { SigningKey } from './signing-key.ts';

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
