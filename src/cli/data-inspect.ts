import type { Command } from 'commander';
import { basename } from 'node:path';
import { writeDataPackage } from '../data/description/data-package.ts';
import { wholeFileOf } from '../client/listed-quality.ts';
import { refuseExisting } from '../client/refuse-existing.ts';
import { criteria } from '../data/profile/quality.ts';
import { inspectFile, type Inspection } from '../data/shell/inspect.ts';
import { inspectionJson } from '../data/shell/inspection-json.ts';
import { newSecrets, openingJson, registeredOf } from '../data/shell/opening.ts';
import { readDescriptionFile } from '../data/shell/read-description-file.ts';
import type { InspectFlags } from './data-flags.ts';
import { interruptibly } from './interrupted.ts';
import { readCommon } from './options.ts';
import { fields, print, printJson, remark, table } from './output.ts';
import { namingFile } from './table-error.ts';
import { bytesText, openTransfer } from './transfer-progress.ts';
import { writeNew } from './write-new.ts';

export async function inspect(file: string, flags: InspectFlags, command: Command): Promise<void> {
  const { json } = await readCommon(command);
  const { description: described } = flags;
  const description =
    described === undefined
      ? null
      : await namingFile(described, () => readDescriptionFile(described));
  for (const written of [flags.writeDescription, flags.writeOpening]) {
    if (written !== undefined) await refuseExisting(written);
  }
  const secrets = flags.writeOpening === undefined ? null : newSecrets();
  const progress = await openTransfer({ label: 'inspect', quiet: json });
  const inspection = await interruptibly((signal) =>
    namingFile(file, () =>
      inspectFile(file, {
        ...{ description, signal, seed: secrets?.seed ?? null },
        encoding: flags.encoding ?? null,
        quasiIdentifiers: flags.quasiIdentifier ?? [],
        coverage: flags.coverage ?? null,
        onProgress: (bytes, of) => progress.update({ bytes, of }),
        onSpill: (bytes, folder) =>
          remark(`Up to ${bytesText(bytes)} of ${folder} are taken for a time, and given back.`),
      }),
    ).finally(() => progress.end()),
  );
  if (flags.writeDescription !== undefined) {
    const { table: found, file: part } = inspection;
    const written = writeDataPackage({ table: found, file: part }, basename(file));
    await writeNew(flags.writeDescription, `${JSON.stringify(written, null, 2)}\n`, 0o644);
  }
  const registered = secrets === null ? null : registeredOf(inspection, secrets.bareSalt);
  if (flags.writeOpening !== undefined && secrets !== null && registered !== null) {
    const opening = JSON.stringify(openingJson(inspection, secrets));
    await writeNew(flags.writeOpening, `${opening}\n`, 0o600);
  }
  const profile = wholeFileOf(inspection, inspection.anonymity.columns);
  if (json) printJson({ ...inspectionJson(inspection), registered, profile });
  else print(inspectionText(inspection) + (registered === null ? '' : fields({ registered })));
}

function inspectionText(inspection: Inspection): string {
  const { read, examined, proposals } = inspection;
  return [
    fields({
      rows: examined.counts.rows,
      columns: inspection.table.columns.length,
      ...fileFields(inspection),
      description:
        proposals === null ? 'stated' : 'proposed from the file; --write-description keeps it',
      fingerprint:
        read.ragged.count > 0
          ? 'none: rows of another width are no part of a table'
          : `${examined.bare.root} (version 2, without salt: not to be published)`,
    }),
    columnsText(inspection),
    qualityText(inspection),
    anonymityText(inspection),
    problemsText(inspection),
  ].join('\n');
}

function fileFields({ read: { file, byteOrderMark } }: Inspection): Record<string, unknown> {
  if (file.format !== 'csv') return { format: file.format };
  const { delimiter, quoteChar, header } = file.dialect;
  return {
    encoding: file.encoding + (byteOrderMark ? ', with a byte-order mark' : ''),
    separator: delimiter,
    quote: quoteChar,
    header: header ? 'yes' : 'no',
  };
}

function columnsText({ table: { columns }, examined }: Inspection): string {
  return table([
    ['column', 'type', 'form', 'tag', 'missing'],
    ...columns.map((column, index) => [
      column.name,
      column.type,
      column.type === 'DATE'
        ? (column.dateForm ?? 'not stated')
        : column.type === 'DECIMAL'
          ? `decimal ${column.decimalMark}`
          : '',
      column.sensitivity === 'GENERAL' ? '' : column.sensitivity,
      String(examined.counts.columns[index]?.missing ?? 0),
    ]),
  ]);
}

const qualityText = ({ quality }: Inspection): string =>
  table(
    criteria.map((name) => {
      const { basisPoints, numerator, denominator, definition } = quality[name];
      const shown =
        basisPoints === null
          ? 'not measurable'
          : `${(basisPoints / 100).toFixed(2)} % (${numerator} / ${denominator})`;
      return [name, shown, definition];
    }),
  );

function anonymityText({ anonymity }: Inspection): string {
  const { columns, rows, leftOut, k, uniqueRows, smallest } = anonymity;
  if (columns.length === 0) {
    return 'No column is tagged or named as a quasi-identifier: nothing is said of anonymity.\n';
  }
  return fields({
    'quasi-identifiers': columns.join(', '),
    'rows in classes': rows,
    'left out': `${leftOut} with a missing quasi-identifier`,
    'k of the file': k ?? 'not measurable',
    'unique rows': uniqueRows ?? 'not measurable',
    'smallest classes': smallest.map((size) => `${size.classes} of ${size.rows}`).join(', '),
  });
}

function problemsText({ problems }: Inspection): string {
  if (problems.length === 0) return 'No problems were found.\n';
  return table([
    ['problem', 'column', 'first row', 'count', 'text', ''],
    ...problems.map(({ kind, column, row, count, text, blocks }) => [
      kind,
      column ?? '',
      row === null ? '' : String(row),
      String(count),
      text === null ? '' : JSON.stringify(text),
      blocks ? 'to be mended or stated' : '',
    ]),
  ]);
}
