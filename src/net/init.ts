import { createHash } from 'node:crypto';
import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { toJson } from '../base/codec.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { SignedHandOver } from '../chain/light/hand-over.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { genesisSchema, type Genesis } from '../chain/machine/genesis.ts';
import {
  cometGenesisOf,
  makeCometKey,
  validatorPower,
  writeCometHome,
  type CometKey,
  type CometSettings,
  type CometTimes,
} from './comet-files.ts';
import { limitsFor } from './comet-limits.ts';
import { beginningOf, makeHandOver, type HandOverPoint } from './hand-over.ts';
import { p2pAddressOf, planFile, rpcAddressOf, type NetPlan, type ValidatorPlan } from './plan.ts';

export interface NetRequest {
  /** An empty or new folder. */
  readonly dir: string;
  readonly validators: number;
  readonly genesis: Genesis;
  readonly times?: Partial<CometTimes>;
  /** Signs the hand-over to the validators; without it they are known from elsewhere alone. */
  readonly blockSigner?: SigningKey | undefined;
  /** Where a ledger that moves house stands; the beginning of a new chain unless given. */
  readonly from?: MovedFrom;
  /** Run when all but the plan is written: without a plan there is no network to start. */
  readonly beforePlan?: (plan: NetPlan) => Promise<void>;
  readonly snapshotInterval?: number;
  /** Of each validator, where not all are on loopback. */
  readonly hosts?: readonly Hosts[];
}

/** The head of the ledger that moves: height, app hash and time of its last block. */
export interface MovedFrom extends HandOverPoint {
  readonly timeMs: number;
}

export type Hosts = Required<Pick<ValidatorPlan, 'p2pHost' | 'rpcHost'>>;

const validatorsMax = 16;
const defaultTimes: CometTimes = { timeoutCommitMs: 200, timeoutProposeMs: 1_000 };

interface Made {
  readonly plan: ValidatorPlan;
  readonly nodeKey: CometKey;
  readonly validatorKey: CometKey;
}

/**
 * Writes genesis, keys and configurations of a network on loopback; starts nothing. Throws
 * OperationalError NET_SIZE, NET_EXISTS or NET_SOCKETS.
 */
export async function netInit(request: NetRequest): Promise<NetPlan> {
  const dir = path.resolve(request.dir);
  const { validators, genesis, from } = request;
  const initialHeight = (from?.height ?? 0) + 1;
  if (!Number.isInteger(validators) || validators < 1 || validators > validatorsMax) {
    throw new OperationalError('NET_SIZE', `A network has 1 to ${validatorsMax} validators.`);
  }
  await mkdir(dir, { recursive: true });
  const genesisFile = path.join(dir, 'genesis.json');
  await writeNew(genesisFile, toJson(genesisSchema, genesis) as object);
  const made = await makeValidators(dir, validators, request.hosts);
  const times = { ...defaultTimes, ...request.times };
  const cometGenesis = cometGenesisOf(
    genesis,
    made.map(({ plan, validatorKey }) => ({ name: plan.name, key: validatorKey })),
    {
      initialHeight,
      timeMs: from?.timeMs ?? genesis.timeMs,
      handOver: handOverOf(request, made),
    },
  );
  for (const { plan, nodeKey, validatorKey } of made) {
    const all = made.map((other) => other.plan);
    const settings = cometSettingsOf(plan, all, { times, limits: limitsFor(genesis.parameters) });
    await writeCometHome({ ...settings, nodeKey, validatorKey }, cometGenesis);
  }
  const plan: NetPlan = {
    format: 'dxl-net/2',
    chainId: genesis.chainId,
    genesisFile,
    initialHeight,
    snapshotInterval: request.snapshotInterval ?? 0,
    times,
    validators: made.map((one) => one.plan),
  };
  await request.beforePlan?.(plan);
  await writeNew(planFile(dir), plan);
  return plan;
}

function handOverOf(
  { genesis, blockSigner, from }: NetRequest,
  made: readonly Made[],
): SignedHandOver | null {
  if (!blockSigner) return null;
  const validators = made.map(({ validatorKey }) => ({
    publicKey: validatorKey.publicKey.toString('hex'),
    power: validatorPower,
  }));
  return makeHandOver(genesis, blockSigner, from ?? beginningOf(genesis), validators);
}

export const cometSettingsOf = (
  own: ValidatorPlan,
  all: readonly ValidatorPlan[],
  alike: Pick<CometSettings, 'times' | 'limits'>,
): CometSettings => ({
  ...{ home: own.cometHome, moniker: own.name, appSocket: own.appSocket, ...alike },
  p2pAddress: p2pAddressOf(own),
  rpcAddress: rpcAddressOf(own),
  peers: all
    .filter(({ name }) => name !== own.name)
    .map((peer) => `${peer.nodeId}@${p2pAddressOf(peer)}`),
});

async function makeValidators(
  dir: string,
  count: number,
  hosts: readonly Hosts[] = [],
): Promise<Made[]> {
  const ports = await freePorts(count * 3);
  const sockets = await socketFolder(dir);
  return Array.from({ length: count }, (_, at): Made => {
    const name = `validator-${at}`;
    const nodeKey = makeCometKey();
    const own = path.join(dir, name);
    const [p2pPort = 0, rpcPort = 0, httpPort = 0] = ports.slice(at * 3);
    const plan = {
      name,
      dir: own,
      cometHome: path.join(own, 'comet'),
      appSocket: path.join(sockets, `${name}.sock`),
      ...{ p2pPort, rpcPort, httpPort },
      ...hosts[at],
      nodeId: nodeKey.address,
      database: `net_${digestOf(dir)}_${at}`,
    };
    return { plan, nodeKey, validatorKey: makeCometKey() };
  });
}

const digestOf = (dir: string): string =>
  createHash('sha256').update(dir).digest('hex').slice(0, 12);

/** A unix socket's path may have about 100 bytes: deep folders get theirs in the system's. */
async function socketFolder(dir: string): Promise<string> {
  const fits = Buffer.byteLength(dir) < 70;
  if (fits) return dir;
  const folder = path.join(os.tmpdir(), `dxl-net-${digestOf(dir)}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseOthers(folder);
  return folder;
}

/** Its name can be known beforehand: whoever made it first could put his own socket there. */
async function refuseOthers(folder: string): Promise<void> {
  const found = await lstat(folder);
  const own = process.getuid?.() ?? found.uid;
  if (found.isDirectory() && found.uid === own && (found.mode & 0o077) === 0) return;
  throw new OperationalError(
    'NET_SOCKETS',
    `${folder}, the folder of the sockets, is not yours alone. Remove it, or give a folder with a ` +
      'shorter path: sockets are then in that.',
  );
}

/** All held at once, so that no two are equal; free at the time of asking. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function writeNew(file: string, content: object): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' });
  } catch (cause) {
    throw new OperationalError(
      'NET_EXISTS',
      `${file} cannot be written (${(cause as Error).message}). Give a new, empty folder.`,
      { cause },
    );
  }
}
