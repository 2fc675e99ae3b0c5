import { Option, type Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config, EngineKind } from '../config.ts';
import type { Exchange } from '../main.ts';
import { portNumber } from './arguments.ts';
import { describeError, exitCodeOf } from './exit.ts';
import { readCommon, withCommon } from './options.ts';
import { print, printJson, remark } from './output.ts';
import { version } from './version.ts';

interface Options {
  readonly port?: number;
  readonly host?: string;
  readonly dataDir?: string;
  readonly genesis?: string;
  readonly production?: boolean;
  readonly engine?: EngineKind;
  readonly cometHome?: string;
  readonly attach?: boolean;
  readonly confirmClock?: string;
}

const guide = `
Runs one node: database (embedded PostgreSQL unless DATABASE_URL is set), chain and API. On a folder that
holds no chain it first makes a development chain, with the operator's key under operator/. Ctrl-C or
SIGTERM ends it cleanly. docs/operations.md has the settings.

With --engine comet the node is one of several: CometBFT beside it orders the blocks. Its home folder
(--comet-home; comet/ of the data folder unless named) comes from \`dxl net init\` and carries the genesis.
The node starts CometBFT and starts it again where it ends; with --attach somebody else does, and the
node only serves the unix socket that config.toml names. docs/comet.md explains.

Where clock and newest block are too far apart to be believed, the node serves reads and makes no block;
/readyz and the log say so. Read the date from another clock and start it again with --confirm-clock: it
counts for that start, and only where the machine's clock is of that day.

Examples:
  $ dxl node
  $ dxl node --data-dir /srv/exchange --port 9000 --production
  $ dxl node --confirm-clock 2027-01-31
  $ dxl node --engine comet --comet-home .data/net/validator-0/comet --data-dir /srv/validator-0`;

export function addNodeCommand(program: Command): void {
  withCommon(program.command('node'))
    .description('run a node of the exchange')
    .option('--port <port>', 'where the API listens; 0 for any free one (or PORT)', portNumber)
    .option('--host <address>', 'on which address (or HOST)')
    .option('--data-dir <folder>', 'where it keeps everything (or DXL_DATA_DIR)')
    .option('--genesis <file>', 'genesis file (or DXL_GENESIS)')
    .addOption(
      new Option('--engine <kind>', 'who orders blocks (or DXL_ENGINE)').choices([
        'embedded',
        'comet',
      ]),
    )
    .option('--comet-home <folder>', 'home of CometBFT (or DXL_COMET_HOME)')
    .option('--attach', 'CometBFT is started by somebody else (or DXL_COMET_ATTACH=1)')
    .option(
      '--confirm-clock <date>',
      'today, YYYY-MM-DD: believe a clock far from the newest block',
    )
    .option('--production', 'refuse development chains (or DXL_MODE=production)')
    .addHelpText('after', guide)
    .action(runNode);
}

async function runNode(options: Options, command: Command): Promise<void> {
  const { config: settings, json } = await readCommon(command);
  const config: Config = {
    ...settings,
    port: options.port ?? settings.port,
    host: options.host ?? settings.host,
    dataDir: options.dataDir ?? settings.dataDir,
    genesisPath: options.genesis ?? settings.genesisPath,
    development: settings.development && options.production !== true,
    engine: options.engine ?? settings.engine,
    cometHome: options.cometHome ?? settings.cometHome,
    cometAttach: options.attach ?? settings.cometAttach,
    confirmedDate: options.confirmClock ?? null,
  };
  // From before the start on: a signal while starting ends the node as soon as it runs.
  const asked = signalled();
  const { holdFolder } = await import('../node/folder-hold.ts');
  // Before anything of the folder is touched.
  const hold = await holdFolder(config.dataDir, 'node');
  if (config.engine === 'embedded') await prepareChain(config);
  const { openExchange } = await import('../main.ts');
  const exchange = await openExchange(config, {
    ...{ version, hold },
    onProgress: (line) => remark(`starting: ${line}`),
  });
  announce(exchange, json);
  const failure = await Promise.race([asked, exchange.failed]);
  if (!failure) return exchange.stop();
  // What has failed may not let itself be ended cleanly: the exit code and the reason are due.
  await Promise.race([exchange.stop().catch(() => undefined), delay(failedStopMsMax)]);
  end(failure, json, config.debug);
}

const failedStopMsMax = 10_000;

/** At once, whatever is still under way. */
function end(failure: Error, json: boolean, debug: boolean): never {
  process.stderr.write(describeError(failure, { json, debug }));
  process.exit(exitCodeOf(failure));
}

async function prepareChain(config: Config): Promise<void> {
  const [{ dataFolder }, { exists, makeDevelopmentChain, operatorFiles }] = await Promise.all([
    import('../node/data-folder.ts'),
    import('./new-chain.ts'),
  ]);
  const folder = dataFolder(config.dataDir);
  const given = config.genesisPath !== null || !config.development;
  if (given || (await exists(folder.genesisFile))) return;
  const chainId = await makeDevelopmentChain(folder);
  remark(`Made the development chain ${chainId}; its operator signs with:`);
  const { key, passphrase } = operatorFiles(folder);
  remark(`  DXL_PASSPHRASE_FILE=${passphrase} dxl submit … --key ${key}`);
}

function announce({ url, engine }: Exchange, json: boolean): void {
  const { chainId, height } = engine.status();
  if (json) {
    printJson({ url, chainId, height });
    return;
  }
  print(`Exchange ${chainId} at height ${height}: ${url}   (documentation: ${url}/docs)\n`);
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function signalled(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        remark('stopping');
        resolve(null);
      });
    }
  });
}
