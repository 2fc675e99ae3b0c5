/** `dxl net`: validators of several organisations on this machine, for trying out. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { NetPlan } from '../net/plan.ts';
import type { ValidatorStatus } from '../net/status.ts';
import { numberFrom } from './arguments.ts';
import { jsonOption, readCommon } from './options.ts';
import { print, printJson, remark, table } from './output.ts';

interface InitOptions {
  readonly validators: number;
  readonly dir?: string;
  readonly genesis?: string;
  readonly blockSigner?: string;
  readonly fromEmbedded?: string;
}

const guide = `
CometBFT v0.38.25 is looked for in the project's cache and on PATH; scripts/install-cometbft.sh
installs it. Everything listens on 127.0.0.1 only. docs/comet.md explains.

Examples:
  $ dxl net init --validators 4
  $ dxl net init --from-embedded .data --dir network     moving house: docs/comet.md
  $ dxl net up
  $ dxl net down`;

export function addNetCommands(program: Command): void {
  const net = program
    .command('net')
    .description('run a network of CometBFT validators on this machine')
    .addHelpText('after', guide);
  const folder = ['--dir <folder>', 'folder of the network; net/ of the data folder'] as const;
  net
    .command('init')
    .description('write genesis, keys and configurations; start nothing')
    .option('--validators <count>', 'how many, 1 to 16', numberFrom(1, 16), 4)
    .option('--genesis <file>', 'genesis file of the ledger; else a development chain is made')
    .option('--block-signer <file>', 'key that genesis names: hands the chain over to them')
    .option(
      '--from-embedded <folder>',
      'go on with the ledger of this data folder, whose node ended',
    )
    .option(...folder)
    .addOption(jsonOption())
    .action(initNet);
  net
    .command('up')
    .description('start the validators and show height, round and peers until Ctrl-C')
    .option('--confirm-clock <date>', 'today, YYYY-MM-DD: as of `dxl node`, for each of them')
    .option(...folder)
    .addOption(jsonOption())
    .action(upNet);
  net
    .command('down')
    .description('end what `dxl net up` started; data stays')
    .option(...folder)
    .action(downNet);
}

async function initNet(options: InitOptions, command: Command): Promise<void> {
  const { config, json } = await readCommon(command);
  const dir = path.resolve(options.dir ?? path.join(config.dataDir, 'net'));
  const plan =
    options.fromEmbedded === undefined
      ? await initNew(dir, options)
      : await moveNet(dir, { ...options, fromEmbedded: options.fromEmbedded }, config);
  if (json) printJson(plan);
  else print(`${plan.validators.length} validators of ${plan.chainId} in ${dir}\n`);
}

async function initNew(dir: string, options: InitOptions): Promise<NetPlan> {
  const [{ netInit }, { readGenesis }, { dataFolder }, { openBlockSignerOf }, newChain] =
    await Promise.all([
      import('../net/init.ts'),
      import('../node/make-genesis.ts'),
      import('../node/data-folder.ts'),
      import('../node/block-signer.ts'),
      import('./new-chain.ts'),
    ]);
  let { genesis: genesisFile, blockSigner: signerFile } = options;
  if (genesisFile === undefined) {
    const chain = dataFolder(path.join(dir, 'chain'));
    await newChain.makeDevelopmentChain(chain);
    genesisFile = chain.genesisFile;
    signerFile ??= chain.blockSignerFile;
    const { key, passphrase } = newChain.operatorFiles(chain);
    remark(`The operator's key is ${key}, its passphrase in ${passphrase}.`);
  }
  const genesis = await readGenesis(genesisFile);
  const blockSigner =
    signerFile === undefined ? undefined : await openBlockSignerOf(genesis.blockSigner, signerFile);
  if (!blockSigner) {
    remark('No block signer hands the chain over (--block-signer): who verifies a dossier of this');
    remark('network must know the hash of its validators (dxl verify --validators-hash).');
  }
  return netInit({ dir, validators: options.validators, genesis, blockSigner });
}

async function moveNet(
  dir: string,
  { fromEmbedded, validators }: InitOptions & { readonly fromEmbedded: string },
  config: Config,
): Promise<NetPlan> {
  const { moveIn } = await import('../net/move.ts');
  const plan = await moveIn({
    ...{ dataDir: path.resolve(fromEmbedded), dir, validators },
    sourceUrl: config.moveDatabaseUrl ?? undefined,
    serverUrl: config.databaseUrl ?? undefined,
    development: config.development,
    onProgress: remark,
  });
  remark(`The chain goes on at height ${plan.initialHeight}: dxl net up`);
  return plan;
}

async function upNet(
  options: { dir?: string; confirmClock?: string },
  command: Command,
): Promise<void> {
  const { config, json } = await readCommon(command);
  const dir = path.resolve(options.dir ?? path.join(config.dataDir, 'net'));
  const [{ netUp }, { networkStatus }] = await Promise.all([
    import('../net/network.ts'),
    import('../net/status.ts'),
  ]);
  const { plan } = await netUp({
    dir,
    confirmedDate: options.confirmClock,
    onProgress: (line) => remark(`starting: ${line}`),
    ...(config.databaseUrl === null ? {} : { databaseUrl: config.databaseUrl }),
  });
  if (json) {
    printJson(await networkStatus(plan));
    return;
  }
  const asked = new AbortController();
  process.once('SIGINT', () => asked.abort());
  const redraw = process.stdout.isTTY;
  do {
    const rows = tableOf(await networkStatus(plan));
    print(rows);
    if (!redraw) break;
    await delay(1_000);
    if (!asked.signal.aborted) process.stdout.moveCursor(0, -rows.split('\n').length + 1);
  } while (!asked.signal.aborted);
  remark('The network runs on; `dxl net down` ends it.');
}

const tableOf = (rows: readonly ValidatorStatus[]): string => {
  const cell = (value: string | number | null): string => (value === null ? '-' : String(value));
  return table([
    ['validator', 'height', 'deciding', 'round', 'peers', 'app hash'],
    ...rows.map(({ name, height, deciding, round, peers, appHash }) => [
      ...[name, cell(height).padStart(8), cell(deciding).padStart(8), cell(round), cell(peers)],
      cell(appHash?.slice(0, 16) ?? null),
    ]),
  ]);
};

async function downNet(options: { dir?: string }, command: Command): Promise<void> {
  const { config } = await readCommon(command);
  const dir = path.resolve(options.dir ?? path.join(config.dataDir, 'net'));
  const { netDown } = await import('../net/network.ts');
  await netDown({
    dir,
    ...(config.databaseUrl === null ? {} : { databaseUrl: config.databaseUrl }),
  });
  remark('ended');
}
