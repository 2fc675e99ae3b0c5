/** `dxl witness`: what keeps an exchange from showing two histories. */
import path from 'node:path';
import type { Command } from 'commander';
import { digestArgument, portNumber, wholeNumber } from './arguments.ts';
import { momentText } from '../base/moment-text.ts';
import { usageError } from './exit.ts';
import { jsonOption, readCommon } from './options.ts';
import { fields, print, printJson, remark, table } from './output.ts';

const guide = `
A witness cosigns an exchange's checkpoints where each continues the one before, and refuses for ever
where the exchange signed two histories: both signed notes are then evidence that anybody can check.
It has a folder, a key and a memory of its own, and belongs on another organisation's machine.

Examples:
  $ dxl witness init --name witness.example/w1
  $ dxl witness follow https://exchange.example --genesis-hash 7c1f…09
  $ dxl witness run --listen 127.0.0.1:8090
  $ dxl witness compare one.note other.note --key 'dxl/my-exchange/7c1f…+…'

docs/witness.md explains, also for the exchange's side.`;

interface FolderOptions {
  readonly dir?: string;
}

const dirOption = ['--dir <folder>', 'folder of the witness; witness/ of the data folder'] as const;

export function addWitnessCommands(program: Command): void {
  const witness = program
    .command('witness')
    .description('cosign the checkpoints of exchanges, and catch two histories')
    .addHelpText('after', guide);
  witness
    .command('init')
    .description('make a witness: its key and its empty memory')
    .requiredOption('--name <name>', 'its name, best like an address: witness.example/w1')
    .option(...dirOption)
    .addOption(jsonOption())
    .action(init);
  witness
    .command('follow <url>')
    .description('follow the log of the exchange at this address')
    .option('--genesis-hash <hex>', 'genesis hash known from elsewhere', digestArgument)
    .option(...dirOption)
    .addOption(jsonOption())
    .action(follow);
  witness
    .command('run')
    .description('fetch, check and cosign until Ctrl-C, and answer submissions')
    .option('--listen <host:port>', 'take submissions here (c2sp.org/tlog-witness)')
    .option('--port <port>', 'the same, on 127.0.0.1', portNumber)
    .option('--interval <seconds>', 'between two looks at each log', wholeNumber, 5)
    .option('--clock-tolerance <seconds>', 'between clocks of log and witness', wholeNumber, 300)
    .option('--once', 'look at each log once, and end with 1 where one is not cosigned')
    .option(...dirOption)
    .addOption(jsonOption())
    .action(run);
  witness
    .command('status')
    .description('show what was cosigned')
    .option(...dirOption)
    .addOption(jsonOption())
    .action(status);
  addCompareCommand(witness);
}

function addCompareCommand(witness: Command): void {
  witness
    .command('compare <file> [other]')
    .description('two signed notes, or a file of evidence: do they show two histories?')
    .option('--key <verifier key>', 'of the log, as /v1/log and its operator name it')
    .option('--out <file>', 'write the evidence to this file')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExit code 1 where the log provably signed two histories, 0 where that is not shown.',
    )
    .action(async (file: string, other: string | undefined, options: unknown, command: Command) => {
      const { compareNotes } = await import('./witness-compare.ts');
      await compareNotes(file, other, options as { key?: string; out?: string }, command);
    });
}

async function folderOf({ dir }: FolderOptions, command: Command) {
  const { config, json } = await readCommon(command);
  return { dir: path.resolve(dir ?? path.join(config.dataDir, 'witness')), json };
}

async function init(options: FolderOptions & { name: string }, command: Command): Promise<void> {
  const { dir, json } = await folderOf(options, command);
  const [{ makeWitness }, { witnessFiles }, { witnessKeyOf }, { formatVerifierKey }] =
    await Promise.all([
      import('../witness/key-file.ts'),
      import('../witness/witness-files.ts'),
      import('../chain/checkpoint/cosignature.ts'),
      import('../chain/checkpoint/note.ts'),
    ]);
  const { name, key } = await makeWitness(witnessFiles(dir), options.name);
  const made = { dir, name, key: formatVerifierKey(witnessKeyOf(name, key)) };
  if (json) printJson(made);
  else print(fields(made));
  remark('Give the key to the exchange’s operator, and to everybody who shall count on it.');
}

async function follow(
  url: string,
  options: FolderOptions & { genesisHash?: string },
  command: Command,
): Promise<void> {
  const { dir, json } = await folderOf(options, command);
  if (!/^https?:\/\/\S+$/.test(url) || !URL.canParse(url)) {
    throw usageError(`${url} is no http or https address.`);
  }
  if (options.genesisHash !== undefined && !/^[0-9a-f]{64}$/.test(options.genesisHash)) {
    throw usageError('A genesis hash is 64 digits of lower-case hex.');
  }
  const [{ followLog }, { witnessFiles }, { openWitnessKey }] = await Promise.all([
    import('../witness/follow.ts'),
    import('../witness/witness-files.ts'),
    import('../witness/key-file.ts'),
  ]);
  const files = witnessFiles(dir);
  await openWitnessKey(files);
  const address = url.replace(/\/+$/, '');
  const pinned = await followLog(files.logsFile, address, options.genesisHash ?? null);
  if (json) printJson(pinned);
  else print(fields({ ...pinned }));
  if (options.genesisHash === undefined) {
    remark('Compare the genesis hash with one that you had from elsewhere: it was taken on trust.');
  }
  if (!pinned.claimed) remark('No block signer vouches for this key; ask the operator for it.');
}

interface RunOptions extends FolderOptions {
  readonly listen?: string;
  readonly port?: number;
  readonly interval: number;
  readonly clockTolerance: number;
  readonly once?: boolean;
}

async function run(options: RunOptions, command: Command): Promise<void> {
  if (options.interval === 0) throw usageError('--interval is 1 second or more.');
  const { dir, json } = await folderOf(options, command);
  const { runWitness } = await import('./witness-run.ts');
  await runWitness({
    ...{ dir, json },
    listen: options.listen ?? (options.port === undefined ? null : `127.0.0.1:${options.port}`),
    intervalMs: options.interval * 1000,
    toleranceS: options.clockTolerance,
    once: options.once === true,
  });
}

async function status(options: FolderOptions, command: Command): Promise<void> {
  const { dir, json } = await folderOf(options, command);
  const [{ StateFile }, { witnessFiles }] = await Promise.all([
    import('../witness/state-file.ts'),
    import('../witness/witness-files.ts'),
  ]);
  const { logs } = await StateFile.open(witnessFiles(dir).stateFile);
  const rows = [...logs].map(([origin, { body, timestampS, halted }]) => ({
    ...{ origin, size: body.size, halted },
    time: new Date(timestampS * 1000).toISOString(),
  }));
  if (json) {
    printJson(rows);
    return;
  }
  print(
    table([
      ['LOG', 'LEAVES', 'COSIGNED', 'STATE'],
      ...rows.map(({ origin, size, time, halted }) => [
        // The witness's own clock set it: no exchange's zone is asked for.
        ...[origin, String(size), momentText(Date.parse(time), 0)],
        halted ?? 'followed',
      ]),
    ]),
  );
}
