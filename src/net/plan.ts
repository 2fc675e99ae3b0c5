/** What a network for trying out consists of: one file that init writes and the others read. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import type { CometTimes } from './comet-files.ts';

export interface ValidatorPlan {
  readonly name: string;
  /** Everything of this validator: app folder, CometBFT home, logs, pid files. */
  readonly dir: string;
  readonly cometHome: string;
  readonly appSocket: string;
  /** Where CometBFT listens for peers and for RPC; 127.0.0.1 where not said. */
  readonly p2pHost?: string;
  readonly rpcHost?: string;
  readonly p2pPort: number;
  readonly rpcPort: number;
  /** The application's own HTTP: submissions and status. */
  readonly httpPort: number;
  readonly nodeId: string;
  readonly database: string;
}

export interface NetPlan {
  readonly format: typeof planFormat;
  readonly chainId: string;
  readonly genesisFile: string;
  readonly initialHeight: number;
  /** Blocks between two snapshots; 0 takes none. */
  readonly snapshotInterval: number;
  readonly times: CometTimes;
  readonly validators: readonly ValidatorPlan[];
}

export const loopback = '127.0.0.1';

/** `host:port` for CometBFT's peers. */
export const p2pAddressOf = ({ p2pHost = loopback, p2pPort }: ValidatorPlan): string =>
  `${p2pHost}:${p2pPort}`;

/** `host:port` of CometBFT's RPC. */
export const rpcAddressOf = ({ rpcHost = loopback, rpcPort }: ValidatorPlan): string =>
  `${rpcHost}:${rpcPort}`;

const planFormat = 'dxl-net/2';

export const planFile = (dir: string): string => path.join(dir, 'net.json');

/** Throws OperationalError NET_MISSING. */
export async function readPlan(dir: string): Promise<NetPlan> {
  try {
    const plan = JSON.parse(await readFile(planFile(dir), 'utf8')) as Partial<NetPlan>;
    if (plan.format === planFormat) return plan as NetPlan;
  } catch (cause) {
    throw missing(dir, cause);
  }
  throw missing(dir);
}

const missing = (dir: string, cause?: unknown): OperationalError =>
  new OperationalError(
    'NET_MISSING',
    `There is no network in ${dir}. Make one with \`dxl net init --validators 4\`.`,
    { cause },
  );
