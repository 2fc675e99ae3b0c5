import { createHash, type Hash } from 'node:crypto';
import sodium from 'sodium-native';
import type { Hex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { contentBytesMax, type ContentPart } from '../../content/manifest.ts';
import { digestOf, type FileContent } from '../content-file/describe.ts';
import { sealTo } from '../sealing.ts';
import { blocksOf } from './blocks.ts';
import { chunkData, chunkPlainBytes, chunksPerPart, magic, type ChunkPlace } from './format.ts';
import { encodeKey, type DeliveryPlace } from './key.ts';
import { bytesFrom, type DeliverySource } from './source.ts';
import { writeWholeFile } from './whole-file.ts';

export interface EncryptRequest extends DeliveryPlace {
  /** The plaintext: a file, or bytes as they come. */
  readonly source: DeliverySource;
  /** Where the ciphertext goes: a file that is not there yet. */
  readonly target: string;
  /** The buyer's X25519 key, as its organisation's record holds it. */
  readonly recipient: Hex;
  /** Told how much of the plaintext is encrypted. */
  readonly onProgress?: (plaintextBytes: number) => void;
}

/** What the seller puts into `trading.deliver` and into the content store. */
export interface Encrypted {
  /** The ciphertext as content: its digest is what the ledger names. */
  readonly content: FileContent;
  readonly plaintextBytes: number;
  readonly plaintextDigest: Hex;
  /** Sealed to the recipient; travels beside the ciphertext. */
  readonly wrappedKey: Uint8Array;
  readonly wrappedKeyDigest: Hex;
}

type Sealed = Pick<Encrypted, 'content' | 'plaintextBytes' | 'plaintextDigest'>;

type Write = (bytes: Uint8Array) => Promise<void>;

/**
 * Encrypts under a fresh key in constant memory, as `dxl-delivery/2`. What was cut off is never gone on
 * with: the next call makes another key, so no key ever sees two plaintexts. Throws OperationalError
 * FILE_UNREADABLE, CONTENT_TOO_LARGE past 100 GiB, or as writeWholeFile does.
 */
export async function encryptDelivery(request: EncryptRequest): Promise<Encrypted> {
  const { source, target, recipient } = request;
  const key = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_KEYBYTES);
  sodium.crypto_secretstream_xchacha20poly1305_keygen(key);
  try {
    const plaintext = bytesFrom(source);
    const sealed = await writeWholeFile(target, (write) => seal(request, plaintext, key, write));
    const { content, plaintextBytes, plaintextDigest } = sealed;
    const facts = { ciphertextDigest: content.digest, plaintextBytes, plaintextDigest };
    const wrappedKey = sealTo(recipient, encodeKey(request, { format: 2, key, ...facts }));
    return { ...sealed, wrappedKey, wrappedKeyDigest: sha256Hex(wrappedKey) };
  } finally {
    sodium.sodium_memzero(key);
  }
}

async function seal(
  request: EncryptRequest,
  plaintext: AsyncIterable<Uint8Array>,
  key: Buffer,
  write: Write,
): Promise<Sealed> {
  const hash = createHash('sha256');
  const parts: ContentPart[] = [];
  let plaintextBytes = 0;
  let bytes = 0;
  let open: PartSealer | null = null;
  const blocks = blocksOf(plaintext, (index) => chunkPlainBytes(index % chunksPerPart));
  for await (const { index, bytes: block, last } of blocks) {
    open ??= await PartSealer.begin(request, Math.floor(index / chunksPerPart), key, write);
    const chunk = index % chunksPerPart;
    await open.add(block, { chunk, last });
    hash.update(block);
    plaintextBytes += block.length;
    request.onProgress?.(plaintextBytes);
    if (!last && chunk < chunksPerPart - 1) continue;
    const part = open.end();
    open = null;
    parts.push(part);
    bytes += part.bytes;
    if (bytes > contentBytesMax) throw tooLong();
  }
  const content = { digest: digestOf({ bytes, parts }), bytes, parts };
  return { content, plaintextBytes, plaintextDigest: hash.digest('hex') };
}

/** A part has a random header of its own, so that no two streams under a key have one nonce. */
class PartSealer {
  readonly #place: DeliveryPlace;
  readonly #part: number;
  readonly #state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  readonly #write: Write;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  private constructor(place: DeliveryPlace, part: number, write: Write) {
    this.#place = place;
    this.#part = part;
    this.#write = write;
  }

  static async begin(
    place: DeliveryPlace,
    part: number,
    key: Buffer,
    write: Write,
  ): Promise<PartSealer> {
    const sealer = new PartSealer(place, part, write);
    const header = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES);
    sodium.crypto_secretstream_xchacha20poly1305_init_push(sealer.#state, header, key);
    await sealer.#put(Buffer.concat([magic, header]));
    return sealer;
  }

  async add(block: Buffer, { chunk, last }: Omit<ChunkPlace, 'part'>): Promise<void> {
    const sealed = Buffer.alloc(block.length + sodium.crypto_secretstream_xchacha20poly1305_ABYTES);
    const endsPart = last || chunk === chunksPerPart - 1;
    const tag = endsPart
      ? sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
      : sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
    const data = chunkData(this.#place, { part: this.#part, chunk, last });
    sodium.crypto_secretstream_xchacha20poly1305_push(this.#state, sealed, block, data, tag);
    await this.#put(sealed);
  }

  end(): ContentPart {
    sodium.sodium_memzero(this.#state);
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#write(bytes);
  }
}

const tooLong = (): OperationalError =>
  new OperationalError(
    'CONTENT_TOO_LARGE',
    `Encrypted it has more than the ${contentBytesMax} bytes of one content. Deliver less at once.`,
  );
