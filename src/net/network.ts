/** A network of validators on loopback, for trying out and for tests. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OperationalError } from '../base/operational-error.ts';
import { openDataSource } from '../store/data-source.ts';
import { startPostgres } from '../store/postgres/start.ts';
import { findCometbft } from './find-cometbft.ts';
import { readPlan, type NetPlan, type ValidatorPlan } from './plan.ts';
import {
  endProcess,
  findProcess,
  signalProcess,
  startProcess,
  waitForEnd,
  type Command,
} from './processes.ts';

export type Part = 'app' | 'comet';

export interface NetOptions {
  readonly dir: string;
  /** A server on which each validator gets a database; the embedded one in `dir` unless given. */
  readonly databaseUrl?: string;
  /** A server for each validator, as organisations have; instead of `databaseUrl`. */
  readonly databaseUrls?: readonly string[];
  /** Changes how a process is started: in a namespace of its own, another program. */
  readonly shape?: Shape;
  /** A person's word for this start, YYYY-MM-DD: `dxl node --confirm-clock` of each validator. */
  readonly confirmedDate?: string | undefined;
  readonly onProgress?: (line: string) => void;
}

export type Shape = (usual: Command, at: number, part: Part) => Command;

/** What lets a process read TypeScript. */
const loader = new URL('../strip-types/register.mjs', import.meta.url).href;
const validatorMain = fileURLToPath(new URL('./validator-main.ts', import.meta.url));
/** While its process lives: a long log is read before it answers. */
const readyMsMax = 600_000;

export class Network {
  readonly plan: NetPlan;
  readonly #dir: string;
  readonly #cometbft: string;
  readonly #shape: Shape;
  readonly #confirmedDate: readonly string[];

  constructor(
    plan: NetPlan,
    dir: string,
    cometbft: string,
    { shape = (usual) => usual, confirmedDate }: Pick<NetOptions, 'shape' | 'confirmedDate'> = {},
  ) {
    this.#confirmedDate = confirmedDate === undefined ? [] : [confirmedDate];
    this.plan = plan;
    this.#dir = dir;
    this.#cometbft = cometbft;
    this.#shape = shape;
  }

  validator(at: number): ValidatorPlan {
    const found = this.plan.validators[at];
    if (!found) throw new RangeError(`there is no validator ${at}`);
    return found;
  }

  async start(at: number, part: Part): Promise<void> {
    const own = this.validator(at);
    await mkdir(own.dir, { recursive: true });
    const files = { logFile: path.join(own.dir, `${part}.log`), pidFile: pidFile(own, part) };
    const usual = part === 'comet' ? this.#cometCommand(own) : this.#appCommand(own);
    await startProcess(this.#shape({ ...usual, ...files }, at, part));
  }

  #cometCommand = ({ cometHome }: ValidatorPlan) => ({
    program: this.#cometbft,
    args: ['start', '--home', cometHome],
  });

  #appCommand = (own: ValidatorPlan) => ({
    program: process.execPath,
    args: [
      '--max-semi-space-size=64',
      '--import',
      loader,
      validatorMain,
      this.#dir,
      own.name,
      databaseFile(own),
      ...this.#confirmedDate,
    ],
  });

  /** Application first: CometBFT tries again only every 3 s where nobody listens. */
  async startBoth(at: number): Promise<void> {
    await this.start(at, 'app');
    await this.waitForApp(at);
    await this.start(at, 'comet');
  }

  async waitForApp(at: number): Promise<void> {
    const own = this.validator(at);
    let lives = true;
    for (const until = Date.now() + readyMsMax; lives && Date.now() < until; await delay(50)) {
      lives = (await findProcess(pidFile(own, 'app'))) !== null;
      if (await fetchStatus(own)) return;
    }
    throw new OperationalError(
      'NET_NOT_READY',
      `The application of ${own.name} ${lives ? 'does not answer' : 'has ended'}; ` +
        `read ${path.join(own.dir, 'app.log')}.`,
    );
  }

  signal(at: number, part: Part, signal: NodeJS.Signals): Promise<boolean> {
    return signalProcess(pidFile(this.validator(at), part), signal);
  }

  /** SIGKILL, and waits until the process is gone. */
  async kill(at: number, part: Part): Promise<void> {
    const file = pidFile(this.validator(at), part);
    await signalProcess(file, 'SIGKILL');
    await waitForEnd(file);
  }

  /** SIGTERM, and SIGKILL for what does not end by it. */
  end(at: number, part: Part): Promise<void> {
    return endProcess(pidFile(this.validator(at), part));
  }

  /** Ends every process of the network; databases and files stay. */
  async down(): Promise<void> {
    for (const part of ['comet', 'app'] as const) {
      await Promise.all(this.plan.validators.map((own) => endProcess(pidFile(own, part))));
    }
  }
}

