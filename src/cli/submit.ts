import { Option, type Command } from 'commander';
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { NamedOperation } from '../client/commands.ts';
import type { Party } from '../client/party.ts';
import { describeError, exitCodeOf, exitCodes, usageError } from './exit.ts';
import { readJsonInput } from './input.ts';
import { apiOption, keyOption, patienceOption, readCommon } from './options.ts';
import { print, printJson, remark } from './output.ts';
import { receiptText } from './receipt.ts';
import { zoneOf } from './zone.ts';

const guide = `
The file holds the operation's fields as a JSON object (amounts as text, in fen). For several operations
that are applied together or not at all, leave OPERATION out and give a list:
  [{"operation": "listing.draft", "command": {…}}, {"operation": "…", "command": {…}}]
Several files are several envelopes, sent in one request, in order and each by itself: --json a.json b.json.
An admission request (\`dxl key request\`) can be given to identity.admit as it is: it is checked first.

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
        if (files.length === 1) await submitOne(client, party, lists[0] ?? [], common.json);
        else await submitSeveral(client, party, { files, lists }, common.json);
      },
    );
}

async function submitOne(
  client: ExchangeClient,
  party: Party,
  operations: readonly NamedOperation[],
  json: boolean,
): Promise<void> {
  const receipt = await client.submit(party, operations);
  if (json) printJson(receipt);
  else print(receiptText(receipt, await zoneOf(client)));
  remark(`Applied: ${operations.map(({ name }) => name).join(', ')}`);
}

interface Several {
  readonly files: readonly string[];
  readonly lists: readonly (readonly NamedOperation[])[];
}

/** Shows what became of each file; ends with the worst of their exit codes. */
async function submitSeveral(
  client: ExchangeClient,
  party: Party,
  { files, lists }: Several,
  json: boolean,
): Promise<void> {
  const outcomes = await client.submitMany(party, lists);
  const offsetMinutes = json ? 0 : await zoneOf(client);
  for (const [at, outcome] of outcomes.entries()) {
    const file = files[at] ?? '';
    if (json)
      printJson(outcome.ok ? { file, receipt: outcome.receipt } : refusalJson(file, outcome));
    else if (outcome.ok) print(`${file}\n${indented(receiptText(outcome.receipt, offsetMinutes))}`);
    else print(`${file}\n${indented(describeError(outcome.error, { json: false, debug: false }))}`);
  }
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [exitCodeOf(outcome.error)]));
  remark(`Applied: ${outcomes.length - refused.length} of ${outcomes.length} envelopes`);
  process.exitCode = Math.max(exitCodes.ok, ...refused);
}

const refusalJson = (file: string, { error }: { readonly error: Error }): unknown => ({
  file,
  ...(JSON.parse(describeError(error, { json: true, debug: false })) as object),
});

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

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
