import type { Command } from 'commander';
import type { Progressed } from '../client/content-file/get-file.ts';
import { addressArgument, digestArgument } from './arguments.ts';
import { keyOption, readCommon, withCommon } from './options.ts';
import { fields, print, printJson } from './output.ts';
import { durationOf } from './progress.ts';

const guide = `
Files of any length up to 100 GiB, in parts of 64 MiB, each checked by its SHA-256 (docs/content.md). Cut
off at any moment, the same command goes on: \`put\` sends the parts that the exchange lacks, \`get\` fetches
those that are not there yet. Encrypt first: the exchange can read what it keeps. For the file of a trade
see \`dxl delivery\`, which encrypts it for the buyer.

Content is given to whom a record names that names its digest; before that to who sent it.

Examples:
  $ dxl content put evidence.zip --about trade/t-7 --key buyer.key
  $ dxl content get 3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351 \\
      --to evidence.zip --key operator.key`;

/** Collects repeated `--peer`. */
export const peerArgument = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  addressArgument(text),
];

export const peerOption = [
  '--peer <url>',
  'another node of the chain, asked for parts that the first lacks; repeatable',
  peerArgument,
] as const;

export function addContentCommands(program: Command): void {
  const content = program
    .command('content')
    .description('keep files at the exchange, and fetch them by their digest')
    .addHelpText('after', guide);
  withCommon(content.command('put <file>'))
    .description('keep a file at the exchange; shows the digest that a record names')
    .addOption(keyOption().makeOptionMandatory())
    .option('--about <kind/id>', 'the record that needs it, for example trade/t-7')
    .action(putContent);
  withCommon(content.command('get'))
    .description('fetch content into a file')
    .argument('<digest>', 'as a record names it', digestArgument)
    .addOption(keyOption().makeOptionMandatory())
    .requiredOption('--to <file>', 'file to write; never overwritten')
    .option(...peerOption)
    .action(getContent);
}

async function putContent(
  file: string,
  { key, about }: { readonly key: string; readonly about?: string },
  command: Command,
): Promise<void> {
  const { client, party, json, transfer } = await open(command, key, 'put');
  const startedMs = Date.now();
  const digest = await client
    .putFile(party, {
      file,
      ...(about === undefined ? {} : { about }),
      onProgress: (done) => transfer.update(done),
    })
    .finally(() => transfer.end());
  const tookMs = Date.now() - startedMs;
  if (json) printJson({ file, digest, tookMs });
  else print(fields({ file, digest, took: durationOf(tookMs) }));
}

async function getContent(
  digest: string,
  { key, to, peer }: { readonly key: string; readonly to: string; readonly peer?: string[] },
  command: Command,
): Promise<void> {
  const { client, party, json, transfer } = await open(command, key, 'get');
  const startedMs = Date.now();
  const request = { digest, target: to, onProgress: (done: Progressed) => transfer.update(done) };
  await client.getFile(party, request, peer).finally(() => transfer.end());
  const tookMs = Date.now() - startedMs;
  if (json) printJson({ file: to, digest, tookMs });
  else print(fields({ file: to, digest, took: durationOf(tookMs) }));
}

/** Who transfers waits for a node that is away as long as who signs: much is on its way. */
export async function open(command: Command, key: string, label: string) {
  const common = await readCommon(command);
  const [{ openClient, openParty }, { openTransfer }] = await Promise.all([
    import('./session.ts'),
    import('./transfer-progress.ts'),
  ]);
  const client = await openClient(common, 'signing');
  const party = await openParty(common, key);
  const transfer = await openTransfer({ label, quiet: common.json });
  return { client, party, json: common.json, transfer };
}
