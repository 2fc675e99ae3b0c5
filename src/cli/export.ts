import path from 'node:path';
import type { Command } from 'commander';
import { numberFrom, wholeNumber } from './arguments.ts';
import type { ExportReport } from '../chain/archive/write-archive.ts';
import type { Config } from '../config.ts';
import type { ContentStore } from '../store/content-store.ts';
import { missingContent } from './missing-content.ts';
import { readLedgerOptions, withDatabase, type LedgerOptions } from './ledger-database.ts';
import { withCommon } from './options.ts';
import { fields, print, printJson, remark } from './output.ts';
import { durationOf, openProgress } from './progress.ts';

interface Options extends LedgerOptions {
  readonly resume?: boolean;
  readonly to?: number;
  readonly compress: number;
  readonly withContent?: boolean;
}

const guide = `
Writes the whole log (genesis, headers, signatures or seals, envelopes, results, leaves) as one file that
checks itself (docs/export-format.md). Beside a running node it takes what is committed when it begins; on
a stopped one it starts the database and stops it after. What does not fit its header is not exported.

Not on the log, and so not in the file: the key that signs blocks (node/block-signer.json), operators' and
parties' keys, and, without --with-content, encrypted payloads (the folder content/, whose files are named by
their SHA-256). Deliveries whose payload the folder lacks are named.

--resume goes on with a file that was cut off, or brings a finished one up to the newest block.

Examples:
  $ dxl export ledger.dxl --data-dir /srv/exchange
  $ dxl export ledger.dxl --resume
  $ dxl export - | ssh archive 'cat > ledger.dxl'`;

export function addExportCommand(program: Command): void {
  withCommon(program.command('export <file>'))
    .description('write the whole log of a node on this machine to a file, - for standard output')
    .option('--data-dir <folder>', 'of the node (or DXL_DATA_DIR)')
    .option('--resume', 'go on with the file')
    .option('--with-content', 'encrypted payloads too, each checked against its digest')
    .option('--to <height>', 'last block; else the newest', wholeNumber)
    .option('--compress <level>', 'of zlib, 0 (none) to 9 (smallest)', numberFrom(0, 9), 6)
    .addHelpText('after', guide)
    .action(exportLog);
}

async function exportLog(file: string, options: Options, command: Command): Promise<void> {
  const { config, json } = await readLedgerOptions(options, command);
  const { usageError } = await import('./exit.ts');
  if (file === '-' && options.resume === true) {
    throw usageError('Standard output cannot be gone on with: --resume takes a file.');
  }
  const startedMs = Date.now();
  const quiet = json;
  const report = await withDatabase(config, 'export', (url) =>
    run({ file, url, config, options, quiet }),
  );
  const took = durationOf(Date.now() - startedMs);
  const shown = { file, ...report };
  // Standard output holds the export itself.
  if (file === '-') remark(fields({ ...shown, took }));
  else if (json) printJson({ ...shown, tookMs: Date.now() - startedMs });
  else print(fields({ ...shown, took }));
}

interface Run {
  readonly file: string;
  readonly url: string;
  readonly config: Config;
  readonly options: Options;
  readonly quiet: boolean;
}

async function run({ file, url, config, options, quiet }: Run): Promise<ExportReport> {
  const [{ openAuditReader }, { writeArchive }, { openOutput }] = await Promise.all([
    import('../store/audit-reader.ts'),
    import('../chain/archive/write-archive.ts'),
    import('./archive-file.ts'),
  ]);
  const reader = await openAuditReader(url, 'append-only');
  try {
    const content = options.withContent === true ? await openContent(config) : null;
    const circuitKeys = await circuitKeysOf(await reader.readGenesis(), config);
    const output = await openOutput(file, options.resume === true);
    const { resumed, dropped } = output;
    if (resumed) {
      const { height, place } = resumed;
      const anew = dropped > 0 ? `; the ${dropped} bytes behind are written anew` : '';
      remark(`going on after block ${height}, frame ${place.frame - 1}${anew}`);
    }
    const progress = await openProgress({ label: 'export', quiet });
    try {
      const report = await writeArchive({
        ...{ reader, circuitKeys, resumed, content },
        write: output.write,
        level: options.compress,
        toHeight: options.to ?? null,
        onProgress: (done, all) =>
          progress.update(
            done.height + done.logSize,
            all.height + all.logSize,
            `block ${done.height} of ${all.height}, ${megabytes(done.bytes)}`,
          ),
      });
      return content ? { ...report, ...(await missingContent(reader, content)) } : report;
    } finally {
      progress.end();
      await output.close();
    }
  } finally {
    await reader.close();
  }
}

async function openContent(config: Config): Promise<ContentStore> {
  const [{ openContentFolder }, { dataFolder }] = await Promise.all([
    import('../store/content-store.ts'),
    import('../node/data-folder.ts'),
  ]);
  return openContentFolder(dataFolder(config.dataDir).contentDir);
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

async function circuitKeysOf(
  document: Uint8Array | null,
  config: Config,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (!document) return new Map();
  const [{ decodeGenesis }, { readCeremonyKeys }] = await Promise.all([
    import('../chain/machine/genesis.ts'),
    import('../node/verification-keys.ts'),
  ]);
  return readCeremonyKeys(decodeGenesis(document), path.join(config.dataDir, 'circuit-keys'));
}
