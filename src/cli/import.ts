import type { Command } from 'commander';
import { digestArgument } from './arguments.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { ImportReport } from '../chain/archive/import-archive.ts';
import { usageError } from './exit.ts';
import { readLedgerOptions, type LedgerOptions } from './ledger-database.ts';
import { withCommon } from './options.ts';
import { fields, print, printJson, remark } from './output.ts';
import { durationOf, openProgress } from './progress.ts';

interface Options extends LedgerOptions {
  readonly genesisHash?: string;
  readonly appHash?: string;
  readonly withContent?: boolean;
}

const guide = `
Executes every block of the file anew and writes what came of it, never what the file says of it; each
signature, root and app hash is compared. Nothing is written into the ledger of another chain. Where the
file is damaged or altered it ends with frame, byte and block; the blocks before are sound and stay. Cut
off at any moment, the same command goes on from the ledger's height; so it also takes a longer export of
the same chain.

Say which chain you expect: --genesis-hash or --genesis. Without, the file is shown to fit some chain.
Blocks that CometBFT sealed hold no signature of the validators: give --app-hash, from one you trust.

After it \`dxl node --data-dir FOLDER\` runs on, once the key that signs blocks is there:
copy node/block-signer.json from the old folder by a safe way. --with-content takes the encrypted payloads of a
file that has them (export --with-content); else copy content/.
Two nodes that sign one chain with one key make two histories: stop the old one first, for good.

Examples:
  $ dxl import ledger.dxl --data-dir /srv/new --genesis-hash 7c1f…09
  $ ssh archive 'cat ledger.dxl' | dxl import - --data-dir /srv/new --genesis genesis.json`;

export function addImportCommand(program: Command): void {
  withCommon(program.command('import <file>'))
    .description('make a ledger on this machine from an exported file, - for standard input')
    .option(
      '--data-dir <folder>',
      'a new folder, or one whose import was cut off (or DXL_DATA_DIR)',
    )
    .option('--with-content', 'encrypted payloads of the file too, each checked against its digest')
    .option('--genesis-hash <hex>', 'of the chain that is expected', digestArgument)
    .option('--genesis <file>', 'genesis file of the chain that is expected')
    .option('--app-hash <hex>', 'of the last block, known from elsewhere', digestArgument)
    .addHelpText('after', guide)
    .action(importLog);
}

async function importLog(file: string, options: Options, command: Command): Promise<void> {
  const { config, json } = await readLedgerOptions(options, command);
  for (const given of [options.genesisHash, options.appHash]) {
    if (given !== undefined && !/^[0-9a-f]{64}$/.test(given)) {
      throw usageError('A genesis hash and an app hash are 64 digits of lower-case hex.');
    }
  }
  const [{ importInto }, { openArchive }] = await Promise.all([
    import('./import-ledger.ts'),
    import('./archive-file.ts'),
  ]);
  const input = await openArchive(file);
  const progress = await openProgress({ label: 'import', quiet: json });
  const startedMs = Date.now();
  const report = await importInto({
    ...{ config, input, progress },
    genesisHash: options.genesisHash ?? null,
    withContent: options.withContent === true,
  }).finally(() => progress.end());
  const tookMs = Date.now() - startedMs;
  if (json) printJson({ ...report, tookMs });
  else print(fields({ ...report, took: durationOf(tookMs) }));
  tellWhatIsOpen(report, options);
}

function tellWhatIsOpen(report: ImportReport, options: Options): void {
  const { appHash, genesisHash, sealed, reworded, contents } = report;
  if (contents > 0 && options.withContent !== true) {
    remark(`${contents} encrypted payloads of the file were left out: --with-content takes them.`);
  }
  if (reworded > 0) remark(`${reworded} refusals are put in other words than in the file.`);
  if (options.genesisHash === undefined && options.genesis === undefined) {
    remark(`Compare the genesis hash with one you trust: ${genesisHash}`);
  }
  if (options.appHash === undefined) {
    if (sealed > 0) {
      remark(
        `CometBFT sealed ${sealed} blocks. Compare the app hash with a validator's: ${appHash}`,
      );
    }
    return;
  }
  if (options.appHash === appHash) return;
  throw new OperationalError(
    'IMPORT_OTHER_HASH',
    `The blocks lead to the app hash ${appHash}, not to ${options.appHash}: one of the two is of ` +
      'another history or height. Do not run a node on this folder before you know which.',
  );
}
