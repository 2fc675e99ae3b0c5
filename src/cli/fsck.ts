import path from 'node:path';
import type { Command } from 'commander';
import type { FsckReport } from '../chain/fsck/report.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { Config } from '../config.ts';
import { exitCodes } from './exit.ts';
import { readLedgerOptions, withDatabase, type LedgerOptions } from './ledger-database.ts';
import { withCommon } from './options.ts';
import { fields, print, printable, printJson, table } from './output.ts';
import { openProgress } from './progress.ts';

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
    .addHelpText('after', guide)
    .action(fsck);
}

async function fsck(options: LedgerOptions, command: Command): Promise<void> {
  const { config, json } = await readLedgerOptions(options, command);
  const { dataFolder } = await import('../node/data-folder.ts');
  const { readGenesis } = await import('../node/make-genesis.ts');
  // Before a database is made: a folder without a chain is told as what it is.
  const genesis = await readGenesis(config.genesisPath ?? dataFolder(config.dataDir).genesisFile);
  const report = await withDatabase(config, (url) => audit({ config, genesis, url, json }));
  if (json) printJson(report);
  else print(reportText(report));
  if (!report.sound) process.exitCode = exitCodes.refused;
}

interface AuditRequest {
  readonly config: Config;
  readonly genesis: Genesis;
  readonly url: string;
  readonly json: boolean;
}

async function audit({ config, genesis, url, json }: AuditRequest): Promise<FsckReport> {
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
  const progress = await openProgress({ label: 'audit', quiet: json });
  try {
    return await ledger.checkLedger({
      reader,
      genesis,
      parts: { ...rooms.exchangeParts, verifyProof: keysOf.proofVerifierOf(keys) },
      invariants: money.brokenMoneyInvariants,
      // Blocks are of any size: leaves count as well.
      onProgress: (done, all) =>
        progress.update(
          done.height + done.logSize,
          all.height + all.logSize,
          `block ${done.height} of ${all.height}`,
        ),
    });
  } finally {
    progress.end();
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
