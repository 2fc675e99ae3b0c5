/**
 * Frames of the ABCI socket protocol: an unsigned varint length, then that many bytes of
 * protobuf (CometBFT 0.38, libs/protoio).
 */

/** The stream cannot be read on: its connection is closed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A block of 100 MB, which is CometBFT's largest, and what is around it. */
export const frameBytesMax = 105 * 1024 * 1024;

/** A length of five bytes covers 2^35; more bytes than that name no frame of ours. */
const lengthBytesMax = 5;

export function encodeFrame(message: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = message.length;
  while (rest >= 0x80) {
    head.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  head.push(rest);
  const frame = new Uint8Array(head.length + message.length);
  frame.set(head);
  frame.set(message, head.length);
  return frame;
}

/**
 * Cuts a byte stream into messages. It holds what was received and not yet given out, at most one
 * frame of `bytesMax`: a length that promises more is refused before its bytes come.
 */
export class FrameReader {
  readonly #bytesMax: number;
  /** Received bytes of the frame in hand. */
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Length of the frame in hand; null while its length is being read. */
  #wanted: number | null = null;
  #length = 0;
  #lengthBytes = 0;

  constructor(bytesMax = frameBytesMax) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes held back for a frame that is not whole yet. */
  get held(): number {
    return this.#held;
  }

  /** The messages that `chunk` completes. Throws FrameError; the reader is of no use after it. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#wanted === null) {
        this.#readLength(chunk[at] ?? 0);
        at += 1;
      } else {
        const part = chunk.subarray(at, at + this.#wanted - this.#held);
        this.#parts.push(part);
        this.#held += part.length;
        at += part.length;
      }
      if (this.#wanted === this.#held) yield this.#take();
    }
  }

  #readLength(byte: number): void {
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes);
    this.#lengthBytes += 1;
    if (this.#length > this.#bytesMax) {
      throw new FrameError(`a frame of ${this.#length} bytes; ${this.#bytesMax} may be`);
    }
    if (byte < 0x80) {
      this.#wanted = this.#length;
    } else if (this.#lengthBytes === lengthBytesMax) {
      throw new FrameError(`a frame length of more than ${lengthBytesMax} bytes`);
    }
  }

  #take(): Uint8Array {
    const [only] = this.#parts;
    const message =
      this.#parts.length === 1 && only ? only : new Uint8Array(Buffer.concat(this.#parts));
    this.#parts = [];
    this.#held = 0;
    this.#wanted = null;
    this.#length = 0;
    this.#lengthBytes = 0;
    return message;
  }
}
