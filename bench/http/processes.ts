/** The three processes of a run: the node (with its database), the bare server, the load. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once, type EventEmitter } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../../src/base/assert.ts';
import type { Job, Report } from './load.ts';
import { loader } from '../../test/support/loader.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

/** Where the node in a benchmark's folder keeps everything. */
export const nodeDir = (folder: string): string => join(folder, 'node');

/** For load that comes from one address: what bounds that is out of the way. */
const oneAddress = {
  DXL_REQUESTS_PER_MINUTE: '999999999',
  DXL_LIMITS: 'connectionsPerAddressMax=2000,requestsPerAddressMax=10000',
};

export interface NodeOptions {
  readonly profileDir?: string | undefined;
  /** Its limits, as the environment gives them. */
  readonly limits?: Readonly<Record<string, string>>;
}

export interface NodeServer extends Server {
  readonly pid: number;
}

/**
 * `dxl node` as everybody runs it, on a development chain of its own, logging to a file; only the
 * limits of one address are out of the way, unless others are given.
 */
export async function startNode(
  folder: string,
  { profileDir, limits = oneAddress }: NodeOptions = {},
): Promise<NodeServer> {
  const log = openSync(join(folder, 'node.log'), 'a');
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const command = ['node', '--json', '--port', '0', '--data-dir', nodeDir(folder)];
  // As `npm start` does.
  const flags = ['--max-semi-space-size=64', ...profile];
  const child = spawn(process.execPath, [...flags, fileOf('../../bin/dxl.mjs'), ...command], {
    stdio: ['ignore', 'pipe', log],
    env: { ...process.env, ...limits, DATABASE_URL: '' },
  });
  assert(child.stdout && child.pid !== undefined, 'it runs, and its output is piped');
  const line = await next<Buffer>(child, child.stdout, 'data');
  const { url } = JSON.parse(line.toString()) as { url: string };
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, pid: child.pid, close };
}

export const startBare = (): Promise<Server> => startServer('http/bare.ts');

/** A program beside this folder, which tells its address and ends with its parent. */
export async function startServer(file: string): Promise<Server> {
  const child = fork(fileOf(`../${file}`), { execArgv: [...loader] });
  const { url } = await next<{ url: string }>(child, child, 'message');
  return { url, close: () => end(child) };
}

export interface Worker<WorkerJob, WorkerReport> {
  run(job: WorkerJob): Promise<WorkerReport>;
  close(): Promise<void>;
}

export type Load = Worker<Job, Report>;

export const startLoad = (): Promise<Load> => startWorker('http/load.ts');

/** A program beside this folder, which does one job at a time and ends with its parent. */
export async function startWorker<WorkerJob extends object, WorkerReport>(
  file: string,
): Promise<Worker<WorkerJob, WorkerReport>> {
  const child = fork(fileOf(`../${file}`), { execArgv: [...loader] });
  await next(child, child, 'message');
  return {
    async run(job) {
      child.send(job);
      type Answer = { readonly report: WorkerReport } | { readonly error: string };
      const answer = await next<Answer>(child, child, 'message');
      if ('error' in answer) throw new Error(answer.error);
      return answer.report;
    },
    close: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  child.disconnect();
  await once(child, 'exit');
}

/** The next event of the source, unless the process ends before. */
function next<Value>(child: ChildProcess, source: EventEmitter, event: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onEvent = (value: Value): void => {
      child.off('exit', onExit);
      resolve(value);
    };
    const onExit = (code: number | null): void => {
      source.off(event, onEvent);
      reject(new Error(`a process of the benchmark ended with ${code}`));
    };
    source.once(event, onEvent);
    child.once('exit', onExit);
  });
}
