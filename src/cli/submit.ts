import { Option, type Command } from 'commander';
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { NamedOperation } from '../client/commands.ts';
import { usageError } from './exit.ts';
import { readJsonInput } from './input.ts';
import { apiOption, keyOption, patienceOption, readCommon } from './options.ts';

const guide = `
The file holds the operation's fields as a JSON object (amounts as text, in fen). For several operations
that are applied together or not at all, leave OPERATION out and give a list:
  [{"operation": "listing.draft", "command": {…}}, {"operation": "…", "command": {…}}]
Several files are several envelopes, sent in one request, in order and each by itself: --json a.json b.json.
An admission request (\`dxl key request\`) can be given to identity.admit as it is: it is checked first.

What is signed is kept beside the key file until its receipt was shown. What an earlier command left there is
sent again first, the same bytes: the same command gets the receipt of it instead of a second effect (dxl sent).

For a receipt as JSON put --json before the command: dxl --json submit …

Examples:
  $ dxl submit rights.submit --json registration.json --key seller.key
  $ echo '{"tradeId": "t-1"}' | dxl submit trading.accept-delivery --json - --key buyer.key
  $ dxl submit --json several.json --key seller.key
  $ dxl submit rights.submit --json registrations/*.json --key seller.key`;

export function addSubmitCommand(program: Command): void {
  program
    .command('submit [operation]')
    .description('sign operations and send them to the exchange')
    .addOption(new Option('--json <file...>', 'the command as JSON; - for standard input'))
    .addOption(keyOption())
    .addOption(apiOption())
    .addOption(patienceOption())
    .addHelpText('after', guide)
    .action(
      async (
        operation: string | undefined,
        options: { json?: string[]; key?: string },
        command: Command,
      ) => {
        const common = await readCommon(command);
        const { key, json: files = [] } = options;
        const [first] = files;
        if (first === undefined) throw usageError('Name the file with the command: --json FILE.');
        if (files.filter((file) => file === '-').length > 1) {
          throw usageError('Standard input (-) can be given once.');
        }
        if (key === undefined) throw usageError('Name the key to sign with: --key FILE.');
        const { openClient, openParty } = await import('./session.ts');
        const client = await openClient(common, 'signing');
        const lists = [];
        for (const file of files) {
          lists.push(await operationsOf(client, operation, await readJsonInput(file)));
        }
        const party = await openParty(common, key);
        const { submitKept } = await import('./submit-kept.ts');
        await submitKept({ common, client, party, keyFile: key, files, lists });
      },
    );
}

async function operationsOf(
  client: ExchangeClient,
  operation: string | undefined,
  input: unknown,
): Promise<NamedOperation[]> {
  const { operationFromJson } = await import('../client/commands.ts');
  if (operation === undefined) {
    return entriesOf(input).map(({ operation: name, command }) => operationFromJson(name, command));
  }
  const { isAdmissionRequest, readAdmissionRequest } = await import('../client/admission.ts');
  if (operation === 'identity.admit' && isAdmissionRequest(input)) {
    const { command } = readAdmissionRequest(input, await client.chainId());
    return [{ name: operation, command }];
  }
  return [operationFromJson(operation, input)];
}

function entriesOf(input: unknown): { operation: string; command: unknown }[] {
  if (!Array.isArray(input) || input.length === 0) {
    throw usageError('Without OPERATION the file holds a list: [{"operation", "command"}, …].');
  }
  return input.map((entry: unknown, index) => {
    const { operation, command, ...others } = (entry ?? {}) as Record<string, unknown>;
    if (typeof operation === 'string' && command !== undefined && isEmpty(others)) {
      return { operation, command };
    }
    throw usageError(`/${index} of the list is not {"operation": …, "command": …}.`);
  });
}

const isEmpty = (value: object): boolean => Object.keys(value).length === 0;
