/**
 * Descriptions as Data Packages, v2 of the standard of Frictionless Data, with what it has no words
 * for under `dxl:`. The published JSON Schema is checked by the shell; here is read what we use, and
 * refused what we could not follow.
 */
import { isDialectCharacter, usualDialect, type Dialect } from '../csv/dialect.ts';
import { encodingNamed } from '../text/encoding.ts';
import { readField, writeField } from './data-package-fields.ts';
import {
  asList,
  asObject,
  asText,
  asTexts,
  descriptionFault,
  type Description,
} from './described.ts';
import type { CsvFile, FileDescription } from './file.ts';
import { checkedColumns, readPlainColumns } from './plain-columns.ts';
import type { TableDescription } from './table.ts';

type Members = Readonly<Record<string, unknown>>;

const profile = (name: string): string => `https://datapackage.org/profiles/2.0/${name}.json`;

/** A Data Package, or the plain list of columns of a listing. Throws TableFault DESCRIPTION. */
export function readDescription(value: unknown): Description {
  if (Array.isArray(value)) return { table: readPlainColumns(value), file: null };
  const resources = asList(asObject(value, '')['resources'], '/resources');
  if (resources.length !== 1) {
    throw descriptionFault(
      '/resources',
      `has ${resources.length} resources: a description is of one file. Make one of each.`,
    );
  }
  const resource = asObject(resources[0], '/resources/0');
  const schema = asObject(resource['schema'], '/resources/0/schema');
  return { table: readSchema(schema), file: readFilePart(resource, '/resources/0') };
}

function readSchema(schema: Members): TableDescription {
  const at = '/resources/0/schema';
  const missing = asTexts(schema['missingValues'] ?? [''], `${at}/missingValues`);
  const columns = asList(schema['fields'], `${at}/fields`).map((field, index) =>
    readField(field, missing, `${at}/fields/${index}`),
  );
  return { columns: checkedColumns(columns, `${at}/fields`) };
}

/** Of a resource, `format`, `encoding` and `dialect`; null where nothing is said of the file. */
export function readFilePart(resource: Members, at: string): FileDescription | null {
  const { format, encoding, dialect } = resource;
  if (format === 'parquet') return { format };
  if (encoding === undefined && dialect === undefined) return null;
  if (format !== undefined && format !== 'csv' && format !== 'tsv') {
    throw descriptionFault(
      `${at}/format`,
      `is ${JSON.stringify(format)}: csv, tsv and parquet are read.`,
    );
  }
  const name = asText(encoding ?? 'utf-8', `${at}/encoding`);
  const known = encodingNamed(name);
  if (known === null) {
    throw descriptionFault(
      `${at}/encoding`,
      `is ${name}: utf-8, utf-16le, utf-16be and gb18030 (gbk, gb2312) are read.`,
    );
  }
  const usual = format === 'tsv' ? { ...usualDialect, delimiter: '\t' } : usualDialect;
  return {
    format: 'csv',
    encoding: known,
    dialect:
      dialect === undefined
        ? usual
        : readDialect(asObject(dialect, `${at}/dialect`), usual, `${at}/dialect`),
  };
}

function readDialect(dialect: Members, usual: Dialect, at: string): Dialect {
  for (const name of ['escapeChar', 'commentChar', 'commentRows', 'nullSequence']) {
    if (dialect[name] !== undefined) {
      throw descriptionFault(`${at}/${name}`, 'is not read: save the file without it.');
    }
  }
  if (dialect['doubleQuote'] === false) {
    throw descriptionFault(`${at}/doubleQuote`, 'is false: quotes are read that are doubled.');
  }
  const { header = true, headerRows, lineTerminator } = dialect;
  if (headerRows !== undefined && JSON.stringify(headerRows) !== '[1]') {
    throw descriptionFault(
      `${at}/headerRows`,
      'is not [1]: names stand in the first line, or none.',
    );
  }
  return {
    delimiter: character(dialect['delimiter'] ?? usual.delimiter, `${at}/delimiter`),
    quoteChar:
      dialect['quoteChar'] === ''
        ? null
        : character(dialect['quoteChar'] ?? '"', `${at}/quoteChar`),
    lineTerminator: lineTerminator === '\r' ? '\r' : '\n',
    header: header !== false,
    sepLine: dialect['dxl:sepLine'] === true,
    skipInitialSpace: dialect['skipInitialSpace'] === true,
  };
}

function character(value: unknown, pointer: string): string {
  const text = asText(value, pointer);
  if (isDialectCharacter(text)) return text;
  throw descriptionFault(pointer, `is ${JSON.stringify(text)}, and is to be one ASCII character.`);
}

/** @param name of the file, which a Data Package names; its folder is left out */
export function writeDataPackage(
  { table, file }: { readonly table: TableDescription; readonly file: FileDescription },
  name: string,
): Members {
  const missing = table.columns[0]?.missing ?? [''];
  return {
    $schema: profile('datapackage'),
    resources: [
      {
        name: resourceName(name),
        path: name,
        type: 'table',
        ...writeFilePart(file),
        schema: {
          $schema: profile('tableschema'),
          fields: table.columns.map((column) => writeField(column, missing)),
          missingValues: missing,
        },
      },
    ],
  };
}

/** As the members of a resource. */
export const writeFilePart = (file: FileDescription): Members =>
  file.format === 'csv' ? csvMembers(file) : parquetMembers;

const parquetMembers: Members = {
  format: 'parquet',
  mediatype: 'application/vnd.apache.parquet',
};

function csvMembers({ encoding, dialect }: CsvFile): Members {
  const { delimiter, quoteChar, lineTerminator, header, skipInitialSpace, sepLine } = dialect;
  return {
    format: 'csv',
    mediatype: 'text/csv',
    encoding,
    dialect: {
      $schema: profile('tabledialect'),
      header,
      delimiter,
      quoteChar: quoteChar ?? '',
      doubleQuote: true,
      lineTerminator,
      skipInitialSpace,
      ...(sepLine ? { 'dxl:sepLine': true } : {}),
    },
  };
}

/** As the standard recommends: lower case, digits, `.`, `-` and `_`. */
const resourceName = (file: string): string =>
  file.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-') || 'table';
