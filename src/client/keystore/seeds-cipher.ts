/** The secrets of a key file, encrypted under its holder's passphrase. */
import sodium from 'sodium-native';
import { concat, fromHex, toHex, utf8 } from '../../base/bytes.ts';
import { randomSeed, type Party, type PartySeeds } from '../party.ts';
import type { PassphraseCost } from './cost.ts';
import {
  additionalData,
  secretBytes,
  writeKeyFile,
  type KeyFile,
  type PublicPart,
} from './format.ts';

/** The text of a key file. */
export function encryptSeeds(
  party: Party,
  seeds: PartySeeds,
  { passphrase, cost }: { readonly passphrase: string; readonly cost: PassphraseCost },
): string {
  const part: PublicPart = {
    organisationId: party.organisationId,
    keyId: party.signingKey.keyId,
    publicKey: party.signingKey.publicKey,
    encryptionKey: party.encryptionKey,
    earlierEncryptionKeys: party.earlierEncryptionKeys,
    cost,
    salt: toHex(randomSeed().subarray(0, 16)),
    nonce: toHex(randomSeed().subarray(0, 24)),
  };
  const key = deriveKey(passphrase, part.salt, cost);
  const plain = Buffer.from(concat(...listed(seeds)));
  const secret = Buffer.alloc(plain.length + sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    secret,
    plain,
    Buffer.from(additionalData(part)),
    null,
    Buffer.from(fromHex(part.nonce)),
    key,
  );
  sodium.sodium_memzero(key);
  sodium.sodium_memzero(plain);
  return writeKeyFile({ ...part, secret: toHex(secret) });
}

/** Null where the passphrase is not that of the file. Whoever gets the seeds wipes them. */
export function decryptSeeds(file: KeyFile, passphrase: string): PartySeeds | null {
  const key = deriveKey(passphrase, file.salt, file.cost);
  const secret = Buffer.alloc(secretBytes(file.earlierEncryptionKeys.length));
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      secret,
      null,
      Buffer.from(fromHex(file.secret)),
      Buffer.from(additionalData(file)),
      Buffer.from(fromHex(file.nonce)),
      key,
    );
    const seedAt = (at: number) => new Uint8Array(secret.subarray(32 * at, 32 * (at + 1)));
    const earlierSealing = file.earlierEncryptionKeys.map((_, at) => seedAt(at + 2));
    return { signing: seedAt(0), sealing: seedAt(1), earlierSealing };
  } catch {
    return null;
  } finally {
    sodium.sodium_memzero(key);
    sodium.sodium_memzero(secret);
  }
}

export function wipe(seeds: PartySeeds): void {
  for (const seed of listed(seeds)) seed.fill(0);
}

const listed = ({ signing, sealing, earlierSealing = [] }: PartySeeds): readonly Uint8Array[] => [
  signing,
  sealing,
  ...earlierSealing,
];

function deriveKey(passphrase: string, salt: string, cost: PassphraseCost): Buffer {
  const key = Buffer.alloc(sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  // NFC, as RFC 8265 has it: one passphrase is one passphrase on every keyboard.
  sodium.crypto_pwhash(
    key,
    Buffer.from(utf8(passphrase.normalize('NFC'))),
    Buffer.from(fromHex(salt)),
    cost.operations,
    cost.memoryBytes,
    sodium.crypto_pwhash_ALG_ARGON2ID13,
  );
  return key;
}
