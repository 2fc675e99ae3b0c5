import path from 'node:path';
import { addressArgument, digestArgument } from './arguments.ts';
import type { Command } from 'commander';
import type { ArchiveReport } from '../chain/archive/check-archive.ts';
import type { CommitReport } from '../chain/fsck/check-commits.ts';
import type { TableDigest } from '../chain/fsck/digests.ts';
import type { Finding, FsckReport } from '../chain/fsck/report.ts';
import type { AuditReader } from '../chain/engine/ports.ts';
import type { Genesis } from '../chain/machine/genesis.ts';
import type { Config } from '../config.ts';
import { exitCodes, usageError } from './exit.ts';
import { readLedgerOptions, withDatabase, type LedgerOptions } from './ledger-database.ts';
import { withCommon } from './options.ts';
import { fields, print, printable, printJson, remark, table } from './output.ts';
import { durationOf, openProgress, type Progress } from './progress.ts';

interface Options extends LedgerOptions {
  readonly file?: string;
  readonly digests?: boolean;
  readonly appHash?: string;
  readonly comet?: string;
  readonly scratch?: string;
}

type Report = (FsckReport | ArchiveReport) &
  Partial<CommitReport> & { readonly digests?: readonly TableDigest[] };

const guide = `
Executes every block anew from genesis and compares all that is stored: headers, signatures, leaves,
roots, state rows, balances and read models. Roots are calculated a second time by other code than the
node's. Reads only; runs beside a node or on a stopped one. Exit code 1 where anything does not fit, with
table and row.

What must be remembered of the state is in temporary files, about as large as the ledger, in the folder of
--scratch (or TMPDIR); they have no name and are gone when it ends, however it ends. Memory is not for it.

--file audits an exported file the same way, without a database, and names frame and byte as well.
--digests prints a hash for every table: two ledgers at one height are equal where they are.

Blocks that CometBFT decided bear a seal without the validators' signatures. --comet asks a CometBFT for
its commits and checks every signature in them; or give --app-hash, of the newest block, from a validator
you trust.

Examples:
  $ dxl fsck --data-dir /srv/exchange --digests
  $ dxl fsck --file ledger.dxl --genesis genesis.json`;

export function addFsckCommand(program: Command): void {
  withCommon(program.command('fsck'))
    .description('audit the whole ledger of a node on this machine, or an exported file')
    .option('--data-dir <folder>', 'of the node (or DXL_DATA_DIR)')
    .option('--genesis <file>', 'genesis file from elsewhere, so that this one is checked too')
    .option('--file <export>', 'audit this file instead, - for standard input')
    .option('--digests', 'print the hash of every table too')
    .option('--app-hash <hex>', 'of the newest block, known from elsewhere', digestArgument)
    .option('--scratch <folder>', 'on disk, for temporary files (or TMPDIR)')
    .option(
      '--comet <url>',
      'RPC of a CometBFT of the network, to check its commits',
      addressArgument,
    )
    .addHelpText('after', guide)
    .action(fsck);
}

async function fsck(options: Options, command: Command): Promise<void> {
  const { config, json } = await readLedgerOptions(options, command);
  checkOptions(options);
  const startedMs = Date.now();
  const progress = await openProgress({ label: 'audit', quiet: json });
  const report: Report = await (
    options.file === undefined
      ? auditLedger({ config, options, progress })
      : auditFile(options.file, { config, options, progress })
  ).finally(() => progress.end());
  const sound = report.sound && (options.appHash ?? report.appHash) === report.appHash;
  const tookMs = Date.now() - startedMs;
  if (json) printJson({ ...report, sound, tookMs });
  else print(reportText({ ...report, sound }, tookMs));
  if (report.appHash !== (options.appHash ?? report.appHash)) {
    remark(`It leads to the app hash ${report.appHash}, not to ${options.appHash ?? ''}.`);
  } else if (report.commits !== undefined) {
    remark(
      `Compare the validators' hash with that of CometBFT's genesis: ${report.validatorsHash ?? '-'}`,
    );
  } else if (report.sealed > 0 && options.appHash === undefined) {
    remark(`CometBFT sealed ${report.sealed} blocks: compare the app hash with a validator's.`);
  }
  if (!sound) process.exitCode = exitCodes.refused;
}

