import type { Hex } from '../../base/bytes.ts';
import { decodeHeader } from '../machine/header.ts';
import { ArchiveError } from './archive-error.ts';
import { decodePiece, PieceOrder, type ContentPiece } from './content-frame.ts';
import { frameKinds, readFrames, type Frame } from './frame.ts';
import {
  decodeEnd,
  decodeGenesisFrame,
  decodeRun,
  type ArchiveEnd,
  type BlockRun,
  type GenesisFrame,
} from './items.ts';

export type ArchiveItem =
  | { readonly kind: 'genesis'; readonly genesis: GenesisFrame; readonly frame: Frame }
  | { readonly kind: 'blocks'; readonly run: BlockRun; readonly frame: Frame }
  | { readonly kind: 'content'; readonly piece: ContentPiece; readonly frame: Frame }
  | { readonly kind: 'end'; readonly end: ArchiveEnd; readonly frame: Frame };

/**
 * An export from its beginning to its end: genesis, runs of blocks without a gap, content between them
 * where it was asked for, and an end that agrees with the last block. That the blocks are true is not its concern. Throws ArchiveError.
 */
export async function* readArchive(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<ArchiveItem, void, undefined> {
  const seen = new Seen();
  const pieces = new PieceOrder();
  for await (const frame of readFrames(source)) {
    const fail = (problem: string) => new ArchiveError('ARCHIVE_DAMAGED', problem, frame.at);
    if ((frame.at.frame === 0) !== (frame.kind === frameKinds.genesis)) {
      throw fail('the genesis document is to stand in the first frame, and there only');
    }
    if (frame.kind === frameKinds.content && frame.at.format === 2) {
      const piece = decodePiece(frame);
      pieces.add(piece, frame);
      yield { kind: 'content', piece, frame };
      continue;
    }
    pieces.refuseOpen(frame);
    if (frame.kind === frameKinds.genesis) {
      yield { kind: 'genesis', genesis: decodeGenesisFrame(frame), frame };
    } else if (frame.kind === frameKinds.blocks) {
      const run = await decodeRun(frame);
      seen.add(run, frame);
      yield { kind: 'blocks', run, frame };
    } else if (frame.kind === frameKinds.end) {
      const end = decodeEnd(frame);
      seen.checkEnd(end, frame);
      yield { kind: 'end', end, frame };
    } else throw fail(`its kind, ${frame.kind}, is unknown to this format`);
  }
}

/** What the runs so far add up to. */
class Seen {
  #height = 0;
  #logSize = 0;
  #envelopes = 0;
  #last: { readonly header: Uint8Array; readonly headerHash: Hex } | null = null;

  add({ firstHeight, firstLogIndex, blocks }: BlockRun, { at }: Frame): void {
    if (firstHeight !== this.#height + 1 || firstLogIndex !== this.#logSize) {
      const wanted = `block ${this.#height + 1} with leaf ${this.#logSize}`;
      const found = `block ${firstHeight} with leaf ${firstLogIndex}`;
      throw new ArchiveError('ARCHIVE_ALTERED', `${wanted} belongs there, not ${found}`, at);
    }
    for (const { row, envelopes, leaves } of blocks) {
      this.#height += 1;
      this.#logSize += leaves.length;
      this.#envelopes += envelopes.length;
      this.#last = row;
    }
  }

  checkEnd(end: ArchiveEnd, { at }: Frame): void {
    const wanted = { ...this.#facts(), height: this.#height, envelopes: this.#envelopes };
    for (const name of Object.keys(wanted) as (keyof typeof wanted)[]) {
      if (end[name] === wanted[name]) continue;
      const problem = `the end names ${name} ${end[name]}; the blocks lead to ${wanted[name]}`;
      throw new ArchiveError('ARCHIVE_ALTERED', problem, at);
    }
  }

  /** Of the last header; where it cannot be read, who checks the block says so. */
  #facts(): Partial<ArchiveEnd> {
    if (!this.#last) return { logSize: 0 };
    try {
      const { timeMs, appHash, logSize, logRoot } = decodeHeader(this.#last.header);
      return { timeMs, appHash, logSize, logRoot, headerHash: this.#last.headerHash };
    } catch {
      return {};
    }
  }
}
