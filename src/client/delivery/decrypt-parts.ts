/** Opens `dxl-delivery/2`. */
import sodium from 'sodium-native';
import { equalBytes, type Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { contentBytesMax } from '../../content/manifest.ts';
import { isOf } from '../content-file/describe.ts';
import type { Progressed } from '../content-file/get-file.ts';
import type { PartSource } from '../content-file/part-source.ts';
import { openPartialFile } from '../content-file/partial-file.ts';
import {
  chunkBytes,
  chunkData,
  chunkOverheadBytes,
  headerBytes,
  magic,
  partPlainBytes,
  sealedPartLengths,
} from './format.ts';
import type { DeliveryPlace, PartsKey } from './key.ts';
import { isRefused, refused } from './refused.ts';

export interface Decrypted {
  readonly plaintextBytes: number;
  /** SHA-256 of the plaintext. */
  readonly plaintextDigest: Hex;
}

export interface DecryptParts extends DeliveryPlace {
  readonly source: PartSource;
  readonly target: string;
  readonly wrappedKeyDigest: Hex;
  readonly onProgress?: (done: Progressed) => void;
}

/**
 * Part by part: one part of ciphertext and one of plaintext are in memory. A part is checked against
 * its SHA-256 before it is opened, so that what a node altered is never taken for the seller's doing.
 */
export async function decryptParts(request: DecryptParts, key: PartsKey): Promise<Decrypted> {
  const { source, target, wrappedKeyDigest, onProgress = () => undefined } = request;
  const { content } = source;
  checkContent(source, key);
  const options = { id: `${wrappedKeyDigest} opened`, partBytes: partPlainBytes };
  const file = await openPartialFile(target, options);
  try {
    const hash = await file.hash();
    const opener = new PartOpener(request, key, content.parts);
    for (let index = file.done; index < content.parts.length; index += 1) {
      const plain = await opener.open(index, (bytes) => onProgress({ bytes, of: content.bytes }));
      await file.write(plain, index * partPlainBytes);
      hash.update(plain);
      await file.keep(index + 1);
    }
    checkPlaintext(hash.digest('hex'), key, file.done > 0);
    await file.finish(key.plaintextBytes);
  } catch (error) {
    if (isRefused(error) || (error as { code?: unknown }).code === 'FILE_ALTERED') {
      await file.discard();
    }
    throw error;
  } finally {
    await file.close();
  }
  const { plaintextBytes, plaintextDigest } = key;
  return { plaintextBytes, plaintextDigest };
}

function checkContent({ content }: PartSource, key: PartsKey): void {
  if (!isOf(key.ciphertextDigest, content)) {
    throw refused('DELIVERY_DIGEST', 'the ciphertext is not the one that the ledger names');
  }
  // A seller's number: not one to make a list of.
  const lengths = key.plaintextBytes > contentBytesMax ? [] : sealedPartLengths(key.plaintextBytes);
  const fits =
    lengths.length === content.parts.length &&
    content.parts.every(({ bytes }, at) => bytes === lengths[at]);
  if (fits) return;
  throw refused(
    'DELIVERY_ALTERED',
    `${content.bytes} bytes are not what ${key.plaintextBytes} come to when they are encrypted`,
  );
}

function checkPlaintext(found: Hex, { plaintextDigest }: PartsKey, goneOnWith: boolean): void {
  if (found === plaintextDigest) return;
  // What this run has opened is the seller's; what an earlier one left may have been changed since.
  if (!goneOnWith) {
    throw refused(
      'DELIVERY_ALTERED',
      `the plaintext has the SHA-256 ${found}, not ${plaintextDigest}`,
    );
  }
  throw new OperationalError(
    'FILE_ALTERED',
    'What an earlier run had opened is not what it was, or never was what the seller says. It was ' +
      'removed: run the same again, which begins anew.',
  );
}

class PartOpener {
  readonly #request: DecryptParts;
  readonly #key: Buffer;
  readonly #parts: PartSource['content']['parts'];
  readonly #sealed: Buffer;
  readonly #plain: Buffer;

  constructor(request: DecryptParts, { key }: PartsKey, parts: PartSource['content']['parts']) {
    this.#request = request;
    this.#key = Buffer.from(key);
    this.#parts = parts;
    const longest = parts[0]?.bytes ?? 0;
    this.#sealed = Buffer.alloc(longest);
    this.#plain = Buffer.alloc(longest);
  }

  /** The part's plaintext, until the next is opened. */
  async open(index: number, onBytes: (bytes: number) => void): Promise<Buffer> {
    const before = this.#parts.slice(0, index).reduce((sum, { bytes }) => sum + bytes, 0);
    await this.#request.source.read(index, (piece, at) => {
      this.#sealed.set(piece, at);
      onBytes(before + at + piece.length);
    });
    const bytes = this.#parts[index]?.bytes ?? 0;
    return this.#openSealed(index, this.#sealed.subarray(0, bytes));
  }

  #openSealed(part: number, sealed: Buffer): Buffer {
    const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
    if (!equalBytes(sealed.subarray(0, magic.length), magic)) {
      throw refused('DELIVERY_FORMAT', `part ${part} does not begin as dxl-delivery/2`);
    }
    const header = sealed.subarray(magic.length, headerBytes);
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, header, this.#key);
    let length = 0;
    try {
      for (let chunk = 0, at = headerBytes; at < sealed.length; chunk += 1) {
        const to = Math.min(at + chunkBytes + chunkOverheadBytes, sealed.length);
        const place = { part, chunk, ends: to === sealed.length };
        length += this.#pull(state, sealed.subarray(at, to), place, length);
        at = to;
      }
    } finally {
      sodium.sodium_memzero(state);
    }
    return this.#plain.subarray(0, length);
  }

  #pull(
    state: Buffer,
    sealed: Buffer,
    {
      part,
      chunk,
      ends,
    }: { readonly part: number; readonly chunk: number; readonly ends: boolean },
    at: number,
  ): number {
    const last = ends && part === this.#parts.length - 1;
    const length = sealed.length - chunkOverheadBytes;
    const message = this.#plain.subarray(at, at + length);
    const tag = Buffer.alloc(1);
    const data = chunkData(this.#request, { part, chunk, last });
    try {
      sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, tag, sealed, data);
    } catch {
      throw refused(
        'DELIVERY_ALTERED',
        `chunk ${chunk} of part ${part} was altered, moved, cut off, or is of another trade`,
      );
    }
    const isFinal = tag[0] === sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (isFinal === ends) return length;
    throw refused(
      'DELIVERY_ALTERED',
      `part ${part} has its end elsewhere than after chunk ${chunk}`,
    );
  }
}
