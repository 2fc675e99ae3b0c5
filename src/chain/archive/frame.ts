/**
 * Frames of an export (docs/export-format.md): each carries a hash over everything up to its end, so
 * that a file cut off or altered is noticed at the frame where it happened. Memory: one frame.
 */
import { createHash } from 'node:crypto';
import { concat, equalBytes, toHex, utf8 } from '../../base/bytes.ts';
import { ArchiveError } from './archive-error.ts';

/** 1: the log alone. 2: with content, which readers of the first would not know what to do with. */
export type Format = 1 | 2;
const magics = { 1: utf8('dxl-export/1\n'), 2: utf8('dxl-export/2\n') } as const;
/** The first bytes of an export. */
export const magicOf = (format: Format): Uint8Array => magics[format];
const magicBytes = magics[1].length;
const family = utf8('dxl-export/');

export const frameKinds = { genesis: 1, blocks: 2, content: 3, end: 9 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

const checkBytes = 8;
/** Kind (1), length of the body (4, big-endian), check of both (8). */
const headBytes = 5 + checkBytes;
const hashBytes = 32;
/** A block of the largest size that a genesis may allow fits several times. */
export const bodyBytesMax = 512 * 1024 * 1024;

/** Where in a file something stands, and the hash of everything before it. */
export interface Place {
  /** Number of the frame that begins here, from 0. */
  readonly frame: number;
  readonly offset: number;
  readonly format: Format;
  readonly chain: Uint8Array;
}

export interface Frame {
  readonly kind: number;
  readonly body: Uint8Array;
  readonly at: Place;
  readonly end: Place;
}

const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

export const beginning = (format: Format = 1): Place => ({
  frame: 0,
  offset: magicBytes,
  format,
  chain: sha256(magicOf(format)),
});

function headOf(kind: number, length: number): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = kind;
  new DataView(head.buffer).setUint32(1, length);
  return head;
}

const after = (at: Place, length: number, chain: Uint8Array): Place => ({
  ...at,
  frame: at.frame + 1,
  offset: at.offset + headBytes + length + hashBytes,
  chain,
});

/** A frame's bytes, and the place behind it. */
export function encodeFrame(
  at: Place,
  kind: FrameKind,
  body: Uint8Array,
): { readonly bytes: Uint8Array; readonly end: Place } {
  if (body.length > bodyBytesMax) {
    throw new ArchiveError('EXPORT_FRAME', `a frame of ${body.length} bytes is too large`, at);
  }
  const head = headOf(kind, body.length);
  const check = sha256(at.chain, head).subarray(0, checkBytes);
  const chain = sha256(at.chain, head, body);
  return { bytes: concat(head, check, body, chain), end: after(at, body.length, chain) };
}

/**
 * The frames of a file in order, up to and with its end frame. Throws ArchiveError ARCHIVE_FORMAT,
 * ARCHIVE_VERSION, ARCHIVE_DAMAGED or ARCHIVE_TRUNCATED with frame and offset.
 */
export async function* readFrames(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Frame, void, undefined> {
  const input = new ByteQueue(source);
  try {
    let at = beginning(await readMagic(input));
    for (;;) {
      const frame = await readFrame(input, at);
      if (frame.kind === frameKinds.end && !(await input.isAtEnd())) {
        throw new ArchiveError('ARCHIVE_DAMAGED', 'bytes follow the end frame', frame.end);
      }
      yield frame;
      if (frame.kind === frameKinds.end) return;
      at = frame.end;
    }
  } finally {
    await input.close();
  }
}

async function readMagic(input: ByteQueue): Promise<Format> {
  const found = await input.take(magicBytes);
  if (equalBytes(found, magics[1])) return 1;
  if (equalBytes(found, magics[2])) return 2;
  const at = { ...beginning(), offset: 0 };
  if (found.length < magicBytes && equalBytes(found, magics[1].subarray(0, found.length))) {
    throw new ArchiveError('ARCHIVE_TRUNCATED', 'it ends before its first frame', at);
  }
  const begins = equalBytes(found.subarray(0, family.length), family);
  throw begins
    ? new ArchiveError('ARCHIVE_VERSION', 'it has a format that this release does not read', at)
    : new ArchiveError('ARCHIVE_FORMAT', 'it is not an export of a ledger', at);
}

async function readFrame(input: ByteQueue, at: Place): Promise<Frame> {
  const head = await input.take(headBytes);
  const truncated = (what: string): ArchiveError =>
    new ArchiveError('ARCHIVE_TRUNCATED', `the file ends ${what}`, at);
  if (head.length === 0) throw truncated('before its end frame');
  if (head.length < headBytes) throw truncated('within the head of this frame');
  const view = new DataView(head.buffer, head.byteOffset);
  const [kind, length] = [head[0] ?? 0, view.getUint32(1)];
  const check = sha256(at.chain, head.subarray(0, 5)).subarray(0, checkBytes);
  if (!equalBytes(check, head.subarray(5))) {
    throw new ArchiveError('ARCHIVE_DAMAGED', 'the head of this frame does not fit its check', at);
  }
  if (length > bodyBytesMax) {
    throw new ArchiveError('ARCHIVE_DAMAGED', `the frame claims ${length} bytes`, at);
  }
  const body = await input.take(length);
  const hash = await input.take(hashBytes);
  if (hash.length < hashBytes) throw truncated('within this frame');
  const chain = sha256(at.chain, head.subarray(0, 5), body);
  if (!equalBytes(chain, hash)) {
    const whose = kind === frameKinds.content ? `, of content ${digestIn(body)},` : '';
    const problem = `the frame${whose} does not have the hash that it names`;
    throw new ArchiveError('ARCHIVE_DAMAGED', problem, at);
  }
  return { kind, body, at, end: after(at, length, chain) };
}

/** Where the CBOR of a piece has it, for a name in the message: the frame is damaged. */
const digestIn = (body: Uint8Array): string => toHex(body.subarray(3, 35));

/** Bytes of a stream by exact counts. */
class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Fewer than `count` only at the end of the stream. */
  async take(count: number): Promise<Uint8Array> {
    while (this.#length < count && (await this.#fill()));
    const all = this.#chunks.length === 1 ? this.#chunks[0] : concat(...this.#chunks);
    const whole = all ?? new Uint8Array();
    const taken = whole.slice(0, count);
    const left = whole.subarray(count);
    this.#chunks = left.length > 0 ? [left] : [];
    this.#length = left.length;
    return taken;
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#length === 0 && (await this.#fill()));
    return this.#length === 0;
  }

  /** A file that is not read to its end is let go of, too. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#chunks.push(next.value);
    this.#length += next.value.length;
    return true;
  }
}
