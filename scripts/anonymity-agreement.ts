/**
 * Holds our k and unique rows against an independent tool on ten valid files: pycanon 1.3.6 (Apache-2.0), in a virtual
 * environment of a temporary folder. Outside CI, since it asks a package registry:
 *
 *     node --import tsx scripts/anonymity-agreement.ts
 *
 * writes test/data/agreement.json. Needs python3 with venv and pip. docs/quality.md explains what differs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspectFile } from '../src/data/shell/inspect.ts';
import { loadDataset } from '../src/demo/dataset.ts';
import { withReferee } from './python-referee.ts';

const packages = ['pycanon==1.3.6', 'pandas==2.3.3', 'numpy==2.0.2'];

/** Texts as they stand; the empty one alone is missing. The index is the frame's own, 0 to n − 1. */
const referee = `
import json, sys
import pandas as pd
from pycanon import anonymity
from pycanon.anonymity.utils.aux_anonymity import get_equiv_class

answers = []
for order in json.load(sys.stdin):
    frame = pd.read_csv(order["file"], encoding=order["encoding"], dtype=str, keep_default_na=False, na_values=[""])
    frame = frame.reset_index(drop=True)
    columns = order["columns"]
    whole = frame.dropna(subset=columns).reset_index(drop=True)
    def judged(data):
        if len(data) == 0:
            return None
        sizes = [len(rows) for rows in get_equiv_class(data, columns)]
        k = anonymity.k_anonymity(data, columns) if sizes else None
        return {"k": k, "uniqueRows": sum(size == 1 for size in sizes)}
    answers.append({"asItStands": judged(frame), "withoutMissing": judged(whole)})
print(json.dumps(answers))
`;

interface Order {
  readonly what: string;
  readonly file: string;
  readonly encoding: string;
  readonly columns: readonly string[];
}

interface Judged {
  readonly k: number | null;
  readonly uniqueRows: number | null;
}

const caseOf = (name: string): string =>
  fileURLToPath(new URL(`../test/data/cases/${name}`, import.meta.url));

const made = (rows: number, cells: (row: number) => readonly (string | number)[]): string =>
  Array.from({ length: rows }, (_, row) => cells(row).join(',')).join('\n');

async function ordersIn(folder: string): Promise<Order[]> {
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const order = (what: string, file: string, columns: string[], encoding = 'utf-8'): Order => ({
    ...{ what, file, encoding, columns },
  });
  const birds = write('birds.csv', (await loadDataset()).bytes);
  const even = write('even.csv', `a,b,v\n${made(1_200, (row) => [row % 8, row % 3, row])}`);
  const codes = write(
    'codes.csv',
    `code,v\n${made(900, (row) => [row % 2 === 0 ? '030' : '30', row])}`,
  );
  const words = write(
    'words.csv',
    `city,v\n${made(700, (row) => [['武汉', 'Wuhan', 'wuhan', 'Wuhan '][row % 4] ?? '', row])}`,
  );
  const one = write(
    'one.csv',
    `city,v\n${made(600, (row) => [row % 7 === 0 ? '' : `c${row % 5}`, row])}`,
  );
  const two = write(
    'two.csv',
    `city,sex,v\n${made(300, (row) => [row === 9 ? '' : `c${row % 4}`, row % 2, row])}`,
  );
  const stars = write(
    'stars.csv',
    `city,v\n${made(500, (row) => [row % 50 === 0 ? '*' : `c${row % 9}`, row])}`,
  );
  return [
    order('clinic.csv', caseOf('clinic.csv'), ['Age', 'Sex', 'Postcode']),
    order(
      'regions.gbk.csv, in GB18030',
      caseOf('regions.gbk.csv'),
      ['Region', 'Quarter'],
      'gb18030',
    ),
    order('missing.csv, four columns with missing values', caseOf('missing.csv'), [
      'State',
      'Phase',
      'DayPart',
      'Operator',
    ]),
    order('bird strikes of the demonstration', birds, [
      'Origin State',
      'Phase of flight',
      'Time of day',
      'Aircraft Airline Operator',
    ]),
    order('even classes', even, ['a', 'b']),
    order('codes with a leading zero', codes, ['code']),
    order('words in two scripts, cases and spaces', words, ['city']),
    order('one column, with missing values', one, ['city']),
    order('two columns, one row with a missing value', two, ['city', 'sex']),
    order('a star as a value', stars, ['city']),
  ];
}

await withReferee(packages, async (ask, folder) => {
  const orders = await ordersIn(folder);
  const answers = ask(referee, orders) as {
    readonly asItStands: Judged | null;
    readonly withoutMissing: Judged | null;
  }[];
  const rows = [];
  for (const [index, { what, file, columns }] of orders.entries()) {
    const { anonymity } = await inspectFile(file, { quasiIdentifiers: columns });
    const { k, uniqueRows, leftOut } = anonymity;
    const other = answers[index];
    const agrees = (judged: Judged | null | undefined): boolean =>
      (judged?.k ?? null) === k && (judged?.uniqueRows ?? null) === uniqueRows;
    rows.push({
      ...{ what, columns, leftOut, ours: { k, uniqueRows }, pycanon: other },
      agrees: {
        asItStands: agrees(other?.asItStands),
        withoutMissing: agrees(other?.withoutMissing),
      },
    });
  }
  console.table(rows.map(({ what, ours, agrees }) => ({ what, ...ours, ...agrees })));
  const result = { packages, takenAt: new Date().toISOString(), rows };
  const target = fileURLToPath(new URL('../test/data/agreement.json', import.meta.url));
  writeFileSync(target, `${JSON.stringify(result, null, 2)}\n`);
  if (!rows.every(({ agrees }) => agrees.withoutMissing)) process.exitCode = 1;
});
