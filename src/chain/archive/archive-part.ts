import { ArchiveError } from './archive-error.ts';
import type { Place } from './frame.ts';
import { readArchive } from './read-archive.ts';
import type { ArchivePart } from './write-archive.ts';
import { LogRoot } from '../fsck/recompute.ts';

export interface FoundPart {
  /** null where not even the genesis document is whole. */
  readonly part: ArchivePart | null;
  /** The export had come to its end. */
  readonly complete: boolean;
}

/**
 * What an interrupted export can go on from: its whole frames, each hash and log root computed
 * anew. Of one that had come to its end the last run is left out, so that the file becomes what it
 * would be had it been written at once; one with content goes on where it ended. Throws ArchiveError for a file of another kind.
 */
export async function findPart(source: AsyncIterable<Uint8Array>): Promise<FoundPart> {
  let part: ArchivePart | null = null;
  let before: ArchivePart | null = null;
  try {
    for await (const item of readArchive(source)) {
      if (item.kind === 'end') {
        const grows = item.frame.at.format === 2 ? part : (before ?? part);
        return { part: grows, complete: true };
      }
      const place: Place = item.frame.end;
      if (item.kind === 'genesis') {
        const { document } = item.genesis;
        const empty = { height: 0, headerHash: '', envelopes: 0, log: new LogRoot() };
        part = { place, document, ...empty, contents: new Set() };
        continue;
      }
      if (!part) break;
      if (item.kind === 'content') {
        const { digest, last } = item.piece;
        // What is not whole is left out, and written anew.
        if (last) part = { ...part, place, contents: part.contents.add(digest) };
        continue;
      }
      before = { ...part, log: part.log.copy() };
      const { blocks } = item.run;
      for (const { leaves } of blocks) for (const { bytes } of leaves) part.log.append(bytes);
      part = {
        ...part,
        place,
        height: part.height + blocks.length,
        headerHash: blocks.at(-1)?.row.headerHash ?? part.headerHash,
        envelopes: blocks.reduce((sum, { envelopes }) => sum + envelopes.length, part.envelopes),
      };
    }
  } catch (error) {
    const cutOff =
      error instanceof ArchiveError &&
      (error.code === 'ARCHIVE_TRUNCATED' || error.code === 'ARCHIVE_DAMAGED');
    if (!cutOff) throw error;
  }
  return { part, complete: false };
}
