/** Four validators as four organisations have them: a database server each, and wires to cut. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { openCometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import { netInit } from '../../../src/net/init.ts';
import { forgetHistory } from '../../../src/net/join.ts';
import { netUp, prepareDatabase } from '../../../src/net/network.ts';
import { rpcAddressOf } from '../../../src/net/plan.ts';
import { startPostgres, type RunningPostgres } from '../../../src/store/postgres/start.ts';
import { networkGenesis, type TestNetwork } from './test-network.ts';
import { layWires, type Wires } from './wires.ts';
import { openFolder } from '../../support/open-folder.ts';

export interface Storm extends TestNetwork {
  /** Folder of all that it has. */
  readonly root: string;
  readonly databaseUrls: string[];
  /** Null where there are no namespaces. */
  readonly wires: Wires | null;
  /** SIGKILL to a validator's database server and to each of its processes. */
  readonly killPostgres: (at: number) => Promise<void>;
  readonly startPostgres: (at: number) => Promise<void>;
  /** Takes from a validator that has ended all but its keys and what it signed. */
  readonly wipe: (at: number) => Promise<void>;
}

export interface StormOptions {
  readonly isolated: boolean;
  readonly snapshotInterval: number;
}

const count = 4;
const prefix = 'dxl-storm-';

/** The caller calls `remove`. */
export async function startStorm({ isolated, snapshotInterval }: StormOptions): Promise<Storm> {
  const root = await openFolder(prefix);
  const servers = new Map<number, RunningPostgres>();
  const startServer = async (at: number): Promise<string> => {
    const dataDir = path.join(root, `postgres-${at}`);
    const server = await startPostgres({ dataDir, log: () => undefined });
    servers.set(at, server);
    return server.url;
  };
  const undo: (() => Promise<unknown>)[] = [];
  const remove = async (): Promise<void> => {
    for (const step of undo) await step();
    await Promise.all([...servers.values()].map((server) => server.stop()));
    await rm(root, { recursive: true, force: true });
  };
  try {
    const wires = isolated ? await layWires(count) : null;
    const genesis = await networkGenesis({ chainId: 'dxl-storm' });
    const dir = path.join(root, 'net');
    const hosts = wires ? { hosts: wires.hosts } : {};
    const plan = await netInit({ dir, validators: count, genesis, snapshotInterval, ...hosts });
    const serverUrls = await Promise.all(plan.validators.map((_, at) => startServer(at)));
    const shape = wires ? { shape: wires.shape } : {};
    const network = await netUp({ dir, databaseUrls: serverUrls, ...shape });
    undo.push(() => network.down());
    const databaseUrls = plan.validators.map(({ database }, at) =>
      withDatabase(serverUrls[at] ?? '', database),
    );
    const renew = async (at: number): Promise<void> => {
      const own = network.validator(at);
      const url = await startServer(at);
      await prepareDatabase(own, url);
      databaseUrls[at] = withDatabase(url, own.database);
    };
    return Object.assign(network, {
      ...{ root, genesis, databaseUrls, wires, remove },
      killPostgres: async (at: number) => {
        const pid = servers.get(at)?.pid ?? 0;
        const children = await childrenOf(pid);
        for (const each of [pid, ...children]) killIfThere(each);
      },
      startPostgres: renew,
      wipe: async (at: number) => {
        const own = network.validator(at);
        const client = new pg.Client({ connectionString: servers.get(at)?.url });
        await client.connect();
        await client.query(`DROP DATABASE ${own.database} WITH (FORCE)`);
        await client.end();
        await forgetHistory(plan, own);
        await renew(at);
      },
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Folders of killed runs: those older than a minute that no process names. */
export async function sweepStorms(): Promise<void> {
  const names = (await readdir(os.tmpdir())).filter((name) => name.startsWith(prefix));
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^[0-9]+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  for (const name of names) {
    const folder = path.join(os.tmpdir(), name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs < 60_000 || lines.some((line) => line.includes(folder))) continue;
    await rm(folder, { recursive: true, force: true });
  }
}

const withDatabase = (url: string, database: string): string =>
  Object.assign(new URL(url), { pathname: `/${database}` }).href;

/** Field 4 of proc_pid_stat(5) is the parent. */
async function childrenOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[1]) === parent) found.push(Number(name));
  }
  return found;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** The first height that a validator's CometBFT has; above 1 after state-sync. */
export async function firstBlockOf(storm: Storm, at: number): Promise<number> {
  type Answer = { sync_info: { earliest_block_height: string } };
  return Number((await ask<Answer>(storm, at, 'status')).sync_info.earliest_block_height);
}

/** True once it has the newest block and votes; before, it only fetches. */
export async function takesPart(storm: Storm, at: number): Promise<boolean> {
  type Answer = { sync_info: { catching_up: boolean } };
  return !(await ask<Answer>(storm, at, 'status')).sync_info.catching_up;
}

async function ask<Answer>(storm: Storm, at: number, method: string): Promise<Answer> {
  const rpc = openCometRpc(`http://${rpcAddressOf(storm.validator(at))}`);
  try {
    return await rpc.call<Answer>(method);
  } finally {
    rpc.close();
  }
}
