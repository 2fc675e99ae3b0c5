/** `dxl net`: validators of several organisations on this machine, for trying out. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { ValidatorStatus } from '../net/status.ts';
import { wholeNumber } from './arguments.ts';
import { jsonOption, readCommon } from './options.ts';
import { print, printJson, remark, table } from './output.ts';

interface InitOptions {
  readonly validators: number;
  readonly dir?: string;
  readonly genesis?: string;
}

const guide = `
CometBFT v0.38.25 is looked for in the project's cache and on PATH; scripts/install-cometbft.sh
installs it. Everything listens on 127.0.0.1 only. docs/comet.md explains.

Examples:
  $ dxl net init --validators 4
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
    .option('--validators <count>', 'how many, 1 to 16', wholeNumber, 4)
    .option('--genesis <file>', 'genesis file of the ledger; else a development chain is made')
    .option(...folder)
    .addOption(jsonOption())
    .action(initNet);
  net
    .command('up')
    .description('start the validators and show height, round and peers until Ctrl-C')
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
  const [{ netInit }, { readGenesis }, { dataFolder }, newChain] = await Promise.all([
    import('../net/init.ts'),
    import('../node/make-genesis.ts'),
    import('../node/data-folder.ts'),
    import('./new-chain.ts'),
  ]);
  let genesisFile = options.genesis;
  if (genesisFile === undefined) {
    const chain = dataFolder(path.join(dir, 'chain'));
    await newChain.makeDevelopmentChain(chain);
    genesisFile = chain.genesisFile;
    const { key, passphrase } = newChain.operatorFiles(chain);
    remark(`The operator's key is ${key}, its passphrase in ${passphrase}.`);
  }
  const genesis = await readGenesis(genesisFile);
  const plan = await netInit({ dir, validators: options.validators, genesis });
  if (json) printJson(plan);
  else print(`${plan.validators.length} validators of ${plan.chainId} in ${dir}\n`);
}

async function upNet(options: { dir?: string }, command: Command): Promise<void> {
  const { config, json } = await readCommon(command);
  const dir = path.resolve(options.dir ?? path.join(config.dataDir, 'net'));
  const [{ netUp }, { networkStatus }] = await Promise.all([
    import('../net/network.ts'),
    import('../net/status.ts'),
  ]);
  const { plan } = await netUp({
    dir,
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
