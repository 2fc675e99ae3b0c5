import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { WantedProofs } from '../client/views.ts';
import type { HeaderRead } from '../proof/checkpoint.ts';
import type { ProofFile } from '../proof/schema.ts';
import { digestArgument, wholeNumber, wholeNumbers } from './arguments.ts';
import { exitCodes, usageError } from './exit.ts';
import { readCommon, withCommon } from './options.ts';
import { print, printJson, remark } from './output.ts';
import { proofReportText } from './proof-report.ts';
import { checkDigests, readKept } from './trusted.ts';

interface Flags {
  readonly out: string;
  readonly since?: string;
  readonly genesisHash?: string;
  readonly validatorsHash?: string;
}

interface ConsistencyFlags extends Flags {
  readonly first?: number;
  readonly second?: number;
}

const guide = `
Writes a proof file: it is checked with \`dxl verify FILE\`, without any exchange, or at /verify of any
node. What the file shows is printed, verified; nothing of the exchange's answer is taken for granted.

Examples:
  $ dxl prove checkpoint --out kept.json                      keep this; compare later
  $ dxl prove state listing/birds-2019 --out listing.json     what is there now, or that nothing is
  $ dxl prove inclusion 17 18 --out leaves.json --since kept.json
  $ dxl prove transaction 7c1f…09 --out transaction.json
  $ dxl prove consistency --since kept.json --out grown.json`;

export function addProveCommands(program: Command): void {
  const prove = program
    .command('prove')
    .description('get a proof of what the ledger holds, as a file that anybody can check')
    .addHelpText('after', guide);
  const add = (usage: string, description: string): Command =>
    withCommon(prove.command(usage))
      .description(description)
      .requiredOption('--out <file>', 'file to write; never overwritten')
      .option(
        '--since <file>',
        'checkpoint or proof file kept earlier: show that the log only grew',
      )
      .option('--genesis-hash <hex>', 'genesis hash known from elsewhere', digestArgument)
      .option(
        '--validators-hash <hex>',
        'hash of the CometBFT validator set, known from elsewhere',
        digestArgument,
      )
      .addHelpText('after', '\nExamples: dxl prove --help');
  add('checkpoint', 'the newest checkpoint, to be kept').action((flags: Flags, command: Command) =>
    run(command, flags, {}),
  );
  add('inclusion', 'that leaves stand in the event log')
    .argument('<logIndex...>', 'places in the log, from 0', wholeNumbers)
    .action((logIndexes: readonly number[], flags: Flags, command: Command) =>
      run(command, flags, { logIndexes: [...new Set(logIndexes)] }),
    );
  add('transaction <id>', 'that a transaction’s receipt and events stand in the event log').action(
    (id: string, flags: Flags, command: Command) => {
      checkDigests({ id });
      return run(command, flags, async (client) => ({
        logIndexes: await leavesOf(client, id),
      }));
    },
  );
  add(
    'state <key...>',
    'what the state holds at keys <kind>/<id>, or that it holds nothing',
  ).action((keys: readonly string[], flags: Flags, command: Command) =>
    run(command, flags, { keys: [...new Set(keys)] }),
  );
  add('consistency', 'that the log of an earlier checkpoint is the beginning of a later one')
    .option('--first <size>', 'log size of the earlier checkpoint', wholeNumber)
    .option('--second <size>', 'log size of the later one; default: the newest', wholeNumber)
    .action((flags: ConsistencyFlags, command: Command) =>
      run(command, flags, consistencyOf(flags)),
    );
}

function consistencyOf({ first, second, since }: ConsistencyFlags): WantedProofs {
  if (first === undefined && since === undefined) {
    throw usageError('Name the earlier checkpoint: --since FILE, or --first SIZE.');
  }
  if (first !== undefined && second !== undefined && first > second) {
    throw usageError(`--first ${first} is above --second ${second}.`);
  }
  return {
    ...(first === undefined ? {} : { earlier: [first] }),
    ...(second === undefined ? {} : { logSize: second }),
  };
}

async function leavesOf(client: ExchangeClient, id: string): Promise<number[]> {
  const { leaves } = await client.proveTransaction(id);
  return leaves.map(({ logIndex }) => logIndex);
}

type Asked = WantedProofs | ((client: ExchangeClient) => Promise<WantedProofs>);

async function run(command: Command, flags: Flags, asked: Asked): Promise<void> {
  const common = await readCommon(command);
  const { genesisHash, validatorsHash } = flags;
  checkDigests({ genesisHash, validatorsHash });
  const [{ openClient }, { encodeProofFile }, { verifyProof }] = await Promise.all([
    import('./session.ts'),
    import('../proof/file.ts'),
    import('../proof/verify.ts'),
  ]);
  const since = flags.since === undefined ? undefined : await readKept(flags.since);
  const client = await openClient(common);
  const wanted = typeof asked === 'function' ? await asked(client) : asked;
  const file = await askFor(client, wanted, since);
  const bytes = await encodeOr(encodeProofFile, file);
  const report = verifyProof(bytes, {
    since,
    trustedGenesisHash: genesisHash,
    trustedValidatorsHash: validatorsHash,
  });
  await writeFile(flags.out, bytes, { flag: 'wx' }).catch((cause: unknown) => {
    throw usageError(`${flags.out} cannot be written: ${(cause as Error).message}.`);
  });
  if (common.json) printJson({ file: flags.out, bytes: bytes.length, report });
  else print(`${proofReportText(report)}${flags.out}: ${bytes.length} bytes\n`);
  if (report.outcome !== 'HOLDS') process.exitCode = exitCodes.refused;
}

/** With the kept checkpoint's log; without it where the exchange says that it never had such a log. */
async function askFor(
  client: ExchangeClient,
  wanted: WantedProofs,
  since: HeaderRead | undefined,
): Promise<ProofFile> {
  const size = since?.header.logSize ?? 0;
  if (size === 0) return client.prove(wanted);
  const earlier = [...new Set([...(wanted.earlier ?? []), size])];
  const { ProblemError } = await import('../client/problem-error.ts');
  return client.prove({ ...wanted, earlier }).catch(async (error: unknown) => {
    const isUnknown =
      error instanceof ProblemError && error.problem.name === 'CHECKPOINT_NOT_FOUND';
    if (!isUnknown) throw error;
    remark(`The exchange shows no block with a log of ${size} leaves, which the kept one has.`);
    return client.prove(wanted);
  });
}

async function encodeOr(
  encode: (file: ProofFile) => Uint8Array,
  file: ProofFile,
): Promise<Uint8Array> {
  const { OperationalError } = await import('../base/operational-error.ts');
  try {
    return encode(file);
  } catch (cause) {
    const problem = `The exchange answered no proof file: ${(cause as Error).message}.`;
    throw new OperationalError('EXCHANGE_ANSWER', `${problem} Check the address.`, { cause });
  }
}
