/** Tiles of a log (c2sp.org/tlog-tiles): 256 hashes of one level, or 256 entries. */
import { assert } from '../../base/assert.ts';
import { nodeHash } from '../../base/merkle.ts';
import type { ReadSubtree, Subtree } from './subtrees.ts';

/** Hashes (entries) of a full tile. */
export const tileWidth = 256;
const tileHeight = 8;
const hashBytes = 32;

/** An entry's length stands before it in 16 bits. */
export const entryBytesMax = 65_535;

export interface Tile {
  /** Of hashes: each is of 256^level leaves. */
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256; below 256 the tile is partial. */
  readonly width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const padded = digits.padStart(3 * Math.ceil(digits.length / 3), '0');
  const groups = padded.match(/.{3}/g) ?? [];
  const name = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** The only path of a tile is read; null for every other. */
export function parseTilePath(path: string): Tile | null {
  const found =
    /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (!found) return null;
  const [, levelText = '', name = '', widthText] = found;
  const level = levelText === 'entries' ? 'entries' : Number(levelText);
  const index = Number(name.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? tileWidth : Number(widthText);
  const tile: Tile = { level, index, width };
  const levelFits = level === 'entries' || level <= 63;
  return levelFits && width > 0 && width <= tileWidth && tilePath(tile) === path ? tile : null;
}

/** How many hashes (entries) the tile has in a log of `size` leaves: 0 where there is no such. */
export function widthOf(level: Tile['level'], index: number, size: number): number {
  let hashes = size;
  for (let at = level === 'entries' ? 0 : level; at > 0 && hashes > 0; at -= 1) {
    hashes = Math.floor(hashes / tileWidth);
  }
  return Math.min(Math.max(hashes - index * tileWidth, 0), tileWidth);
}

/** Bytes of a tile of hashes. The caller has checked that the log has them. */
export function hashTile({ level, index, width }: Tile, read: ReadSubtree): Uint8Array {
  assert(level !== 'entries', 'a tile of hashes has a level');
  const bytes = new Uint8Array(width * hashBytes);
  for (let at = 0; at < width; at += 1) {
    bytes.set(read({ height: level * tileHeight, index: index * tileWidth + at }), at * hashBytes);
  }
  return bytes;
}

/** Where the hashes below a subtree stand in the tiles of a log of `size` leaves. */
function placeOf({ height, index }: Subtree, size: number) {
  const level = Math.floor(height / tileHeight);
  const count = 2 ** (height - level * tileHeight);
  const first = index * count;
  const tileIndex = Math.floor(first / tileWidth);
  const tile: Tile = { level, index: tileIndex, width: widthOf(level, tileIndex, size) };
  return { tile, offset: first % tileWidth, count };
}

/** The tiles, each once, that hold what these subtrees of a log of `size` leaves are made of. */
export function tilesOf(subtrees: readonly Subtree[], size: number): Tile[] {
  const tiles = subtrees.map((subtree) => placeOf(subtree, size).tile);
  return [...new Map(tiles.map((tile) => [tilePath(tile), tile])).values()];
}

/** Reads subtrees out of tiles' bytes, by path; the caller has fetched `tilesOf` all of them. */
export function subtreesIn(tiles: ReadonlyMap<string, Uint8Array>, size: number): ReadSubtree {
  return (subtree) => {
    const { tile, offset, count } = placeOf(subtree, size);
    const bytes = tiles.get(tilePath(tile));
    assert(bytes?.length === tile.width * hashBytes, 'the tile was fetched, and is whole');
    const hashes = Array.from({ length: count }, (_, at) =>
      bytes.slice((offset + at) * hashBytes, (offset + at + 1) * hashBytes),
    );
    return fold(hashes);
  };
}

/** @param hashes a power of two of them */
function fold(hashes: readonly Uint8Array[]): Uint8Array {
  const [first] = hashes;
  assert(first, 'a subtree has a hash');
  if (hashes.length === 1) return first;
  const middle = hashes.length >> 1;
  return nodeHash(fold(hashes.slice(0, middle)), fold(hashes.slice(middle)));
}
