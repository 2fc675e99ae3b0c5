/**
 * The audit of ledgers of several sizes, by `dxl fsck` as an operator runs it: time and peak resident
 * memory of its process, and how much of that each further state key takes. `--against CHECKOUT` runs
 * the one of another release on the same ledgers.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { dataFolder } from '../src/node/data-folder.ts';
import { writeGenesis } from '../src/node/make-genesis.ts';
import { startPostgres } from '../src/store/postgres/start.ts';
import { measureDxl, type Measured } from './dxl-process.ts';
import { genesis, growLedger } from './long-ledger.ts';
import { positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';
import { openFolder } from '../test/support/open-folder.ts';

const values = readOptions({ keys: { type: 'string' }, against: { type: 'string' } });
const sizes = (values.keys ?? '20000,100000,300000')
  .split(',')
  .map((size) => positive('keys', size, 0));
const operationsPerBlock = 28;
/** Of each organisation: its record, its key and its credit code. */
const keysPerOperation = 3;
const against = values.against === undefined ? null : resolve(values.against);

interface Sample {
  readonly keys: number;
  readonly leaves: number;
  readonly blocks: number;
  readonly fsck: Measured;
  readonly other: Measured | null;
}

async function sample(wanted: number): Promise<Sample> {
  const blocks = Math.ceil(wanted / (operationsPerBlock * keysPerOperation));
  const root = await openFolder('dxl-bench-fsck-');
  await writeGenesis(dataFolder(root).genesisFile, genesis);
  const dataDir = dataFolder(root).databaseDir;
  const postgres = await startPostgres({ dataDir, log: () => undefined });
  try {
    const { keys, leaves } = await growLedger(postgres.url, { blocks, operationsPerBlock });
    const other = against === null ? null : await audit(root, against);
    const taken = { keys, leaves, blocks, fsck: await audit(root), other };
    console.log(taken);
    return taken;
  } finally {
    await postgres.stop();
    await rm(root, { recursive: true, force: true });
  }
}

async function audit(dataDir: string, checkout?: string): Promise<Measured> {
  const words = ['fsck', '--data-dir', dataDir, '--json'];
  const { seconds, peakMiB } = await measureDxl(words, checkout);
  return { seconds, peakMiB };
}

const nothing = await measureDxl(['--version']);
const samples: Sample[] = [];
for (const size of sizes) samples.push(await sample(size));
/** The two largest: what a small ledger takes is the program, and caches that it does not fill. */
const [first, last] = [samples.at(-2) ?? samples[0], samples.at(-1)];
if (!first || !last) throw new Error('at least one size');

async function commitIn(checkout: string): Promise<string> {
  const words = ['-C', checkout, 'rev-parse', 'HEAD'];
  return (await promisify(execFile)('git', words)).stdout.trim();
}

const growthOf = (from: number, to: number): number =>
  round(((to - from) * 2 ** 20) / Math.max(1, last.keys - first.keys));

const path = await writeResult(resultsFolder(values.results), 'fsck', {
  what: 'the audit of ledgers of several sizes: time and peak resident memory',
  settings: { operationsPerBlock, other: against === null ? null : await commitIn(against) },
  raw: { nothing: { peakMiB: nothing.peakMiB }, samples },
  ratios: {
    peakBytesPerAddedKey: growthOf(first.fsck.peakMiB, last.fsck.peakMiB),
    secondsPerKeyToSmaller: round(
      last.fsck.seconds / last.keys / (first.fsck.seconds / first.keys),
      2,
    ),
    ...(first.other && last.other
      ? {
          otherPeakBytesPerAddedKey: growthOf(first.other.peakMiB, last.other.peakMiB),
          peakToOther: round(last.fsck.peakMiB / last.other.peakMiB, 3),
          secondsToOther: round(last.fsck.seconds / last.other.seconds, 3),
        }
      : {}),
  },
});
console.log(path);
