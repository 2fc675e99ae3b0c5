import type { Command } from 'commander';
import type { Progressed } from '../client/content-file/get-file.ts';
import type { ReceivedTable } from '../client/table-delivery.ts';
import { open, peerOption } from './content.ts';
import { exitCodes } from './exit.ts';
import { keyOption, withCommon } from './options.ts';
import { fields, print, printJson, remark } from './output.ts';
import { durationOf } from './progress.ts';
import { receiptText } from './receipt.ts';
import { zoneOf } from './zone.ts';

const guide = `
\`send\` encrypts a file for the trade's buyer, keeps it at the exchange and signs trading.deliver, which
names its digest. It needs as much room as the file has, beside it, until that is applied. \`receive\` fetches
and opens it; no ciphertext is kept. Both go on where they were cut off, by the same command. Of any
length up to 100 GiB, in constant memory (docs/cli.md, "Delivery").

What is received is what the seller encrypted, whole: compare it with what was agreed before you accept
it by trading.accept-delivery, or reject it by trading.reject-delivery. A table that is sent with --opening is compared
with its registration on both sides: \`receive\` tells what differs, and keeps what opens it as FILE.opening.json
for \`dxl data check\`. Exit code 1: it is not what was registered, or not what was proved of its sample.

Examples:
  $ dxl delivery send t-7 birds.csv --opening birds.opening.json --key seller.key
  $ dxl delivery receive t-7 --to birds.csv --key buyer.key`;

export function addDeliveryCommands(program: Command): void {
  const delivery = program
    .command('delivery')
    .description('deliver the file of a trade, encrypted for its buyer, and receive it')
    .addHelpText('after', guide);
  withCommon(delivery.command('send <trade> <file>'))
    .description('encrypt a file for the buyer, send it and sign its delivery')
    .addOption(keyOption().makeOptionMandatory())
    .option(
      '--opening <file>',
      'of a registered table, which the buyer then checks: --write-opening',
    )
    .action(sendDelivery);
  withCommon(delivery.command('receive <trade>'))
    .description('fetch and open what was delivered')
    .addOption(keyOption().makeOptionMandatory())
    .requiredOption('--to <file>', 'file to write; never overwritten')
    .option(...peerOption)
    .action(receiveDelivery);
}

async function sendDelivery(
  tradeId: string,
  file: string,
  { key, opening }: { readonly key: string; readonly opening?: string },
  command: Command,
): Promise<void> {
  const { client, party, json, transfer } = await open(command, key, 'send');
  const [{ deliver }, { stat }] = await Promise.all([
    import('../client/deliver.ts'),
    import('node:fs/promises'),
  ]);
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  let encrypting = false;
  const { sent, receipt } = await deliver(client, party, {
    ...{ tradeId, file, ...(opening === undefined ? {} : { opening }) },
    onProgress(doing, { bytes = 0, of = size }) {
      if (doing === 'send') transfer.update({ bytes, of });
      else if (!encrypting && !json) remark(`encrypting ${size} bytes`);
      encrypting = true;
    },
  }).finally(() => transfer.end());
  if (json) printJson({ file, ...sent, receipt });
  else print(fields({ file, ...sent }) + receiptText(receipt, await zoneOf(client)));
}

async function receiveDelivery(
  tradeId: string,
  { key, to, peer = [] }: { readonly key: string; readonly to: string; readonly peer?: string[] },
  command: Command,
): Promise<void> {
  const { client, party, json, transfer } = await open(command, key, 'receive');
  const { receive } = await import('../client/deliver.ts');
  const startedMs = Date.now();
  const onProgress = (done: Progressed): void => transfer.update(done);
  const request = { tradeId, target: to, onProgress, peers: peer };
  const { plaintextBytes, plaintextDigest, table } = await receive(client, party, request).finally(
    () => transfer.end(),
  );
  const tookMs = Date.now() - startedMs;
  const shown = { file: to, bytes: plaintextBytes, sha256: plaintextDigest };
  if (json) printJson({ ...shown, table, tookMs });
  else print(fields({ ...shown, ...tableFields(table), took: durationOf(tookMs) }));
  if (table !== null && table.check.fault !== null) process.exitCode = exitCodes.refused;
  remark(
    'Compare it with what was agreed, then sign trading.accept-delivery or trading.reject-delivery.',
  );
}

function tableFields(table: ReceivedTable | null): Record<string, string> {
  if (table === null) return { 'compared with the registration': 'no: it came without an opening' };
  const { opening, check } = table;
  const { version, notCovered } = check.verdict;
  return {
    opening,
    'compared with the registration': `${check.fault ?? 'in order'}, by fingerprint version ${version}`,
    found: check.detail,
    ...(notCovered.length === 0 ? {} : { 'not covered': notCovered.join('; ') }),
  };
}
