import type { Command } from 'commander';
import { momentText } from '../base/moment-text.ts';
import type { StatusView } from '../client/views.ts';
import { readCommon, withCommon } from './options.ts';
import { fields, print, printJson } from './output.ts';
import { zoneOf } from './zone.ts';

export function addStatusCommand(program: Command): void {
  withCommon(program.command('status'))
    .description('show where the exchange stands')
    .addHelpText('after', '\nExample:\n  $ dxl status --api https://exchange.example')
    .action(async (_options: unknown, command: Command) => {
      const common = await readCommon(command);
      const { openClient } = await import('./session.ts');
      const client = await openClient(common);
      const status = await client.status();
      if (common.json) {
        printJson(status);
        return;
      }
      const { projection, timeMs, witnessed, ...plain } = status;
      const shown = { ...plain, time: momentText(timeMs, await zoneOf(client)) };
      const rest = { readModelHeight: projection.height, witnessed: witnessedWords(witnessed) };
      print(fields({ address: client.url, ...shown, ...rest }));
    });
}

function witnessedWords(witnessed: StatusView['witnessed']): string {
  if (!witnessed) return 'no witness is asked for';
  const { height, logSize, required } = witnessed;
  const cosigned = `${required} cosignature${required === 1 ? '' : 's'}`;
  return height === 0
    ? `nothing yet; ${cosigned} asked for`
    : `height ${height}, ${logSize} leaves; ${cosigned} or more`;
}
