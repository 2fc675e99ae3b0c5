/**
 * What it costs to know a table: `npm run bench -- data`. A file of so many bytes, about 100 a row, is read by a
 * bare `csv-parse` pass (its `readable` events, every record fetched and dropped), then inspected: types, quality,
 * classes of three quasi-identifiers, fingerprint and index of differences, by a stated description; then the same with
 * the salted tree. Pairs are interleaved, in one process; the median of the pairs' ratios counts. With `--gigabyte`, a
 * file of 1 GB is inspected once by `dxl data inspect`, a process of its own, whose resident set is looked at.
 */
import { parse } from 'csv-parse';
import { createReadStream, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectFile } from '../src/data/shell/inspect.ts';
import { readDescriptionFile } from '../src/data/shell/read-description-file.ts';
import { makeTable } from './data/made-table.ts';
import { measureDxl } from './dxl-process.ts';
import { median, positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';

const options = readOptions({
  megabytes: { type: 'string' },
  pairs: { type: 'string' },
  gigabyte: { type: 'boolean' },
});
const bytes = positive('megabytes', options.megabytes, 100) * 1_000_000;
const pairs = positive('pairs', options.pairs, 5);

/** The issue's own: a goal, and a floor below which it is no use. */
const mayBe = {
  inspectToParse: 1.5,
  floor: 2.5,
  saltedMoreToParse: 1.5,
  residentMiB: 400,
} as const;

async function bareParse(file: string): Promise<number> {
  const start = performance.now();
  const parser = createReadStream(file).pipe(parse());
  let records = 0;
  parser.on('readable', () => {
    while (parser.read() !== null) records += 1;
  });
  await new Promise((resolve, reject) => parser.on('end', resolve).on('error', reject));
  if (records < 2) throw new Error('csv-parse read nothing');
  return (performance.now() - start) / 1_000;
}

async function inspected(
  file: string,
  described: string,
  seed: Uint8Array | null,
): Promise<number> {
  const description = await readDescriptionFile(described);
  const start = performance.now();
  const { examined } = await inspectFile(file, { description, seed });
  if ((examined.rowsRoot === null) !== (seed === null))
    throw new Error('no tree was made, or one too many');
  return (performance.now() - start) / 1_000;
}

async function measurePairs(folder: string) {
  const [file, described] = [join(folder, 'table.csv'), join(folder, 'columns.json')];
  const made = await makeTable(file, described, bytes);
  console.log(`made ${made.rows} rows, ${made.bytes} bytes`);
  const raw: { parse: number; inspect: number; salted: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const run = {
      parse: await bareParse(file),
      inspect: await inspected(file, described, null),
      salted: await inspected(file, described, new Uint8Array(32).fill(7)),
    };
    raw.push(run);
    console.log(
      `csv-parse ${round(run.parse, 2)} s, inspect ${round(run.inspect, 2)} s, with the salted tree ${round(run.salted, 2)} s`,
    );
  }
  const ratio = (of: (run: (typeof raw)[number]) => number): number =>
    round(median(raw.map(of)), 2);
  return {
    made,
    raw,
    ratios: {
      inspectToParse: ratio(({ inspect, parse }) => inspect / parse),
      saltedMoreToParse: ratio(({ salted, inspect, parse }) => (salted - inspect) / parse),
    },
  };
}

/** One pass of a gigabyte by the program as people run it, and what it leaves in its temporary folder. */
async function measureGigabyte(folder: string) {
  const [file, described] = [join(folder, 'gigabyte.csv'), join(folder, 'gigabyte.json')];
  const made = await makeTable(file, described, 1_000_000_000);
  console.log(`made ${made.rows} rows, ${made.bytes} bytes`);
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  process.env['TMPDIR'] = temporary;
  const words = ['data', 'inspect', file, '--description', described, '--json'];
  const { seconds, peakMiB, out } = await measureDxl(words);
  const { rows, anonymity } = JSON.parse(out) as { rows: number; anonymity: { k: number | null } };
  if (rows !== made.rows || anonymity.k === null)
    throw new Error('other rows were read than were made');
  if (readdirSync(temporary).length > 0)
    throw new Error('something was left in the temporary folder');
  const figures = {
    ...made,
    seconds: round(seconds, 1),
    residentPeakMiB: round(peakMiB),
    k: anonymity.k,
  };
  console.table(figures);
  return figures;
}

const folder = await mkdtemp(join(tmpdir(), 'dxl-bench-data-'));
try {
  const { made, raw, ratios } = await measurePairs(folder);
  await rm(join(folder, 'table.csv'));
  const gigabyte = options.gigabyte === true ? await measureGigabyte(folder) : null;
  const is = { ...ratios, residentMiB: gigabyte?.residentPeakMiB ?? null };
  console.table({ mayBe, is });
  await writeResult(resultsFolder(options.results), 'data', {
    what: 'a table inspected, without and with the salted tree, against a bare csv-parse pass over it',
    ...{ made, mayBe, is, gigabyte, raw, ratios },
    holds: {
      goal: is.inspectToParse <= mayBe.inspectToParse,
      floor: is.inspectToParse <= mayBe.floor,
      salted: is.saltedMoreToParse <= mayBe.saltedMoreToParse,
      resident: is.residentMiB === null ? null : is.residentMiB <= mayBe.residentMiB,
    },
  });
} finally {
  await rm(folder, { recursive: true });
}
