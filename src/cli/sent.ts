import type { Command } from 'commander';
import { momentText } from '../base/moment-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { KeptEnvelope } from '../client/journal/kept-envelope.ts';
import { isRefusal } from '../client/problem-error.ts';
import type { Receipt } from '../client/views.ts';
import { usageError } from './exit.ts';
import { keyOption, readCommon, withCommon, type Common } from './options.ts';
import { print, printJson, remark, table } from './output.ts';
import { receiptText } from './receipt.ts';
import { zoneOf } from './zone.ts';

const guide = `
\`dxl submit\` keeps what it signs beside the key file (KEY.sent) until it has shown what became of it. What a
killed or interrupted command has left there, the next one with that key sends again, the same bytes, and
shows its receipt before it signs anything else.

--give-up asks the exchange what became of it without sending it again, and forgets what was applied or can
never be: where a block after its expiry height is there and none holds it. Anything else stays.

Examples:
  $ dxl sent --key buyer.key
  $ dxl sent --key buyer.key --give-up`;

export function addSentCommand(program: Command): void {
  withCommon(program.command('sent'))
    .description('what was signed, and whose end is not known yet')
    .addOption(keyOption())
    .option('--give-up', 'forget what is proved to be applied, or to be dead')
    .addHelpText('after', guide)
    .action(async (options: { key?: string; giveUp?: boolean }, command: Command) => {
      const common = await readCommon(command);
      if (options.key === undefined) throw usageError('Name the key: --key FILE.');
      if (options.giveUp === true) await giveUp(common, options.key);
      else await show(common, options.key);
    });
}

async function show({ config, json }: Common, keyFile: string): Promise<void> {
  const { showKeyFile } = await import('../client/keystore/key-file.ts');
  const { sentChains } = await import('./sent-folder.ts');
  const { FolderJournal } = await import('../client/journal/folder-journal.ts');
  const { operationNames } = await import('../client/journal/kept-envelope.ts');
  const { keyId, publicKey } = await showKeyFile(keyFile);
  const found = [];
  for (const { chainId, folder } of await sentChains({ config, keyFile, keyId })) {
    const left = await new FolderJournal(folder).left({ chainId, keyId, publicKey });
    for (const kept of left) {
      const { id: envelope, sequence, expiryHeight, file, keptAtMs } = kept;
      const signedAtMs = Math.floor(keptAtMs);
      const operations = operationNames(kept);
      found.push({ chainId, envelope, operations, signedAtMs, sequence, expiryHeight, file });
    }
  }
  if (json) return printJson(found);
  if (found.length === 0) return remark(`Nothing of ${keyFile} is left open.`);
  const head = ['chain', 'operations', 'signed', 'number', 'until height', 'envelope'];
  print(
    table([
      head,
      ...found.map((one) => [
        ...[one.chainId, one.operations, momentText(one.signedAtMs, 0)],
        ...[String(one.sequence), String(one.expiryHeight), one.envelope],
      ]),
    ]),
  );
}

async function giveUp(common: Common, keyFile: string): Promise<void> {
  const { showKeyFile } = await import('../client/keystore/key-file.ts');
  const { holdJournal } = await import('./sent-folder.ts');
  const { openClient, patienceMsOf } = await import('./session.ts');
  const { keyId, publicKey } = await showKeyFile(keyFile);
  const client = await openClient(common);
  const signer = { chainId: await client.chainId(), keyId, publicKey };
  const place = { config: common.config, keyFile, keyId };
  const patienceMs = common.patienceMs ?? patienceMsOf.signing;
  const held = await holdJournal(place, signer, patienceMs);
  try {
    const left = await held.journal.left(signer);
    if (left.length === 0) remark(`Nothing of ${keyFile} is left open on ${signer.chainId}.`);
    const open = [];
    for (const kept of left) {
      const fate = await fateOf(client, kept);
      if (typeof fate === 'number') {
        open.push({ kept, height: fate });
        continue;
      }
      await tell(client, kept, fate, common.json);
      await held.journal.drop([kept.id]);
    }
    for (const { kept, height } of open) throw stillOpen(kept, height, signer.chainId);
  } finally {
    await held.release();
  }
}

/** Its receipt; `dead`; or the height of the chain where a later block may hold it. */
async function fateOf(
  client: ExchangeClient,
  { id, expiryHeight }: KeptEnvelope,
): Promise<Receipt | 'dead' | number> {
  // In this order: what is then not found stands in no block up to this height.
  const { height } = await client.status();
  try {
    return (await client.transaction(id)).receipt;
  } catch (error) {
    if (!isRefusal(error, 'NOT_FOUND')) throw error;
    return height >= expiryHeight ? 'dead' : height;
  }
}

async function tell(
  client: ExchangeClient,
  { id, expiryHeight }: KeptEnvelope,
  fate: Receipt | 'dead',
  json: boolean,
): Promise<void> {
  if (fate !== 'dead') {
    if (json) printJson({ envelope: id, receipt: fate });
    else print(receiptText(fate, await zoneOf(client)));
    return;
  }
  if (json) return printJson({ envelope: id, receipt: null });
  print(
    `${id}\n  no block up to its last height, ${expiryHeight}, holds it: it never takes effect\n`,
  );
}

const stillOpen = (
  { id, expiryHeight, file }: KeptEnvelope,
  height: number,
  chainId: string,
): OperationalError =>
  new OperationalError(
    'ENVELOPE_OPEN',
    `Envelope ${id} stands in no block of ${chainId} up to height ${height}, but may be taken up ` +
      `to height ${expiryHeight}, so it is not given up. Ask again when the chain is there; or see ` +
      'it to its end by any `dxl submit` with this key. Who deletes ' +
      `${file} forgets it on this machine only: it may still take effect.`,
  );
