import type { Command } from 'commander';
import { digestArgument } from './arguments.ts';
import { exitCodes, usageError } from './exit.ts';
import { readBytesInput } from './input.ts';
import { readCommon, withCommon } from './options.ts';
import { print, printJson } from './output.ts';
import { checkDigests, readKept } from './trusted.ts';

interface Options {
  readonly genesisHash?: string;
  readonly blockSigner?: string;
  readonly validatorsHash?: string;
  readonly checkpoint?: string;
  readonly since?: string;
  readonly strict?: boolean;
}

const guide = `
Takes a dossier (\`dxl dossier\`) or a proof file (\`dxl prove\`, or an answer of /v1/proofs) and asks no
exchange and no network. Exit code 0 where what it holds is shown, 1 where a claim fails or a proof file's
claim is not shown. A dossier's report begins with what became of each trade: one that was cancelled,
refunded or never paid is told truthfully by a file that HOLDS. --strict refuses it, and a file of which
a claim is NOT SHOWN; a claim that DOES NOT APPLY to these trades (of a computation, say, where only a
file was sold) leaves nothing open. Without --genesis-hash (or a checkpoint of your own) a file is only
shown to fit some chain: compare the hash with one you trust.

Examples:
  $ dxl verify trade.dossier.json
  $ dxl verify trade.dossier.json --genesis-hash 7c1f…09 --json
  $ dxl verify listing.json --since kept.json`;

export function addVerifyCommand(program: Command): void {
  withCommon(program.command('verify <file>'))
    .description('check a dossier or a proof file offline, claim by claim')
    .option('--genesis-hash <hex>', 'genesis hash known from elsewhere', digestArgument)
    .option(
      '--block-signer <hex>',
      'public key that signs blocks, known from elsewhere',
      digestArgument,
    )
    .option('--checkpoint <file>', 'the very checkpoint that a proof file must be under')
    .option('--since <file>', 'a checkpoint kept earlier, which a proof file must go on from')
    .option(
      '--validators-hash <hex>',
      'hash of the CometBFT validator set, known from elsewhere',
      digestArgument,
    )
    .option(
      '--strict',
      'a claim NOT SHOWN counts as one that fails; so does a warning about a trade',
    )
    .addHelpText('after', guide)
    .action(verify);
}

interface Verdict {
  readonly report: { readonly notShown: number; readonly concerns?: readonly string[] };
  readonly text: () => string;
  readonly refused: boolean;
}

async function verify(file: string, options: Options, command: Command): Promise<void> {
  const { json } = await readCommon(command);
  const { genesisHash, blockSigner, validatorsHash } = options;
  checkDigests({ genesisHash, blockSigner, validatorsHash });
  const bytes = await readBytesInput(file);
  const judge = isProofFile(bytes) ? judgeProof : judgeDossier;
  const { report, text, refused } = await judge(bytes, options);
  if (json) printJson(report);
  else print(text());
  const isOpen = report.notShown > 0 || (report.concerns ?? []).length > 0;
  const open = options.strict === true && isOpen;
  if (refused || open) process.exitCode = exitCodes.refused;
}

/** By the name of its format, which stands in clear in every file of ours, damaged or not. */
const isProofFile = (bytes: Buffer): boolean => bytes.includes('"format":"dxl/proof/');

async function judgeProof(bytes: Uint8Array, options: Options): Promise<Verdict> {
  const [{ verifyProof }, { proofReportText }, trustedCheckpoint, since] = await Promise.all([
    import('../proof/verify.ts'),
    import('./proof-report.ts'),
    options.checkpoint === undefined ? undefined : readKept(options.checkpoint),
    options.since === undefined ? undefined : readKept(options.since),
  ]);
  const { genesisHash, blockSigner, validatorsHash } = options;
  const report = verifyProof(bytes, {
    trustedGenesisHash: genesisHash,
    trustedBlockSigner: blockSigner,
    trustedValidatorsHash: validatorsHash,
    trustedCheckpoint,
    since,
  });
  const text = () => proofReportText(report);
  return { report, text, refused: report.outcome !== 'HOLDS' };
}

async function judgeDossier(bytes: Uint8Array, options: Options): Promise<Verdict> {
  if (options.checkpoint !== undefined || options.since !== undefined) {
    throw usageError('--checkpoint and --since are for proof files; this is none.');
  }
  const [{ verifyDossier }, { dossierReportText }] = await Promise.all([
    import('../dossier/verify.ts'),
    import('./dossier-report.ts'),
  ]);
  const report = verifyDossier(bytes, {
    trustedGenesisHash: options.genesisHash,
    trustedBlockSigner: options.blockSigner,
    trustedValidatorsHash: options.validatorsHash,
  });
  return { report, text: () => dossierReportText(report), refused: report.outcome === 'FAILS' };
}
