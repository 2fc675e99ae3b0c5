import type { Command } from 'commander';
import type { RecordJson } from '../client/views.ts';
import { nameAndValue, wholeNumber } from './arguments.ts';
import { readCommon, withCommon } from './options.ts';
import { cellOf, print, printJson, remark, table } from './output.ts';

interface Options {
  readonly state?: string;
  readonly search?: string;
  readonly where?: Record<string, string>;
  readonly limit?: number;
  readonly after?: string;
  readonly all?: boolean;
}

const guide = `
Examples:
  $ dxl list listings --state LISTED --search 鸟击
  $ dxl list trades --where buyer=plover --where state=FUNDED
  $ dxl list licences --all --json`;

export function addListCommand(program: Command): void {
  withCommon(program.command('list <collection>'))
    .description('show the records of a collection')
    .option('--state <state>', 'only records in this state')
    .option('--search <words>', 'only records with all of these words')
    .option('--where <field=value>', 'only records with this value; repeatable', nameAndValue)
    .option('--limit <count>', 'rows of a page', wholeNumber)
    .option('--after <cursor>', 'the page after, as the page before named it')
    .option('--all', 'every page')
    .addHelpText('after', guide)
    .action(listRecords);
}

async function listRecords(collection: string, options: Options, command: Command): Promise<void> {
  const common = await readCommon(command);
  const { openClient } = await import('./session.ts');
  const client = await openClient(common);
  const { all = false, state, search, where = {}, limit, after } = options;
  const query = { state, search, where, limit, after };
  const names = (await import('./record-fields.ts')).fieldsOf(collection);
  if (all) {
    const rows: RecordJson[] = [];
    for await (const row of client.listAll(collection, { ...query, limit: limit ?? 200 }))
      rows.push(row);
    if (common.json) printJson({ data: rows, next: null });
    else print(recordTable(rows, names));
    return;
  }
  const page = await client.list(collection, query);
  if (common.json) printJson(page);
  else print(recordTable(page.data, names));
  if (!common.json && page.next !== null) remark(`More: --after ${page.next}, or --all`);
}

const columnsMax = 6;
const cellMax = 40;

/** Id, state and the first simple fields: `dxl get` shows all. */
function recordTable(rows: readonly RecordJson[], names: readonly string[]): string {
  const [first] = rows;
  if (!first) return '';
  const shown = (names.length === 0 ? Object.keys(first) : names)
    .filter((name) => typeof first[name] !== 'object' || first[name] === null)
    .slice(0, columnsMax);
  return table([
    shown.map((name) => name.toUpperCase()),
    ...rows.map((row) => shown.map((name) => shorten(cellOf(row[name])))),
  ]);
}

const shorten = (text: string): string =>
  [...text].length <= cellMax ? text : `${[...text].slice(0, cellMax - 1).join('')}…`;
