import { shown } from '../../base/field-fault.ts';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { assert } from '../../base/assert.ts';
import { Type } from '../../base/schema.ts';
import {
  entryBytesMax,
  hashTile,
  parseTilePath,
  tileWidth,
  widthOf,
  type Tile,
} from '../../chain/checkpoint/tiles.ts';
import { leavesPerPage } from '../../store/ledger-reader.ts';
import { clientNetwork } from '../address.ts';
import { Problem } from '../problem.ts';
import { apiResults } from '../results.ts';
import {
  binaryType,
  defineRoute,
  type Call,
  type Reply,
  type Route,
  type Services,
} from '../route.ts';
import { fieldProblem } from '../validate.ts';

/** What a path names is the same for ever: a tile, partial ones too, only ever holds these hashes. */
const immutable = { 'Cache-Control': 'public, max-age=31536000, immutable' };

const tilePaths =
  '`<L>/<N>` or `entries/<N>`, with `.p/<W>` for a partial tile; N in groups of three digits, all ' +
  'but the last with an x before them: `0/x001/x234/067`, `entries/000.p/17`.';

function notTile(path: string): Problem {
  const form = 'a path of c2sp.org/tlog-tiles, <level>/<index> or entries/<index>';
  const message = `${shown(path)} is not ${form}, for example "tile/0/000"`;
  return fieldProblem(apiResults.INVALID_PATH, [
    { pointer: '/path', message, form, example: '0/000' },
  ]);
}

export const tileRoutes: readonly Route[] = [
  defineRoute({
    id: 'getTile',
    method: 'get',
    path: '/tile/{+path}',
    tag: 'Log',
    summary: 'A tile of the log’s hashes, or a bundle of its entries',
    description: `As c2sp.org/tlog-tiles has them. ${tilePaths}`,
    params: Type.Object(
      { path: Type.String({ maxLength: 60, description: tilePaths }) },
      { additionalProperties: false },
    ),
    responses: {
      200: {
        description:
          'Up to 256 hashes of 32 bytes; or up to 256 entries (leaves, as canonical CBOR), each ' +
          'after its length in 16 bits, big-endian. Immutable.',
        type: binaryType,
      },
    },
    problems: [apiResults.NOT_FOUND, apiResults.ENTRY_TOO_LARGE, apiResults.BATCHES_EXHAUSTED],
    cost: ({ params }) => (params.path.startsWith('entries/') ? 250 : 10),
    handle: (call) => {
      const path = `tile/${call.params.path}`;
      const tile = parseTilePath(path);
      if (!tile) throw notTile(path);
      const { services } = call;
      const size = services.engine.checkpoint()?.header.logSize ?? 0;
      const width = widthOf(tile.level, tile.index, size);
      if (tile.width > width) {
        const held = width === 0 ? 'none of it' : `${width} of its ${tileWidth}`;
        throw new Problem(apiResults.NOT_FOUND, `A log of ${size} leaves has ${held}.`);
      }
      return tile.level === 'entries' ? sendEntries(call, tile) : sendHashes(services, tile);
    },
  }),
];

const sendHashes = ({ engine }: Services, tile: Tile): Reply => ({
  status: 200,
  type: binaryType,
  headers: immutable,
  body: Buffer.from(
    hashTile(tile, ({ height, index }) => {
      const hash = engine.subtreeHash(height, index);
      assert(hash, 'the log has the hashes of a tile that it has');
      return hash;
    }),
  ),
});

/** By pages from the store: at most 16 MiB, of which one page is in memory. */
async function sendEntries(
  { services, request, hold }: Call,
  { index, width }: Tile,
): Promise<Reply> {
  const { reader, work } = services;
  const from = index * tileWidth;
  const inTurn: InTurn = (read) => work.read(clientNetwork(request), read);
  const measured = await inTurn(() => reader.measureLeaves(from, from + width));
  const { count, bytes, longestBytes } = measured;
  assert(count === width, 'the store has every leaf that a checkpoint commits to');
  if (longestBytes > entryBytesMax) {
    throw new Problem(
      apiResults.ENTRY_TOO_LARGE,
      `One of the leaves ${from} to ${from + width - 1} has ${longestBytes} bytes.`,
    );
  }
  const perPage = bytes <= pageBytes ? tileWidth : leavesPerPage;
  hold(Math.min(bytes, perPage * longestBytes));
  const leaves = reader.streamLeaves(from, from + width, perPage);
  const plain = Readable.from(bundle(leaves, perPage, inTurn));
  const headers = { ...immutable, Vary: 'Accept-Encoding' };
  if (request.acceptsEncodings('gzip', 'identity') !== 'gzip') {
    const length = { 'Content-Length': String(bytes + 2 * width) };
    return { status: 200, type: binaryType, headers: { ...headers, ...length }, stream: plain };
  }
  // A failure of the source shows as one of the stream that is sent.
  const stream = pipeline(plain, createGzip(), () => undefined);
  return {
    status: 200,
    type: binaryType,
    headers: { ...headers, 'Content-Encoding': 'gzip' },
    stream,
  };
}

/** A tile of up to so many bytes is read at once. */
const pageBytes = 1024 * 1024;

type InTurn = <Value>(read: () => Promise<Value>) => Promise<Value>;

/** The first leaf of each page is what is waited for. */
async function* bundle(
  leaves: AsyncIterable<Uint8Array>,
  perPage: number,
  inTurn: InTurn,
): AsyncGenerator<Buffer> {
  const each = leaves[Symbol.asyncIterator]();
  for (let count = 0; ; count += 1) {
    const next = async () => each.next();
    const result = await (count % perPage === 0 ? inTurn(next) : next());
    if (result.done === true) return;
    const leaf = result.value;
    const entry = Buffer.allocUnsafe(2 + leaf.length);
    entry.writeUInt16BE(leaf.length);
    entry.set(leaf, 2);
    yield entry;
  }
}
