import type { Command } from 'commander';
import { readCommon, withCommon } from './options.ts';
import { wholeNumber } from './arguments.ts';
import { fields, print, printJson } from './output.ts';

export function addGetCommand(program: Command): void {
  withCommon(program.command('get <collection> <id>'))
    .description('show one record')
    .option('--min-height <height>', 'wait until this block is shown', wholeNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  $ dxl get organisations skylark\n  $ dxl get trades trade-7 --json',
    )
    .action(
      async (
        collection: string,
        id: string,
        { minHeight }: { minHeight?: number },
        command: Command,
      ) => {
        const common = await readCommon(command);
        const { openClient } = await import('./session.ts');
        const found = await (await openClient(common)).get(collection, id, { minHeight });
        const { inSchemaOrder } = await import('./record-fields.ts');
        if (common.json) printJson(found);
        else print(fields(inSchemaOrder(collection, found.data)));
      },
    );
}
