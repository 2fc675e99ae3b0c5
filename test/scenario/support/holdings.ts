/** Everything that a node holds, as bytes: database, logs, content, and CometBFT's part. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { utf8 } from '../../../src/base/bytes.ts';
import { openCometRpc, type CometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import type { Holder } from './driver.ts';
import type { Place } from './scanner.ts';

/** Every column of every table, row by row. `bytea` as its bytes, the rest as PostgreSQL's text. */
export async function databasePlaces(url: string): Promise<Place[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: columns } = await client.query<{ table: string; name: string; type: string }>(
      `SELECT table_name AS table, column_name AS name, data_type AS type
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2`,
    );
    const places: Place[] = [];
    for (const { table, name, type } of columns) {
      const value = type === 'bytea' ? `"${name}"` : `"${name}"::text`;
      const { rows } = await client.query<{ value: Buffer | string | null }>(
        `SELECT ${value} AS value FROM "${table}"`,
      );
      // A byte no text has keeps values apart.
      const parts = rows.flatMap(({ value: found }) => [
        typeof found === 'string' ? utf8(found) : (found ?? Buffer.alloc(0)),
        Buffer.of(0xff),
      ]);
      places.push({ name: `${table}.${name}`, bytes: Buffer.concat(parts) });
    }
    return places;
  } finally {
    await client.end();
  }
}

export async function filePlaces(folder: string, prefix: string): Promise<Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => ({
      name: `${prefix}/${name}`,
      bytes: await readFile(path.join(parentPath, name)),
    })),
  );
}

export const contentPlaces = ({ contentDir }: Holder): Promise<Place[]> =>
  filePlaces(contentDir, 'content');

export const logPlaces = ({ logFiles }: Holder): Promise<Place[]> =>
  Promise.all(
    logFiles.map(async (file) => ({
      name: path.basename(file),
      bytes: await readFile(file),
    })),
  );

/** Heights that one request of CometBFT's `/blockchain` answers. */
const metasMax = 20;

interface Chain {
  readonly last_height: string;
  readonly block_metas: readonly {
    readonly header: { readonly height: string };
    readonly num_txs: string;
  }[];
}

interface Block {
  readonly block: { readonly data: { readonly txs: readonly string[] } };
}

/**
 * Blocks with envelopes as CometBFT's own store has them, and what its application answered; while
 * it runs, because its files are compressed.
 */
export async function blockPlaces({ comet }: Holder): Promise<Place[]> {
  if (!comet) return [];
  const rpc = openCometRpc(comet.rpcUrl);
  try {
    const parts: Record<'blocks' | 'transactions' | 'results', Buffer[]> = {
      ...{ blocks: [], transactions: [], results: [] },
    };
    for (const height of await heightsWithEnvelopes(rpc)) {
      const block = await rpc.call<Block>('block', { height });
      parts.blocks.push(Buffer.from(JSON.stringify(block)));
      const { txs } = block.block.data;
      parts.transactions.push(...txs.map((text) => Buffer.from(text, 'base64')));
      const results = await rpc.call<object>('block_results', { height });
      parts.results.push(Buffer.from(JSON.stringify(results)));
    }
    return Object.entries(parts).map(([name, buffers]) => ({
      name: `comet.${name}`,
      bytes: Buffer.concat(buffers),
    }));
  } finally {
    rpc.close();
  }
}

async function heightsWithEnvelopes(rpc: CometRpc): Promise<string[]> {
  const heights: string[] = [];
  for (let from = 1, last = 1; from <= last; from += metasMax) {
    const range = { minHeight: String(from), maxHeight: String(from + metasMax - 1) };
    const { last_height: newest, block_metas: metas } = await rpc.call<Chain>('blockchain', range);
    // As it was at the beginning: the chain goes on meanwhile.
    if (from === 1) last = Number(newest);
    const full = metas.filter(({ num_txs: count }) => count !== '0');
    heights.push(...full.map(({ header }) => header.height));
  }
  return heights;
}
