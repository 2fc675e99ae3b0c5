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

/**
 * `dxl node` as everybody runs it, on a development chain of its own, logging to a file; only the
 * limits of one address are out of the way, since all load comes from one.
 */
export async function startNode(folder: string, profileDir?: string): Promise<Server> {
  const log = openSync(join(folder, 'node.log'), 'a');
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const command = ['node', '--json', '--port', '0', '--data-dir', nodeDir(folder)];
  // As `npm start` does.
  const flags = ['--max-semi-space-size=64', ...profile];
  const child = spawn(process.execPath, [...flags, fileOf('../../bin/dxl.mjs'), ...command], {
    stdio: ['ignore', 'pipe', log],
    env: {
      ...process.env,
      DXL_REQUESTS_PER_MINUTE: '999999999',
      DXL_LIMITS: 'connectionsPerAddressMax=2000,requestsPerAddressMax=10000',
      DATABASE_URL: '',
    },
  });
  assert(child.stdout, 'it is piped');
  const line = await next<Buffer>(child, child.stdout, 'data');
  const { url } = JSON.parse(line.toString()) as { url: string };
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, close };
}

export async function startBare(): Promise<Server> {
  const child = fork(fileOf('./bare.ts'), { execArgv: [...loader] });
  const { url } = await next<{ url: string }>(child, child, 'message');
  return { url, close: () => end(child) };
}

export interface Load {
  run(job: Job): Promise<Report>;
  close(): Promise<void>;
}

export async function startLoad(): Promise<Load> {
  const child = fork(fileOf('./load.ts'), { execArgv: [...loader] });
  await next(child, child, 'message');
  return {
    async run(job) {
      child.send(job);
      const answer = await next<{ report: Report } | { error: string }>(child, child, 'message');
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
