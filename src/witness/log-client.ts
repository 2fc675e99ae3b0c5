/** A witness's reads of a log over HTTP (c2sp.org/tlog-tiles); nothing that comes is believed. */
import { OperationalError } from '../base/operational-error.ts';
import { noteBytesMax } from '../chain/checkpoint/note.ts';
import type { ReadSubtree, Subtree } from '../chain/checkpoint/subtrees.ts';
import { subtreesIn, tilePath, tilesOf, tileWidth, type Tile } from '../chain/checkpoint/tiles.ts';
import { boundedFetch } from './bounded-fetch.ts';

const tileBytes = (width: number): number => 32 * width;

/**
 * The newest note: of one of our own exchanges also where its witnesses have not cosigned it yet.
 * Throws OperationalError PEER_UNREACHABLE, PEER_ANSWER.
 */
export async function fetchNote(url: string): Promise<Uint8Array> {
  for (const place of ['checkpoint/latest', 'checkpoint']) {
    const answer = await boundedFetch(`${url}/${place}`, { bytesMax: noteBytesMax });
    if (answer.status === 200) return answer.bytes;
    if (answer.status !== 404) throw badAnswer(`${url}/${place}`, answer.status);
  }
  throw new OperationalError('PEER_ANSWER', `${url} has no checkpoint (yet).`);
}

/** Reads these subtrees of a log of `size` leaves from its tiles, a few at most. */
export async function fetchSubtrees(
  url: string,
  subtrees: readonly Subtree[],
  size: number,
): Promise<ReadSubtree> {
  const tiles = tilesOf(subtrees, size);
  const fetched = await Promise.all(
    tiles.map(async (tile) => [tilePath(tile), await fetchTile(url, tile)] as const),
  );
  return subtreesIn(new Map(fetched), size);
}

/** A partial tile may be gone where the full one is there: its first hashes are the same. */
async function fetchTile(url: string, tile: Tile): Promise<Uint8Array> {
  for (const width of tile.width === tileWidth ? [tileWidth] : [tile.width, tileWidth]) {
    const place = `${url}/${tilePath({ ...tile, width })}`;
    const { status, bytes } = await boundedFetch(place, { bytesMax: tileBytes(tileWidth) });
    if (status === 200 && bytes.length === tileBytes(width)) {
      return bytes.slice(0, tileBytes(tile.width));
    }
    if (status !== 404) throw badAnswer(place, status);
  }
  throw badAnswer(`${url}/${tilePath(tile)}`, 404);
}

/** Brings a cosigned note back to an exchange. False where it takes none, or not this one. */
export async function deliverNote(url: string, note: string): Promise<boolean> {
  const place = `${url}/v1/log/cosignatures`;
  const { status } = await boundedFetch(place, { body: note, bytesMax: 64 * 1024 });
  return status === 200;
}

const badAnswer = (place: string, status: number): OperationalError =>
  new OperationalError('PEER_ANSWER', `${place} answered ${status} with no tile or note.`);
