import { createHash } from 'node:crypto';
import sodium from 'sodium-native';
import { equalBytes, type Hex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { Party } from '../party.ts';
import { openSealed } from '../sealing.ts';
import { blocksOf } from './blocks.ts';
import {
  chunkData,
  decodeKey,
  headerBytes,
  magic,
  sealedChunkBytes,
  type DeliveryKey,
  type DeliveryPlace,
} from './format.ts';
import { bytesFrom } from './source.ts';
import { writeWholeFile } from './whole-file.ts';

export interface DecryptRequest extends DeliveryPlace {
  /** The ciphertext: a file, or bytes as they come. */
  readonly source: string | AsyncIterable<Uint8Array>;
  /** Where the plaintext goes: a file that is not there yet. */
  readonly target: string;
  readonly wrappedKey: Uint8Array;
  /** Both digests as the trade's record on the ledger has them, not as they came with the bytes. */
  readonly ciphertextDigest: Hex;
  readonly wrappedKeyDigest: Hex;
}

export interface Decrypted {
  readonly plaintextBytes: number;
  /** SHA-256 of the plaintext. */
  readonly plaintextDigest: Hex;
}

/**
 * Opens a delivery, in constant memory. The target appears only when everything was checked: both
 * digests, the trade, each chunk in its place, the end. Throws OperationalError: SEAL_NOT_OPENED,
 * DELIVERY_* (grounds to reject the delivery), FILE_UNREADABLE, or as writeWholeFile does.
 */
export async function decryptDelivery(party: Party, request: DecryptRequest): Promise<Decrypted> {
  const { source, target, wrappedKey, wrappedKeyDigest, ciphertextDigest } = request;
  if (sha256Hex(wrappedKey) !== wrappedKeyDigest) {
    throw refused('DELIVERY_DIGEST', 'the wrapped key is not the one that the ledger names');
  }
  const opened = decodeKey(request, openSealed(party, wrappedKey));
  if (opened.ciphertextDigest !== ciphertextDigest) {
    throw refused('DELIVERY_DIGEST', 'the key is of another ciphertext than the ledger names');
  }
  const ciphertext = bytesFrom(source);
  try {
    return await writeWholeFile(target, (write) => open(request, opened, ciphertext, write));
  } finally {
    opened.key.fill(0);
    await ciphertext.return();
  }
}

async function open(
  request: DecryptRequest,
  { key, plaintextBytes: expectedBytes }: DeliveryKey,
  ciphertext: AsyncIterable<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<Decrypted> {
  const whole = createHash('sha256');
  const plain = createHash('sha256');
  const reader = new HeadedStream(ciphertext, (bytes) => whole.update(bytes));
  const state = openStream(await reader.head(headerBytes), Buffer.from(key));
  let plaintextBytes = 0;
  for await (const { index, bytes, last } of blocksOf(reader.rest(), sealedChunkBytes)) {
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

const refused = (code: string, problem: string): OperationalError =>
  new OperationalError(
    code,
    `The delivery cannot be accepted: ${problem}. Reject it on the ledger.`,
  );
