/** On what a scenario is played: one embedded node, or four validators that parties divide. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ExchangeClient } from '../../../src/client/exchange-client.ts';
import { openBlockSigner } from '../../../src/node/block-signer.ts';
import { dataFolder } from '../../../src/node/data-folder.ts';
import { netInit } from '../../../src/net/init.ts';
import { databaseUrlOf, netDown, netUp } from '../../../src/net/network.ts';
import type { Network, Shape } from '../../../src/net/network.ts';
import { rpcAddressOf, type NetPlan, type ValidatorPlan } from '../../../src/net/plan.ts';
import { whyNoComet } from '../../chain/comet/test-network.ts';
import { spawnNode, type NodeProcess, type TestExchange } from './exchange.ts';

export interface Nodes {
  /** Of a node that every party may speak to. */
  readonly url: string;
  /** What a party speaks to just now: it stays the same over restarts. */
  readonly clientOf: (partyId: string) => ExchangeClient;
  /** One client for each node. */
  readonly clients: readonly ExchangeClient[];
  /** SIGKILL of the nth node, whichever that is, and its new start. */
  killOne(nth: number): Promise<void>;
  /** A clean stop of all, and a new start. */
  restart(): Promise<void>;
  /** Every process ends; what they hold stays. */
  halt(): Promise<void>;
  stop(): Promise<void>;
  /** One for each node. */
  readonly holders: readonly Holder[];
  /** A database to audit, and the first height in it that validators seal. */
  readonly ledger: { readonly url: string; readonly sealedFrom: number | null };
}

/** Where a node keeps what it holds. */
export interface Holder {
  readonly databaseUrl: string;
  readonly logFiles: readonly string[];
  readonly contentDir: string;
  /** CometBFT beside the node. */
  readonly comet: { readonly rpcUrl: string; readonly dataDir: string } | null;
}

export interface Driver {
  readonly name: string;
  /** CometBFT orders. */
  readonly comet: boolean;
  /** Why it is left out here; null where it is not. */
  whyNot(): Promise<string | null>;
  start(exchange: TestExchange): Promise<Nodes>;
}

export const embedded: Driver = {
  name: 'the embedded engine',
  comet: false,
  whyNot: () => Promise.resolve(null),
  async start(exchange) {
    let node: NodeProcess = await spawnNode(exchange);
    const { url } = node;
    const client = new ExchangeClient(url);
    const { contentDir, logFile, database } = exchange;
    const holder = { databaseUrl: database.url, logFiles: [logFile], contentDir, comet: null };
    return {
      holders: [holder],
      ...{ url, clients: [client], clientOf: () => client },
      ledger: { url: exchange.database.url, sealedFrom: null },
      async killOne() {
        await node.kill();
        node = await spawnNode(exchange, node.port);
      },
      async restart() {
        await node.stop();
        node = await spawnNode(exchange, node.port);
      },
      halt: () => node.stop(),
      stop: () => node.stop(),
    };
  },
};

export const fourValidators: Driver = {
  name: 'four validators of CometBFT',
  comet: true,
  whyNot: whyNoComet,
  async start(exchange) {
    const dir = netFolder(exchange);
    const { genesis, config } = exchange;
    const blockSigner = await openBlockSigner(dataFolder(config.dataDir).blockSignerFile);
    await netInit({ dir, genesis, blockSigner, validators: 4, times: unhurried });
    return openNodes(exchange);
  },
};

/** Blocks of an idle network take a good part of its processor time: fewer of them. */
const unhurried = { timeoutCommitMs: 500 };

export const netFolder = ({ folder }: TestExchange): string => path.join(folder, 'net');

/** A network that is there already, started; its databases are dropped when it is stopped. */
export async function openNodes(exchange: TestExchange): Promise<Nodes> {
  const { logLevel } = exchange.config;
  const shape: Shape = (usual, _at, part) =>
    part === 'app'
      ? {
          ...usual,
          program: 'env',
          args: [`DXL_LOG_LEVEL=${logLevel}`, usual.program, ...usual.args],
        }
      : usual;
  const options = { dir: netFolder(exchange), databaseUrl: exchange.database.url, shape };
  let network: Network = await netUp(options);
  const { plan } = network;
  const urls = plan.validators.map(({ httpPort }) => `http://127.0.0.1:${httpPort}`);
  await Promise.all(urls.map(untilReady));
  const clients = urls.map((url) => new ExchangeClient(url));
  const [first] = plan.validators;
  const [firstClient] = clients;
  if (!first || !firstClient) throw new Error('a network has validators');
  const places = new Map<string, number>();
  return {
    ...{ url: firstClient.url, clients },
    holders: plan.validators.map((own) => holderOf(own, exchange.database.url)),
    ledger: {
      url: databaseUrlOf(first, exchange.database.url),
      sealedFrom: plan.initialHeight,
    },
    clientOf(partyId) {
      if (!places.has(partyId)) places.set(partyId, places.size % clients.length);
      return clients[places.get(partyId) ?? 0] ?? firstClient;
    },
    async killOne(nth) {
      const at = nth % plan.validators.length;
      await Promise.all([network.kill(at, 'app'), network.kill(at, 'comet')]);
      await network.startBoth(at);
    },
    async restart() {
      await netDown(options);
      network = await netUp(options);
      await Promise.all(urls.map(untilReady));
    },
    halt: () => netDown(options),
    async stop() {
      await netDown(options);
      await dropDatabases(plan, exchange.database.url);
    },
  };
}

/** While CometBFT catches up it takes envelopes in v0.38 and none in v0.39. A test's own time is the bound. */
async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`)).ok) await delay(100);
}

const holderOf = (own: ValidatorPlan, server: string): Holder => ({
  databaseUrl: databaseUrlOf(own, server),
  logFiles: ['app.log', 'comet.log'].map((name) => path.join(own.dir, name)),
  contentDir: dataFolder(own.dir).contentDir,
  comet: {
    rpcUrl: `http://${rpcAddressOf(own)}`,
    dataDir: path.join(own.cometHome, 'data'),
  },
});

async function dropDatabases({ validators }: NetPlan, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const { database } of validators) {
    await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }
  await client.end();
}
