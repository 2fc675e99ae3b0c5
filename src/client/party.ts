/** One of an organisation's keys, open, on its own machine. */
import sodium from 'sodium-native';
import { toHex, type Hex } from '../base/bytes.ts';
import { signingKeyFromSeed } from '../chain/tx/signature.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';

export interface Party {
  /** Whom the key signs for; null until its holder knows. */
  readonly organisationId: string | null;
  readonly signingKey: SigningKey;
  /** X25519 public key: what is sealed to this party. */
  readonly encryptionKey: Hex;
  /** What was sealed to before, newest first: opened still. */
  readonly earlierEncryptionKeys: readonly Hex[];
  /** The plaintext of a sealed box, or null where it was sealed to none of this party's keys. */
  openSealedBox(sealed: Uint8Array): Uint8Array | null;
}

export interface PartySeeds {
  /** 32 secret bytes each, from a cryptographic generator. The caller wipes its own copies. */
  readonly signing: Uint8Array;
  readonly sealing: Uint8Array;
  /** Of the sealing keys before this one, newest first. */
  readonly earlierSealing?: readonly Uint8Array[];
}

export function partyFromSeeds(organisationId: string | null, seeds: PartySeeds): Party {
  const sealing = sealingKeyFromSeed(seeds.sealing);
  const earlier = (seeds.earlierSealing ?? []).map(sealingKeyFromSeed);
  return {
    organisationId,
    signingKey: signingKeyFromSeed(seeds.signing),
    encryptionKey: toHex(sealing.publicKey),
    earlierEncryptionKeys: earlier.map(({ publicKey }) => toHex(publicKey)),
    openSealedBox(sealed) {
      for (const key of [sealing, ...earlier]) {
        const message = openBox(key, sealed);
        if (message) return message;
      }
      return null;
    },
  };
}

interface SealingKey {
  readonly publicKey: Buffer;
  readonly secretKey: Buffer;
}

function sealingKeyFromSeed(seed: Uint8Array): SealingKey {
  const publicKey = Buffer.alloc(sodium.crypto_box_PUBLICKEYBYTES);
  const secretKey = Buffer.alloc(sodium.crypto_box_SECRETKEYBYTES);
  sodium.crypto_box_seed_keypair(publicKey, secretKey, Buffer.from(seed));
  return { publicKey, secretKey };
}

function openBox({ publicKey, secretKey }: SealingKey, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < sodium.crypto_box_SEALBYTES) return null;
  const message = Buffer.alloc(sealed.length - sodium.crypto_box_SEALBYTES);
  const opened = sodium.crypto_box_seal_open(message, Buffer.from(sealed), publicKey, secretKey);
  return opened ? new Uint8Array(message) : null;
}

/** 32 bytes that nobody else knows. */
export function randomSeed(): Uint8Array {
  const seed = Buffer.alloc(32);
  sodium.randombytes_buf(seed);
  return new Uint8Array(seed);
}
