/** An exchange of its own for one test file: folder, database, chain, and a node that can be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../../../src/base/assert.ts';
import type { Genesis } from '../../../src/chain/machine/genesis.ts';
import { readConfig, type Config, type LogLevel } from '../../../src/config.ts';
import { everybody, genesisOperator, operator, type Character } from '../../../src/demo/cast.ts';
import { openExchange } from '../../../src/main.ts';
import { openBlockSigner } from '../../../src/node/block-signer.ts';
import { dataFolder } from '../../../src/node/data-folder.ts';
import { makeGenesis, writeGenesis } from '../../../src/node/make-genesis.ts';
import {
  buildCircuit,
  defaultCacheDirectory,
  type CircuitArtefacts,
} from '../../../src/privacy/zk/build/build-circuit.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { castOf, type Cast } from './party-secrets.ts';
import { loader } from '../../support/loader.ts';

/** A trade is played on the way: seconds on an idle machine, minutes on one with much else to do. Only a hang comes to it. */
export const setUpMs = 900_000;

export interface RunningNode {
  readonly url: string;
  stop(): Promise<void>;
}

export interface TestExchange extends Cast {
  readonly folder: string;
  readonly outDir: string;
  readonly logFile: string;
  readonly contentDir: string;
  readonly database: FreshDatabase;
  readonly config: Config;
  readonly genesis: Genesis;
  readonly artefacts: CircuitArtefacts;
  /** After every node on it was stopped. */
  remove(): Promise<void>;
}

export interface ExchangeSetting {
  readonly logLevel?: LogLevel;
  /** Who has keys beside the demonstration's parties. */
  readonly others?: readonly Character[];
  /** Name or path of the rule pack; `demo` unless given. */
  readonly rules?: string;
}

/** Folder, database, keys and genesis; no node runs yet. */
export async function makeExchange(setting: ExchangeSetting = {}): Promise<TestExchange> {
  const artefacts = await buildCircuit({
    circuitId: 'k-anonymity-512-k5',
    cacheDir: defaultCacheDirectory,
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'dxl-scenario-'));
  const database = await freshDatabase();
  const cast = castOf([...everybody, ...(setting.others ?? [])]);
  const dataDir = path.join(folder, 'exchange');
  const config: Config = {
    ...readConfig({}),
    dataDir,
    databaseUrl: database.url,
    port: 0,
    logLevel: setting.logLevel ?? 'info',
  };
  const genesis = await beginChain(config, cast, setting.rules ?? 'demo');
  return {
    ...cast,
    folder,
    outDir: path.join(folder, 'parties'),
    logFile: path.join(folder, 'exchange.log'),
    contentDir: dataFolder(dataDir).contentDir,
    database,
    config,
    genesis,
    artefacts,
    async remove() {
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let chains = 0;

async function beginChain({ dataDir }: Config, { parties }: Cast, rules: string): Promise<Genesis> {
  const party = parties.get(operator.id);
  assert(party, 'the operator has a key');
  const folder = dataFolder(dataDir);
  chains += 1;
  const genesis = await makeGenesis({
    chainId: `scenario-${process.pid}-${chains}`,
    mode: 'development',
    timeMs: Date.now(),
    rules,
    blockSigner: (await openBlockSigner(folder.blockSignerFile)).publicKey,
    operator: genesisOperator(party),
  });
  await writeGenesis(folder.genesisFile, genesis);
  return genesis;
}

/** A node in this process. */
export async function startNode({ config, logFile }: TestExchange): Promise<RunningNode> {
  return openExchange(config, { version: '0.0.0-test', logFile });
}

export interface NodeProcess extends RunningNode {
  readonly port: number;
  /** SIGKILL: nothing is ended, nothing is written. */
  kill(): Promise<void>;
}

const nodeMain = fileURLToPath(new URL('node-main.ts', import.meta.url));

/** A node in a process of its own; `port` to come back where an earlier one was. */
export async function spawnNode(exchange: TestExchange, port = 0): Promise<NodeProcess> {
  const { config, logFile } = exchange;
  const child = spawn(process.execPath, [...loader, nodeMain], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  // A map is nothing in JSON.
  const limits = [...config.limits];
  child.stdin.end(JSON.stringify({ config: { ...config, port, limits }, logFile }));
  const url = await firstLine(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    port: Number(new URL(url).port),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    said += piece.toString();
    if (said.includes('\n')) return said.slice(0, said.indexOf('\n'));
  }
  throw new Error(`The node ended before it listened: ${said}`);
}
