/** Short secrets for one reader: libsodium's sealed box (X25519, XSalsa20-Poly1305). */
import sodium from 'sodium-native';
import { fromHex, type Hex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { Party } from './party.ts';

/**
 * Only the holder of the encryption key can read it. It does not say who sealed it: that is shown
 * by the signed envelope which names the box's digest. Adds 48 bytes.
 * @param encryptionKey X25519 public key, as the organisation's record holds it.
 */
export function sealTo(encryptionKey: Hex, content: Uint8Array): Uint8Array {
  const sealed = Buffer.alloc(content.length + sodium.crypto_box_SEALBYTES);
  sodium.crypto_box_seal(sealed, Buffer.from(content), Buffer.from(fromHex(encryptionKey)));
  return new Uint8Array(sealed);
}

/** Throws OperationalError SEAL_NOT_OPENED where it is sealed to another key, or was altered. */
export function openSealed(party: Party, sealed: Uint8Array): Uint8Array {
  const content = party.openSealedBox(sealed);
  if (content) return content;
  throw new OperationalError(
    'SEAL_NOT_OPENED',
    `It is not sealed to encryption key ${party.encryptionKey}, or it was altered on its way. ` +
      'Open it with the key that the organisation was admitted with, or have it sent again.',
  );
}
