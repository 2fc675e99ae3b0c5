import type { Command } from 'commander';
import { momentText } from '../base/moment-text.ts';
import type { EventView } from '../client/views.ts';
import { wholeNumber } from './arguments.ts';
import { readCommon, withCommon } from './options.ts';
import { cellOf, print, printJson } from './output.ts';
import { zoneOf } from './zone.ts';

interface Options {
  readonly stream?: string;
  readonly kind?: string;
  readonly record?: string;
  readonly after?: number;
  readonly count?: number;
}

const guide = `
Streams: catalogue, identity, material, signing, supervision. A lost connection is made again where it
was left; nothing is missed and nothing shown twice. Ctrl-C ends it.

Examples:
  $ dxl watch
  $ dxl watch --stream signing --json | tee signing.ndjson
  $ dxl watch --kind trade --record trade-7 --after 0`;

export function addWatchCommand(program: Command): void {
  withCommon(program.command('watch'))
    .description('show events as they happen')
    .option('--stream <name>', 'one of the five streams')
    .option('--kind <kind>', 'of one kind of record')
    .option('--record <id>', 'of one record')
    .option('--after <log index>', 'begin after this event instead of now', wholeNumber)
    .option('--count <number>', 'end after so many events', wholeNumber)
    .addHelpText('after', guide)
    .action(watch);
}

async function watch(options: Options, command: Command): Promise<void> {
  const common = await readCommon(command);
  const { openClient } = await import('./session.ts');
  const client = await openClient(common);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { stream, kind, record, after, count = Infinity } = options;
  const place = after === undefined ? {} : { after };
  const filter = { stream, kind, recordId: record, ...place, signal: stop.signal };
  let seen = 0;
  if (count === 0) return;
  const offsetMinutes = common.json ? 0 : await zoneOf(client);
  for await (const event of client.watch(filter)) {
    if (common.json) printJson(event);
    else print(eventLine(event, offsetMinutes));
    seen += 1;
    if (seen >= count) return;
  }
}

const eventLine = (event: EventView, offsetMinutes: number): string =>
  `${momentText(event.timeMs, offsetMinutes)}  ${String(event.logIndex).padStart(6)}  ` +
  `block ${event.height}  ${event.stream.padEnd(11)}  ${cellOf(event.name)}  ` +
  `${cellOf(event.recordId)}\n`;
