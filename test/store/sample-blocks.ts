import { utf8 } from '../../src/base/bytes.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import type { CommittedBlock, Head, StateWrite } from '../../src/chain/engine/ports.ts';
import { openBlockStore, type OpenBlockStore } from '../../src/store/block-store.ts';
import { openDataSource } from '../../src/store/data-source.ts';
import { freshDatabase } from '../support/database.ts';

export const genesisHead: Head = {
  height: 0,
  timeMs: 1_700_000_000_000,
  appHash: sha256Hex(utf8('genesis app')),
  headerHash: sha256Hex(utf8('genesis header')),
  logSize: 0,
};

/** A block whose every leaf is the JSON of one row. */
export function blockOf(
  height: number,
  logStart: number,
  rows: readonly unknown[],
): CommittedBlock {
  return {
    height,
    timeMs: genesisHead.timeMs + height * 50,
    appHash: sha256Hex(utf8(`app ${height}`)),
    headerHash: sha256Hex(utf8(`header ${height}`)),
    header: utf8(`header ${height}`),
    signature: new Uint8Array(64).fill(height % 256),
    logSize: logStart + rows.length,
    envelopes: rows.map((row, position) => ({
      id: sha256Hex(utf8(`envelope ${height} ${position}`)),
      position,
      bytes: utf8(`envelope ${JSON.stringify(row)}`.padEnd(300, '.')),
      resultCode: position % 7 === 3 ? 104 : 0,
      failedOperation: position % 7 === 3 ? 1 : null,
      detail: position % 7 === 3 ? 'refused, as the test says' : '',
      logIndex: logStart + position,
    })),
    leaves: rows.map((row, position) => ({
      logIndex: logStart + position,
      bytes: utf8(JSON.stringify(row)),
    })),
  };
}

export const stateOf = (height: number, count: number): StateWrite[] =>
  Array.from({ length: count }, (_, at) => ({
    key: `k/${String(at).padStart(6, '0')}`,
    value: utf8(`value ${at} at ${height}`),
  }));

export interface OpenStore {
  readonly url: string;
  readonly dataSource: Awaited<ReturnType<typeof openDataSource>>;
  readonly store: OpenBlockStore;
  close(): Promise<void>;
}

/** A begun ledger in a database of its own. */
export async function openStore(): Promise<OpenStore> {
  const { url, drop } = await freshDatabase();
  const dataSource = await openDataSource(url);
  const store = await openBlockStore({ dataSource, url });
  await store.begin(utf8('genesis document'), genesisHead, []);
  return {
    url,
    dataSource,
    store,
    close: async () => {
      await store.close();
      await dataSource.destroy();
      await drop();
    },
  };
}

export async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** The code of the error that a promise ends in, or what it resolved to, as text. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    (value) => `resolved ${String(value)}`,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}
