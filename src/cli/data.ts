import { InvalidArgumentError, type Command } from 'commander';
import { nearestName } from '../base/nearest.ts';
import type { Coverage } from '../data/profile/profile.ts';
import { encodingNamed, type Encoding } from '../data/text/encoding.ts';
import type { CheckFlags, InspectFlags } from './data-flags.ts';
import { withCommon } from './options.ts';

const guide = `
\`inspect\` reads a table (CSV, TSV, Parquet) and says what it is: encoding, separator, types, quality, how far its
rows can be told apart, and its fingerprint. \`check\` tells whether a file is the table that was inspected
or registered, and where it is not. Neither asks an exchange. What is not stated is found out, shown, and
written by --write-description, so that from then on it is stated.

Examples:
  $ dxl data inspect clinic.csv --quasi-identifier Age Sex Postcode
  $ dxl data inspect clinic.csv --write-description clinic.json
  $ dxl data inspect clinic.csv --description clinic.json --coverage 2024-01-01/2024-12-31 --json > kept.json
  $ dxl data check received.csv --against kept.json

What inspect prints is for the table's owner: its fingerprint has no salt. Exit codes: 0 read, or agrees;
1 check: it does not agree; 2 no table that can be read, or no opening; 3 a file or folder.`;

const encodingOption = [
  '--encoding <name>',
  'in which the text is: utf-8, utf-16le, utf-16be, gb18030 (gbk)',
  encodingArgument,
] as const;

export function addDataCommands(program: Command): void {
  const data = program
    .command('data')
    .description('what a table is: inspect one, check one against another')
    .addHelpText('after', guide);
  withCommon(data.command('inspect <file>'))
    .description('read a table: types, quality, anonymity, fingerprint')
    .option('--quasi-identifier <name...>', 'columns by which people could be told apart')
    .option(...encodingOption)
    .option('--coverage <from/to>', 'days that the rows are said to be of', coverageArgument)
    .option('--description <file>', 'Data Package, or plain list of columns')
    .option(
      '--write-description <file>',
      'write what was found as a Data Package; never overwritten',
    )
    .option('--write-opening <file>', 'make the salted tree, and keep its secrets here (mode 0600)')
    .action(async (file: string, flags: InspectFlags, command: Command) => {
      const { inspect } = await import('./data-inspect.ts');
      await inspect(file, flags, command);
    });
  withCommon(data.command('check <file>'))
    .description('tell whether a file is the table that was inspected or registered')
    .requiredOption(
      '--against <file>',
      'what inspect printed with --json, or a registration record',
    )
    .option('--opening <file>', 'what opens a registration: of --write-opening, or of a delivery')
    .option('--description <file>', 'Data Package with the file part of this file')
    .option(...encodingOption)
    .action(async (file: string, flags: CheckFlags, command: Command) => {
      const { check } = await import('./data-check.ts');
      await check(file, flags, command);
    });
}

function encodingArgument(text: string): Encoding {
  const encoding = encodingNamed(text);
  if (encoding !== null) return encoding;
  const names = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030', 'gbk'];
  const near = nearestName(text, names);
  const meant = near === null ? '' : ` Perhaps ${near}?`;
  throw new InvalidArgumentError(`It takes one of ${names.join(', ')}, for example gbk.${meant}`);
}

function coverageArgument(text: string): Coverage {
  const found = /^([0-9]{4}-[0-9]{2}-[0-9]{2})\/([0-9]{4}-[0-9]{2}-[0-9]{2})$/.exec(text);
  const [, from = '', to = ''] = found ?? [];
  if (found !== null && from <= to && [from, to].every(isDay)) return { from, to };
  throw new InvalidArgumentError(
    'It takes two days, the earlier first, for example 2024-01-01/2024-12-31.',
  );
}

/** Of the calendar: no 30 February. */
function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