function checkOptions({ file, digests, appHash, comet }: Options): void {
  if (comet !== undefined && (!/^https?:\/\//.test(comet) || file !== undefined)) {
    throw usageError('--comet takes an http address, and goes with a database, not with --file.');
  }
  if (appHash !== undefined && !/^[0-9a-f]{64}$/.test(appHash)) {
    throw usageError('An app hash is 64 digits of lower-case hex.');
  }
  if (file !== undefined && digests === true) {
    throw usageError('A file has no tables: --digests is of a database. Compare SHA-256 of files.');
  }
}

interface AuditRequest {
  readonly config: Config;
  readonly options: Options;
  readonly progress: Progress;
}

async function auditLedger(request: AuditRequest): Promise<Report> {
  const { config } = request;
  const { dataFolder } = await import('../node/data-folder.ts');
  const { readGenesis } = await import('../node/make-genesis.ts');
  // Before a database is made: a folder without a chain is told as what it is.
  const genesis = await readGenesis(config.genesisPath ?? dataFolder(config.dataDir).genesisFile);
  return withDatabase(config, 'fsck', (url) => auditDatabase(url, genesis, request));
}

async function auditDatabase(
  url: string,
  genesis: Genesis,
  { config, options, progress }: AuditRequest,
): Promise<Report> {
  const [store, ledger, { digestTables }, money] = await Promise.all([
    import('../store/audit-reader.ts'),
    import('../chain/fsck/check-ledger.ts'),
    import('../chain/fsck/digests.ts'),
    import('./money-audit.ts'),
  ]);
  const parts = await partsOf(config, genesis, new Map());
  const reader = await store.openAuditReader(url);
  try {
    const report = await ledger.checkLedger({
      ...{ reader, genesis, parts },
      invariants: money.brokenMoneyInvariants,
      scratchDir: options.scratch ?? null,
      // Blocks are of any size: leaves count as well.
      onProgress: (done, all) =>
        progress.update(
          done.height + done.logSize,
          all.height + all.logSize,
          `block ${done.height} of ${all.height}`,
        ),
    });
    const digests = options.digests === true ? { digests: await digestTables(reader) } : {};
    if (options.comet === undefined || !report.sound) return { ...report, ...digests };
    progress.end();
    return { ...(await withCommits(options.comet, { reader, genesis, report })), ...digests };
  } finally {
    await reader.close();
  }
}

interface Audited {
  readonly reader: AuditReader;
  readonly genesis: Genesis;
  readonly report: FsckReport;
}

/** Of a ledger that is sound by itself. */
async function withCommits(url: string, audited: Audited): Promise<FsckReport & CommitReport> {
  const [{ openCometRpc }, { checkCommits }, { Findings }] = await Promise.all([
    import('../chain/engine/comet-rpc.ts'),
    import('../chain/fsck/check-commits.ts'),
    import('../chain/fsck/report.ts'),
  ]);
  const { reader, genesis, report } = audited;
  const findings = new Findings();
  const rpc = openCometRpc(url);
  const { chainId } = genesis;
  const commits = await checkCommits({ reader, rpc, chainId, findings }).finally(() => rpc.close());
  const sound = findings.count === 0;
  return { ...report, ...commits, sound, findings: findings.list, findingCount: findings.count };
}

async function auditFile(
  file: string,
  { config, options, progress }: AuditRequest,
): Promise<ArchiveReport> {
  const [{ openArchive }, { checkArchive }, { readGenesis }, money] = await Promise.all([
    import('./archive-file.ts'),
    import('../chain/archive/check-archive.ts'),
    import('../node/make-genesis.ts'),
    import('./money-audit.ts'),
  ]);
  const { source, bytes: size } = await openArchive(file);
  const genesis = config.genesisPath === null ? null : await readGenesis(config.genesisPath);
  const report = await checkArchive({
    ...{ source, genesis },
    parts: (found, circuitKeys) => partsOf(config, found, circuitKeys),
    invariants: money.brokenMoneyInvariants,
    scratchDir: options.scratch ?? null,
    onProgress: ({ height, bytes }) => progress.update(bytes, size, `block ${height}`),
  });
  if (!genesis) remark(`Compare the genesis hash with one you trust: ${report.genesisHash}`);
  return report;
}

async function partsOf(config: Config, genesis: Genesis, given: ReadonlyMap<string, Uint8Array>) {
  const [rooms, keysOf] = await Promise.all([
    import('../chain/rooms.ts'),
    import('../node/verification-keys.ts'),
  ]);
  const keysDir = path.join(config.dataDir, 'circuit-keys');
  const keys = await keysOf.loadVerificationKeys(genesis, config.development, keysDir, given);
  return { ...rooms.exchangeParts, verifyProof: keysOf.proofVerifierOf(keys) };
}

function reportText({ findings, digests, ...report }: Report, tookMs: number): string {
  const list = findings.length === 0 ? '' : `${findingsTable(findings)}\n`;
  return `${list}${fields({ ...report, took: durationOf(tookMs) })}${digestsText(digests ?? [])}`;
}

export const findingsTable = (findings: readonly Finding[]): string =>
  table([
    ['TABLE', 'ROW', 'COLUMN', 'PROBLEM'],
    ...findings.map(({ table: name, row, column, problem }) =>
      [name, row, column ?? '-', problem].map(printable),
    ),
  ]);

export function digestsText(digests: readonly TableDigest[]): string {
  if (digests.length === 0) return '';
  const rows = digests.map(({ table: name, rows: count, sha256 }) => [name, String(count), sha256]);
  return `\n${table([['TABLE', 'ROWS', 'SHA-256'], ...rows])}`;
}