const pidFile = (own: ValidatorPlan, part: Part): string => path.join(own.dir, `${part}.pid`);
const databaseFile = (own: ValidatorPlan): string => path.join(own.dir, 'database-url');

/** Opens what `netInit` wrote. Throws OperationalError NET_MISSING or COMET_MISSING. */
export async function openNetwork({
  dir,
  ...options
}: Pick<NetOptions, 'dir' | 'shape' | 'confirmedDate'>): Promise<Network> {
  const plan = await readPlan(dir);
  return new Network(plan, path.resolve(dir), await findCometbft(), options);
}

/** Starts every validator that does not run yet, and waits until their applications answer. */
export async function netUp(options: NetOptions): Promise<Network> {
  const network = await openNetwork(options);
  const { onProgress = () => undefined } = options;
  onProgress('database');
  await prepareDatabases(network.plan, options, onProgress);
  await Promise.all(
    network.plan.validators.map(async ({ name }, at) => {
      await network.startBoth(at);
      onProgress(name);
    }),
  );
  return network;
}

/** Ends the network's processes and its embedded database server. */
export async function netDown(options: NetOptions): Promise<void> {
  const plan = await readPlan(options.dir);
  await new Network(plan, options.dir, '').down();
  for (const own of plan.validators) await rm(databaseFile(own), { force: true });
  if (options.databaseUrl !== undefined || options.databaseUrls) return;
  const postgres = await startPostgres({ dataDir: serverDir(options), log: () => undefined });
  await postgres.stop();
}

/** Where the embedded server of a network keeps its databases. */
export const serverDir = ({ dir }: Pick<NetOptions, 'dir'>): string =>
  path.join(path.resolve(dir), 'postgres');

async function prepareDatabases(
  plan: NetPlan,
  options: NetOptions,
  log: (line: string) => void,
): Promise<void> {
  const { databaseUrl, databaseUrls } = options;
  if (databaseUrls) {
    for (const [at, own] of plan.validators.entries()) {
      const server = databaseUrls[at];
      if (server === undefined) throw new RangeError(`no server for ${own.name}`);
      await prepareDatabase(own, server);
    }
    return;
  }
  const server = databaseUrl ?? (await startPostgres({ dataDir: serverDir(options), log })).url;
  for (const own of plan.validators) await prepareDatabase(own, server);
}

/** The validator's database on the server, made where absent, and told to its application. */
export async function prepareDatabase(own: ValidatorPlan, server: string): Promise<void> {
  const admin = await openDataSource(server, { poolMax: 2 });
  try {
    const found = await admin.query<unknown[]>('SELECT FROM pg_database WHERE datname = $1', [
      own.database,
    ]);
    if (found.length === 0) await admin.query(`CREATE DATABASE ${own.database}`);
  } finally {
    await admin.destroy();
  }
  await mkdir(own.dir, { recursive: true });
  await writeFile(databaseFile(own), `${databaseUrlOf(own, server)}\n`, { mode: 0o600 });
  await chmod(databaseFile(own), 0o600);
}

/** Of the validator's database on a server. */
export const databaseUrlOf = ({ database }: ValidatorPlan, server: string): string =>
  Object.assign(new URL(server), { pathname: `/${database}` }).href;

export interface AppStatus {
  readonly chainId: string;
  readonly height: number;
  readonly timeMs: number;
  readonly appHash: string;
  readonly logSize: number;
  readonly pending: number;
}

/** Where the validator's application stands; null where it does not answer. */
export async function fetchStatus(own: ValidatorPlan): Promise<AppStatus | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${own.httpPort}/status`, {
      signal: AbortSignal.timeout(2_000),
    });
    return (await answer.json()) as AppStatus;
  } catch {
    return null;
  }
}
