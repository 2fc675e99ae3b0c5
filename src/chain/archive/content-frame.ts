/** Frames of kind 3 (docs/export-format.md): encrypted content by its SHA-256, in pieces. */
import { fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { ArchiveError } from './archive-error.ts';
import type { Frame } from './frame.ts';
import { decodeList } from './items.ts';

export interface ContentPiece {
  readonly digest: Hex;
  /** Where in the content it begins. */
  readonly offset: number;
  readonly last: boolean;
  readonly data: Uint8Array;
}

/** What an export takes content from. */
export interface ContentSource {
  /** In an order that is the same each time. */
  digests(): AsyncIterable<Hex>;
  /** Fails at the end where the bytes are not those of the digest; null where it is not there. */
  get(digest: Hex): Promise<AsyncIterable<Uint8Array> | null>;
}

export const pieceBytes = 512 * 1024;

export const encodePiece = ({ digest, offset, last, data }: ContentPiece): Uint8Array =>
  encodeCbor([fromHex(digest), BigInt(offset), last, data]);

/** Throws ArchiveError ARCHIVE_DAMAGED where the frame holds no piece of content. */
export function decodePiece(frame: Frame): ContentPiece {
  const [digest, offset, last, data] = decodeList(frame, 4);
  if (
    !(digest instanceof Uint8Array && digest.length === 32 && data instanceof Uint8Array) ||
    !(typeof offset === 'bigint' && typeof last === 'boolean')
  ) {
    throw new ArchiveError('ARCHIVE_DAMAGED', 'it is no piece of content', frame.at);
  }
  return { digest: toHex(digest), offset: Number(offset), last, data };
}

/** That pieces follow each other, each content whole before anything else comes. */
export class PieceOrder {
  #open: { readonly digest: Hex; readonly end: number } | null = null;

  add({ digest, offset, last, data }: ContentPiece, { at }: Frame): void {
    const wanted = this.#open ?? { digest, end: 0 };
    if (wanted.digest !== digest || wanted.end !== offset) {
      const problem = `byte ${wanted.end} of content ${wanted.digest} belongs there`;
      throw new ArchiveError('ARCHIVE_ALTERED', problem, at);
    }
    this.#open = last ? null : { digest, end: offset + data.length };
  }

  refuseOpen({ at }: Frame): void {
    if (!this.#open) return;
    const problem = `content ${this.#open.digest} is not whole before it`;
    throw new ArchiveError('ARCHIVE_ALTERED', problem, at);
  }
}

/** Content in pieces of one size, the last of which may be shorter or empty. */
export async function* piecesOf(
  digest: Hex,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<ContentPiece, void, undefined> {
  let offset = 0;
  let waiting = Buffer.alloc(0);
  for await (const chunk of source) {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length > pieceBytes) {
      yield { digest, offset, last: false, data: new Uint8Array(waiting.subarray(0, pieceBytes)) };
      waiting = waiting.subarray(pieceBytes);
      offset += pieceBytes;
    }
  }
  yield { digest, offset, last: true, data: new Uint8Array(waiting) };
}
