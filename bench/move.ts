/**
 * Export, import, audit and rebuild of a ledger of many small blocks, by `dxl` as an operator runs it:
 * time, peak resident memory of its process, and the file's size by level of compression.
 */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from '../src/node/data-folder.ts';
import { writeGenesis } from '../src/node/make-genesis.ts';
import { startPostgres } from '../src/store/postgres/start.ts';
import { measureDxl, type Measured } from './dxl-process.ts';
import { genesis, growLedger } from './long-ledger.ts';
import { positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';
import { openFolder } from '../test/support/open-folder.ts';

const values = readOptions({ blocks: { type: 'string' } });
const blocks = positive('blocks', values.blocks, 20_000);

const root = await openFolder('dxl-bench-move-');
const from = join(root, 'from');
const to = join(root, 'to');
await writeGenesis(dataFolder(from).genesisFile, genesis);
const postgres = await startPostgres({
  dataDir: dataFolder(from).databaseDir,
  log: () => undefined,
});
try {
  const { leaves, keys } = await growLedger(postgres.url, { blocks, operationsPerBlock: 7 });
  const table: Record<string, Measured & { readonly megabytes?: number }> = {};
  const step = async (name: string, words: string[], file?: string): Promise<void> => {
    const { seconds, peakMiB } = await measureDxl(words);
    const megabytes =
      file === undefined ? {} : { megabytes: round((await stat(file)).size / 1e6, 1) };
    table[name] = { seconds, peakMiB, ...megabytes };
    console.log(name, table[name]);
  };
  await step('nothing', ['--version']);
  for (const level of ['0', '1', '6', '9']) {
    const file = join(root, `level-${level}.dxl`);
    const words = ['export', file, '--data-dir', from, '--compress', level, '--json'];
    await step(`export, level ${level}`, words, file);
  }
  const file = join(root, 'level-6.dxl');
  await step('fsck', ['fsck', '--data-dir', from, '--json']);
  await step('fsck --file', ['fsck', '--file', file, '--json']);
  await step('rebuild --verify', ['rebuild', '--verify', '--data-dir', from, '--json']);
  await step('rebuild', ['rebuild', '--data-dir', from, '--json']);
  await step('import', ['import', file, '--data-dir', to, '--json']);
  const [one, other] = [await digests(from), await digests(to)];
  if (one !== other) throw new Error('the import differs from the original');
  console.table(table);
  const size = (level: number): number => table[`export, level ${level}`]?.megabytes ?? 0;
  await writeResult(resultsFolder(values.results), 'move', {
    what: 'export, import, audit and rebuild of one ledger by dxl',
    ledger: { blocks, leaves, stateKeys: keys },
    raw: table,
    ratios: {
      level6ToUncompressed: round(size(6) / size(0), 3),
      level1ToUncompressed: round(size(1) / size(0), 3),
    },
  });
} finally {
  await postgres.stop();
  await rm(root, { recursive: true, force: true });
}

async function digests(dataDir: string): Promise<string> {
  const { out } = await measureDxl(['fsck', '--data-dir', dataDir, '--digests', '--json']);
  return JSON.stringify((JSON.parse(out) as { digests: unknown }).digests);
}
