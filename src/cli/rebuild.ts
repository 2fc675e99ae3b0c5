import type { Command } from 'commander';
import type { TableDigest } from '../chain/fsck/digests.ts';
import type { Config } from '../config.ts';
import { exitCodes } from './exit.ts';
import { digestsText, findingsTable } from './fsck.ts';
import { readLedgerOptions, withDatabase, type LedgerOptions } from './ledger-database.ts';
import { withCommon } from './options.ts';
import { fields, print, printJson } from './output.ts';
import { durationOf, openProgress, type Progress } from './progress.ts';

interface Options extends LedgerOptions {
  readonly verify?: boolean;
}

const guide = `
Read models (records and events, as the API lists and searches them) follow from the log. This makes them
anew in tables of their own and puts them in place of the old ones at once, beside a running node or on a
stopped one. Cut off, it has changed nothing. It prints what changed: after a sound ledger, nothing.

--verify only compares: exit code 1 where a row does not follow from the log, with table and row.

Examples:
  $ dxl rebuild --verify
  $ dxl rebuild --data-dir /srv/exchange`;

export function addRebuildCommand(program: Command): void {
  withCommon(program.command('rebuild'))
    .description('make every read model of a node on this machine anew from its log')
    .option('--data-dir <folder>', 'of the node (or DXL_DATA_DIR)')
    .option('--verify', 'compare and change nothing')
    .addHelpText('after', guide)
    .action(rebuild);
}

interface Run {
  readonly url: string;
  readonly progress: Progress;
  readonly json: boolean;
}

async function rebuild(options: Options, command: Command): Promise<void> {
  const { config, json } = await readLedgerOptions(options, command);
  await refuseEmptyFolder(config);
  const label = options.verify === true ? 'verify' : 'rebuild';
  const progress = await openProgress({ label, quiet: json });
  const work = options.verify === true ? verify : makeAnew;
  await withDatabase(config, 'rebuild', (url) => work({ url, progress, json })).finally(() =>
    progress.end(),
  );
}

/** Before a database is made: a folder without a chain is told as what it is. */
async function refuseEmptyFolder(config: Config): Promise<void> {
  if (config.databaseUrl !== null) return;
  const { dataFolder } = await import('../node/data-folder.ts');
  const { readGenesis } = await import('../node/make-genesis.ts');
  await readGenesis(config.genesisPath ?? dataFolder(config.dataDir).genesisFile);
}

async function verify({ url, progress, json }: Run): Promise<void> {
  const [{ openAuditReader }, { checkReadModels }, { registry }] = await Promise.all([
    import('../store/audit-reader.ts'),
    import('../chain/fsck/check-read-models.ts'),
    import('../chain/rooms.ts'),
  ]);
  const startedMs = Date.now();
  const reader = await openAuditReader(url);
  const report = await checkReadModels(reader, registry, (leaves, of) =>
    progress.update(leaves, of, `leaf ${leaves} of ${of}`),
  ).finally(() => reader.close());
  progress.end();
  const { findings, ...facts } = report;
  const list = findings.length === 0 ? '' : `${findingsTable(findings)}\n`;
  const tookMs = Date.now() - startedMs;
  if (json) printJson({ ...report, tookMs });
  else print(`${list}${fields({ ...facts, took: durationOf(tookMs) })}`);
  if (!report.sound) process.exitCode = exitCodes.refused;
}

async function makeAnew({ url, progress, json }: Run): Promise<void> {
  const [{ openDataSource }, { rebuildReadModels }, { projectExchangeLeaf }] = await Promise.all([
    import('../store/data-source.ts'),
    import('../store/rebuild.ts'),
    import('../chain/project-leaf.ts'),
  ]);
  const startedMs = Date.now();
  const before = await digestsOf(url);
  const dataSource = await openDataSource(url, { poolMax: 2 });
  const { height, logIndex } = await rebuildReadModels({
    ...{ dataSource, url, decode: projectExchangeLeaf },
    onProgress: (done, logSize) =>
      progress.update(done.logIndex, logSize, `leaf ${done.logIndex} of ${logSize}`),
  }).finally(() => dataSource.destroy());
  progress.end();
  const digests = await digestsOf(url);
  const changed = digests
    .filter(({ sha256 }, at) => sha256 !== before[at]?.sha256)
    .map(({ table }) => table);
  const facts = { height, leaves: logIndex, changed };
  const tookMs = Date.now() - startedMs;
  if (json) printJson({ ...facts, digests, tookMs });
  else print(`${fields({ ...facts, took: durationOf(tookMs) })}${digestsText(digests)}`);
}

async function digestsOf(url: string): Promise<TableDigest[]> {
  const [{ openAuditReader }, { digestReadModels }] = await Promise.all([
    import('../store/audit-reader.ts'),
    import('../chain/fsck/digests.ts'),
  ]);
  const reader = await openAuditReader(url);
  return digestReadModels(reader).finally(() => reader.close());
}
