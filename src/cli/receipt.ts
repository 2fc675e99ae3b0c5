import type { Command } from 'commander';
import { momentText } from '../base/moment-text.ts';
import type { Receipt, TransactionView } from '../client/views.ts';
import { usageError } from './exit.ts';
import { readCommon, withCommon } from './options.ts';
import { cellOf, fields, print, printJson } from './output.ts';
import { zoneOf } from './zone.ts';

export function addReceiptCommand(program: Command): void {
  withCommon(program.command('receipt <id>'))
    .description('what became of an envelope')
    .addHelpText(
      'after',
      '\nExample:\n  $ dxl receipt 5f0c…e1   (the envelope id that `submit` showed)',
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const common = await readCommon(command);
      if (!/^[0-9a-f]{64}$/.test(id)) throw usageError('An envelope id is 64 digits of hex.');
      const { openClient } = await import('./session.ts');
      const client = await openClient(common);
      const found = await client.transaction(id);
      if (common.json) printJson(found);
      else print(transactionText(found, await zoneOf(client)));
    });
}

/** @param offsetMinutes of the zone of its time, east of UTC */
export const receiptText = (receipt: Receipt, offsetMinutes: number): string =>
  fields({
    result: receipt.resultCode === 0 ? 'OK' : `${receipt.resultName} (${receipt.resultCode})`,
    ...(receipt.detail === '' ? {} : { detail: receipt.detail }),
    envelope: receipt.envelopeId,
    block: `${receipt.height}, position ${receipt.position}`,
    time: momentText(receipt.timeMs, offsetMinutes),
    logIndex: receipt.logIndex,
    appHash: receipt.appHash,
  });

const transactionText = (
  { receipt, keyId, sequence, operations }: TransactionView,
  offsetMinutes: number,
): string =>
  receiptText(receipt, offsetMinutes) +
  fields({ key: keyId, sequence }) +
  operations.map(({ name, command }) => `${cellOf(name)} ${cellOf(command)}\n`).join('');
