import type { Command } from 'commander';
import { readCommon, withCommon } from './options.ts';
import { fields, print, printJson } from './output.ts';

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
      const { projection, timeMs, ...plain } = status;
      const shown = { ...plain, time: new Date(timeMs).toISOString() };
      print(fields({ address: client.url, ...shown, readModelHeight: projection.height }));
    });
}
