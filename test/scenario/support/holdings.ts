/** Everything that an exchange holds, as bytes: its whole database, its log, its content folder. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { utf8 } from '../../../src/base/bytes.ts';
import type { TestExchange } from './exchange.ts';
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

export async function contentPlaces(folder: string): Promise<Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => ({
      name: `content/${name}`,
      bytes: await readFile(path.join(parentPath, name)),
    })),
  );
}

export async function holdingsOf({
  database,
  logFile,
  contentDir,
}: TestExchange): Promise<readonly Place[]> {
  const log = { name: 'log', bytes: await readFile(logFile) };
  return [...(await databasePlaces(database.url)), log, ...(await contentPlaces(contentDir))];
}
