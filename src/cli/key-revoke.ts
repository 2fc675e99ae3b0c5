import type { Command } from 'commander';
import { keyRecord } from '../identity/state.ts';
import { digestArgument } from './arguments.ts';
import { usageError } from './exit.ts';
import { keyOption, readCommon, withCommon } from './options.ts';

const guide = `
By an ADMIN of the key's organisation, or by the operator; from the next envelope on the key signs nothing. A key
does not revoke itself: rotate it. The last key of an organisation is revoked with --last only: after that it signs
nothing until its keys are recovered, and \`dxl key recover\` begins that.

Example:
  $ dxl key revoke 5c1f… --reason 'The laptop was stolen' --key admin.key`;

interface RevokeOptions {
  readonly reason: string;
  readonly key?: string;
  readonly last?: boolean;
}

export function addRevokeCommand(key: Command): void {
  withCommon(key.command('revoke'))
    .argument('<key-id>', 'as `dxl key show` prints it', digestArgument)
    .description('revoke a key of the own organisation; as operator, of any')
    .requiredOption('--reason <text>', 'why; everybody can read it')
    .option('--last', 'also where it is the last key of its organisation')
    .addOption(keyOption())
    .addHelpText('after', guide)
    .action(revoke);
}

async function revoke(keyId: string, options: RevokeOptions, command: Command): Promise<void> {
  const common = await readCommon(command);
  const { key: keyFile, reason, last = false } = options;
  if (keyFile === undefined) throw usageError('Name the key to sign with: --key FILE.');
  const { openClient, openParty } = await import('./session.ts');
  const { isLastKey } = await import('../client/last-key.ts');
  const client = await openClient(common, 'signing');
  const key = await client.read(keyRecord, keyId);
  if (!last && (await isLastKey(client, key))) {
    throw usageError(
      `${keyId} is the last key of ${key.organisationId}: once it is revoked, nobody signs for it until its keys are ` +
        'recovered (dxl key recover), which takes its publicity period. To revoke it all the same: --last',
    );
  }
  const party = await openParty(common, keyFile);
  const { submitKept } = await import('./submit-kept.ts');
  const lists = [[{ name: 'identity.revoke-key', command: { keyId, reason } }]];
  await submitKept({ common, client, party, keyFile, files: [keyId], lists });
}
