/**
 * Holds the descriptions that `dxl data inspect` writes against the standard's own reader: frictionless 5.21.0 (MIT), in
 * a virtual environment of a temporary folder, validates package and data and reads the rows. Outside CI, since it asks a
 * package registry:
 *
 *     node --import tsx scripts/description-agreement.ts
 *
 * `trailing-blank.csv` is left out: to frictionless a blank last line is a row in error, to us it is none.
 * Ends with 1 where a description is not valid, or other rows are read. Needs python3 with venv and pip.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDataPackage } from '../src/data/description/data-package.ts';
import { inspectFile } from '../src/data/shell/inspect.ts';
import { withReferee } from './python-referee.ts';

const cases = [
  ...['clinic.csv', 'costs.csv', 'missing.csv', 'regions.gbk.csv', 'semicolon.csv'],
  ...['shops.gbk.csv', 'shops.utf8.csv'],
];

const referee = `
import json, sys
from frictionless import Package, validate

answers = []
for path in json.load(sys.stdin):
    report = validate(path, type="package")
    resource = Package(path).resources[0]
    rows = resource.read_rows()
    missing = sum(value is None for row in rows for value in row.values())
    answers.append({"valid": report.valid, "rows": len(rows), "missing": missing, "names": resource.schema.field_names})
print(json.dumps(answers))
`;

interface Answer {
  readonly valid: boolean;
  readonly rows: number;
  readonly missing: number;
  readonly names: readonly string[];
}

await withReferee(['frictionless==5.21.0'], async (ask, folder) => {
  const ours = [];
  for (const name of cases) {
    const source = fileURLToPath(new URL(`../test/data/cases/${name}`, import.meta.url));
    copyFileSync(source, join(folder, name));
    const { table, file, examined } = await inspectFile(source);
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(writeDataPackage({ table, file }, name)));
    const { rows, columns } = examined.counts;
    const missing = columns.reduce((sum, column) => sum + column.missing, 0);
    ours.push({ path, rows, missing, names: columns.map((column) => column.name) });
  }
  const answers = ask(
    referee,
    ours.map(({ path }) => path),
  ) as Answer[];
  for (const [index, { rows, missing, names }] of ours.entries()) {
    const answer = answers[index];
    const agrees =
      answer?.valid === true &&
      answer.rows === rows &&
      answer.missing === missing &&
      answer.names.join('\n') === names.join('\n');
    console.log(
      `${agrees ? 'agrees ' : 'DIFFERS'} ${cases[index] ?? ''}: ${rows} rows, ${missing} missing`,
    );
    if (!agrees) process.exitCode = 1;
  }
});
