/** Opens `dxl-delivery/1`, which earlier releases sent. */
import { createHash } from 'node:crypto';
import sodium from 'sodium-native';
import { equalBytes, type Hex } from '../../base/bytes.ts';
import { blocksOf } from './blocks.ts';
import type { Decrypted } from './decrypt-parts.ts';
import type { DeliveryPlace, SingleKey } from './key.ts';
import { refused } from './refused.ts';
import { chunkData, headerBytes, magic, sealedChunkBytes } from './single-format.ts';
import { bytesFrom } from './source.ts';
import { writeWholeFile } from './whole-file.ts';

export interface DecryptSingle extends DeliveryPlace {
  /** The ciphertext: a file. */
  readonly source: string;
  /** Where the plaintext goes: a file that is not there yet. */
  readonly target: string;
  readonly ciphertextDigest: Hex;
}

/** In constant memory. Throws OperationalError DELIVERY_*, FILE_UNREADABLE, or as writeWholeFile. */
export async function decryptSingle(request: DecryptSingle, key: SingleKey): Promise<Decrypted> {
  const ciphertext = bytesFrom(request.source);
  try {
    return await writeWholeFile(request.target, (write) => open(request, key, ciphertext, write));
  } finally {
    await ciphertext.return();
  }
}

async function open(
  request: DecryptSingle,
  { key, plaintextBytes: expectedBytes }: SingleKey,
  ciphertext: AsyncIterable<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<Decrypted> {
  const whole = createHash('sha256');
  const plain = createHash('sha256');
  const reader = new HeadedStream(ciphertext, (bytes) => whole.update(bytes));
  const state = openStream(await reader.head(headerBytes), Buffer.from(key));
  let plaintextBytes = 0;
  for await (const { index, bytes, last } of blocksOf(reader.rest(), () => sealedChunkBytes)) {
    const message = openChunk(state, bytes, chunkData(request, index), last);
    plaintextBytes += message.length;
    plain.update(message);
    await write(message);
  }
  sodium.sodium_memzero(state);
  if (whole.digest('hex') !== request.ciphertextDigest) {
    throw refused('DELIVERY_DIGEST', 'the ciphertext is not the one that the ledger names');
  }
  if (plaintextBytes !== expectedBytes) {
    throw refused('DELIVERY_ALTERED', `it has ${plaintextBytes} bytes, not ${expectedBytes}`);
  }
  return { plaintextBytes, plaintextDigest: plain.digest('hex') };
}

function openStream(head: Buffer, key: Buffer): Buffer {
  if (head.length < headerBytes || !equalBytes(head.subarray(0, magic.length), magic)) {
    throw refused('DELIVERY_FORMAT', 'it does not begin as dxl-delivery/1');
  }
  const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  const header = Buffer.from(head.subarray(magic.length));
  sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, key);
  sodium.sodium_memzero(key);
  return state;
}

function openChunk(state: Buffer, sealed: Buffer, data: Buffer, last: boolean): Buffer {
  const size = sealed.length - sodium.crypto_secretstream_xchacha20poly1305_ABYTES;
  if (size < 0) throw refused('DELIVERY_TRUNCATED', 'it ends before its final chunk');
  const message = Buffer.alloc(size);
  const tag = Buffer.alloc(1);
  try {
    sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, tag, sealed, data);
  } catch {
    throw refused(
      'DELIVERY_ALTERED',
      'a chunk was altered, moved, cut short, or is of another trade',
    );
  }
  const isFinal = tag[0] === sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  if (last && !isFinal) throw refused('DELIVERY_TRUNCATED', 'it ends before its final chunk');
  if (!last && isFinal) throw refused('DELIVERY_ALTERED', 'bytes follow its final chunk');
  return message;
}

/** A stream whose first bytes are read apart from the rest. */
class HeadedStream {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #seen: (bytes: Uint8Array) => void;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>, seen: (bytes: Uint8Array) => void) {
    this.#source = source[Symbol.asyncIterator]();
    this.#seen = seen;
  }

  /** The first `size` bytes, or as many as there are. */
  async head(size: number): Promise<Buffer> {
    while (this.#held.length < size) {
      const piece = await this.#next();
      if (piece === null) break;
      this.#held = Buffer.concat([this.#held, piece]);
    }
    const head = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size);
    return head;
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    yield this.#held;
    for (let piece = await this.#next(); piece; piece = await this.#next()) yield piece;
  }

  async #next(): Promise<Uint8Array | null> {
    const result = await this.#source.next();
    if (result.done === true) return null;
    this.#seen(result.value);
    return result.value;
  }
}
