import path from 'node:path';
import type { Command } from 'commander';
import type { FsckReport } from '../chain/fsck/report.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { Config } from '../config.ts';
import type { CometHomeFacts } from '../net/comet-home.ts';
import { exitCodes } from './exit.ts';
import { readCommon, withCommon } from './options.ts';
import { fields, print, printable, printJson, remark, table } from './output.ts';

interface Options {
  readonly dataDir?: string;
  readonly genesis?: string;
  readonly cometHome?: string;
}

const guide = `
Executes every block anew from genesis and compares all that is stored: headers, signatures, leaves,
roots, state rows, balances and read models. Reads only; runs beside a node or on a stopped one. Exit
code 1 where anything does not fit, with table and row.

Example:
  $ dxl fsck --data-dir /srv/exchange`;

export function addFsckCommand(program: Command): void {
  withCommon(program.command('fsck'))
    .description('audit the whole ledger of a node on this machine')
    .option('--data-dir <folder>', 'of the node (or DXL_DATA_DIR)')
    .option('--genesis <file>', 'genesis file from elsewhere, so that this one is checked too')
    .option('--comet-home <folder>', 'of a node beside CometBFT (or DXL_COMET_HOME)')
    .addHelpText('after', guide)
    .action(fsck);
}

async function fsck(options: Options, command: Command): Promise<void> {
  const { config: settings, json } = await readCommon(command);
  const config: Config = {
    ...settings,
    dataDir: options.dataDir ?? settings.dataDir,
    genesisPath: options.genesis ?? settings.genesisPath,
    cometHome: options.cometHome ?? settings.cometHome,
  };
  const { dataFolder } = await import('../node/data-folder.ts');
  const { readGenesis } = await import('../node/make-genesis.ts');
  // Before a database is made: a folder without a chain is told as what it is.
  const comet = await readHome(config);
  const file = config.genesisPath ?? (comet ? null : dataFolder(config.dataDir).genesisFile);
  const genesis = comet && file === null ? comet.genesis : await readGenesis(file ?? '');
  const sealedFrom = comet?.initialHeight ?? null;
  const report = await withDatabase(config, (url) =>
    audit({ config, genesis, url, json, sealedFrom }),
  );
  if (json) printJson(report);
  else print(reportText(report));
  if (!report.sound) process.exitCode = exitCodes.refused;
}

async function readHome({ cometHome, engine, dataDir }: Config): Promise<CometHomeFacts | null> {
  if (cometHome === null && engine !== 'comet') return null;
  const { readCometHome } = await import('../net/comet-home.ts');
  return readCometHome(cometHome ?? path.join(dataDir, 'comet'));
}

async function withDatabase<Result>(
  config: Config,
  use: (url: string) => Promise<Result>,
): Promise<Result> {
  if (config.databaseUrl !== null) return use(config.databaseUrl);
  const [{ startPostgres }, { dataFolder }] = await Promise.all([
    import('../store/postgres/start.ts'),
    import('../node/data-folder.ts'),
  ]);
  const { databaseDir } = dataFolder(config.dataDir);
  const postgres = await startPostgres({ dataDir: databaseDir, log: remark });
  try {
    return await use(postgres.url);
  } finally {
    if (!postgres.adopted) await postgres.stop();
  }
}

interface AuditRequest {
  readonly config: Config;
  readonly genesis: Genesis;
  readonly url: string;
  readonly json: boolean;
  readonly sealedFrom: number | null;
}

async function audit({
  config,
  genesis,
  url,
  json,
  sealedFrom,
}: AuditRequest): Promise<FsckReport> {
  const [store, ledger, rooms, keysOf, money] = await Promise.all([
    import('../store/audit-reader.ts'),
    import('../chain/fsck/check-ledger.ts'),
    import('../chain/rooms.ts'),
    import('../node/verification-keys.ts'),
    import('./money-audit.ts'),
  ]);
  const keysDir = path.join(config.dataDir, 'circuit-keys');
  const keys = await keysOf.loadVerificationKeys(genesis, config.development, keysDir);
  const reader = await store.openAuditReader(url);
  try {
    return await ledger.checkLedger({
      reader,
      genesis,
      sealedFrom,
      parts: { ...rooms.exchangeParts, verifyProof: keysOf.proofVerifierOf(keys) },
      invariants: money.brokenMoneyInvariants,
      onProgress: (height, of) => {
        if (!json && height % 1000 === 0) remark(`block ${height} of ${of}`);
      },
    });
  } finally {
    await reader.close();
  }
}

function reportText({ findings, ...report }: FsckReport): string {
  const rows = findings.map(({ table: name, row, column, problem }) =>
    [name, row, column ?? '-', problem].map(printable),
  );
  const list =
    rows.length === 0 ? '' : `${table([['TABLE', 'ROW', 'COLUMN', 'PROBLEM'], ...rows])}\n`;
  return `${list}${fields({ ...report })}`;
}
