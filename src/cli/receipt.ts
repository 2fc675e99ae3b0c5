import type { Command } from 'commander';
import type { Receipt, TransactionView } from '../client/views.ts';
import { usageError } from './exit.ts';
import { readCommon, withCommon } from './options.ts';
import { cellOf, fields, print, printJson } from './output.ts';

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
      const found = await (await openClient(common)).transaction(id);
      if (common.json) printJson(found);
      else print(transactionText(found));
    });
}

export const receiptText = (receipt: Receipt): string =>
  fields({
    result: receipt.resultCode === 0 ? 'OK' : `${receipt.resultName} (${receipt.resultCode})`,
    ...(receipt.detail === '' ? {} : { detail: receipt.detail }),
    envelope: receipt.envelopeId,
    block: `${receipt.height}, position ${receipt.position}`,
    time: new Date(receipt.timeMs).toISOString(),
    logIndex: receipt.logIndex,
    appHash: receipt.appHash,
  });

const transactionText = ({ receipt, keyId, sequence, operations }: TransactionView): string =>
  receiptText(receipt) +
  fields({ key: keyId, sequence }) +
  operations.map(({ name, command }) => `${cellOf(name)} ${cellOf(command)}\n`).join('');
