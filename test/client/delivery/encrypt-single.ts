/** Makes `dxl-delivery/1` as earlier releases did: buyers must still open it. */
import { createHash } from 'node:crypto';
import sodium from 'sodium-native';
import type { Hex } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { sealTo } from '../../../src/client/sealing.ts';
import { blocksOf } from '../../../src/client/delivery/blocks.ts';
import { encodeKey, type DeliveryPlace } from '../../../src/client/delivery/key.ts';
import { chunkBytes, chunkData, magic } from '../../../src/client/delivery/single-format.ts';
import { bytesFrom } from '../../../src/client/delivery/source.ts';
import { writeWholeFile } from '../../../src/client/delivery/whole-file.ts';

interface EncryptRequest extends DeliveryPlace {
  /** The plaintext: a file, or bytes as they come. */
  readonly source: string | AsyncIterable<Uint8Array>;
  /** Where the ciphertext goes: a file that is not there yet. */
  readonly target: string;
  /** The buyer's X25519 key, as its organisation's record holds it. */
  readonly recipient: Hex;
}

export interface EncryptedSingle {
  readonly ciphertextDigest: Hex;
  readonly ciphertextBytes: number;
  readonly plaintextBytes: number;
  /** Sealed to the recipient; travels beside the ciphertext. */
  readonly wrappedKey: Uint8Array;
  readonly wrappedKeyDigest: Hex;
}

/**
 * Encrypts under a fresh key in constant memory. Throws OperationalError FILE_UNREADABLE, or as
 * writeWholeFile does.
 */
export async function encryptSingle(request: EncryptRequest): Promise<EncryptedSingle> {
  const { source, target, recipient } = request;
  const key = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_KEYBYTES);
  sodium.crypto_secretstream_xchacha20poly1305_keygen(key);
  try {
    const plaintext = bytesFrom(source);
    const sizes = await writeWholeFile(target, (write) => seal(request, plaintext, key, write));
    const wrappedKey = sealTo(recipient, encodeKey(request, { format: 1, key, ...sizes }));
    return { ...sizes, wrappedKey, wrappedKeyDigest: sha256Hex(wrappedKey) };
  } finally {
    sodium.sodium_memzero(key);
  }
}

async function seal(
  place: DeliveryPlace,
  plaintext: AsyncIterable<Uint8Array>,
  key: Buffer,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<Omit<EncryptedSingle, 'wrappedKey' | 'wrappedKeyDigest'>> {
  const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  const header = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES);
  sodium.crypto_secretstream_xchacha20poly1305_init_push(state, header, key);
  const hash = createHash('sha256');
  let ciphertextBytes = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    ciphertextBytes += bytes.length;
    await write(bytes);
  };
  await put(magic);
  await put(header);
  let plaintextBytes = 0;
  for await (const { index, bytes, last } of blocksOf(plaintext, () => chunkBytes)) {
    const sealed = Buffer.alloc(bytes.length + sodium.crypto_secretstream_xchacha20poly1305_ABYTES);
    const tag = last
      ? sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
      : sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    const data = chunkData(place, index);
    sodium.crypto_secretstream_xchacha20poly1305_push(state, sealed, bytes, data, tag);
    plaintextBytes += bytes.length;
    await put(sealed);
  }
  sodium.sodium_memzero(state);
  return { ciphertextDigest: hash.digest('hex'), ciphertextBytes, plaintextBytes };
}
