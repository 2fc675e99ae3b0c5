import path from 'node:path';
import type { Command } from 'commander';
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { Rotation } from '../client/key-rotation.ts';
import type { Party } from '../client/party.ts';
import { keyRecord } from '../identity/state.ts';
import { showParty } from './key-request.ts';
import { exists } from './new-chain.ts';
import { readCommon, withCommon, type Common } from './options.ts';
import { remark } from './output.ts';

const guide = `
NEW is made first and kept, then one envelope that OLD signs registers it and revokes OLD. Cut off at any moment,
the same command goes on. NEW opens what was sealed to OLD as well. The passphrase of NEW is asked for; one of
DXL_PASSPHRASE_FILE is that of both.

--signing-only leaves the sealing key: for keys that are no ADMIN, and on ledgers of machine version 1.

Example:
  $ dxl key rotate seller.key seller-2027.key`;

interface RotateOptions {
  readonly signingOnly?: boolean;
}

export function addRotateCommand(key: Command): void {
  withCommon(key.command('rotate <old> <new>'))
    .description('replace a key by a new one, in a new file')
    .option('--signing-only', 'leave what is sealed to')
    .addHelpText('after', guide)
    .action(async (old: string, next: string, options: RotateOptions, command: Command) => {
      await rotate(await readCommon(command), { old, next }, options.signingOnly !== true);
    });
}

interface Files {
  readonly old: string;
  readonly next: string;
}

async function rotate(common: Common, files: Files, withSealing: boolean): Promise<void> {
  const { openClient } = await import('./session.ts');
  const client = await openClient(common, 'signing');
  const rotation = await openBoth(common, client, files, withSealing);
  const { isRegistered, rotationOperations } = await import('../client/key-rotation.ts');
  const { submitKept } = await import('./submit-kept.ts');
  const chainId = await client.chainId();
  const { old, next } = rotation;
  if ((await isRegistered(client, rotation)) && !(await isLeftOpen(common, files, old, chainId))) {
    remark(`${files.next} was registered before: nothing is left to do.`);
    showParty(common, files.next, next);
    return;
  }
  const { organisationId } = await client.read(keyRecord, old.signingKey.keyId);
  const lists = [rotationOperations(rotation, { chainId, organisationId })];
  await submitKept({ common, client, party: old, keyFile: files.old, files: [files.next], lists });
  remark(
    `${files.old} signs nothing any more. ${files.next} opens what was sealed to it, too: copy that file and its ` +
      `passphrase to two places, then destroy ${files.old}.`,
  );
}

/** The new keys are those of the file where an earlier command made it; else they are made now. */
async function openBoth(
  { config }: Common,
  client: ExchangeClient,
  files: Files,
  withSealing: boolean,
): Promise<Rotation> {
  const { openKeyFile, rotatedKeyFile, showKeyFile } =
    await import('../client/keystore/key-file.ts');
  const { checkNext, checkRotatable } = await import('../client/key-rotation.ts');
  const { readPassphrase } = await import('./passphrase.ts');
  // Before anybody types: a missing or damaged file is told at once.
  const shown = await showKeyFile(files.old);
  const isMade = await exists(files.next);
  if (isMade) await showKeyFile(files.next);
  else await checkRotatable(client, shown, { withSealing });
  const passphrase = await readPassphrase({ config, prompt: `Passphrase of ${files.old}` });
  if (!isMade) {
    const prompt = `New passphrase for ${files.next}`;
    const choose = () => readPassphrase({ config, prompt, confirm: true });
    const from = { path: files.old, passphrase };
    return rotatedKeyFile(from, { path: files.next, passphrase: choose, withSealing });
  }
  const old = await openKeyFile(files.old, passphrase);
  const itsOwn = await readPassphrase({ config, prompt: `Passphrase of ${files.next}` });
  const rotation = { old, next: await openKeyFile(files.next, itsOwn) };
  checkNext(rotation, files);
  return rotation;
}

/** Whether an earlier command of the old key was sent and its end not told. */
async function isLeftOpen(
  { config }: Common,
  { old: keyFile }: Files,
  { signingKey: { keyId, publicKey } }: Party,
  chainId: string,
): Promise<boolean> {
  const { FolderJournal } = await import('../client/journal/folder-journal.ts');
  const { sentFolder } = await import('./sent-folder.ts');
  const folder = path.join(await sentFolder({ config, keyFile, keyId }), chainId);
  return (await new FolderJournal(folder).left({ chainId, keyId, publicKey })).length > 0;
}
