import type { Command } from 'commander';
import type { DossierReport } from '../dossier/report.ts';
import { exitCodes, usageError } from './exit.ts';
import { readBytesInput } from './input.ts';
import { readCommon, withCommon } from './options.ts';
import { fields, print, printable, printJson, table } from './output.ts';

interface Options {
  readonly genesisHash?: string;
  readonly blockSigner?: string;
  readonly validatorsHash?: string;
  readonly strict?: boolean;
}

const guide = `
Asks no exchange and no network. Exit code 0 where no claim fails, 1 where one does. Without
--genesis-hash it shows only that the file fits some chain: compare the hash with one you trust.

Examples:
  $ dxl verify trade.dossier.json
  $ dxl verify trade.dossier.json --genesis-hash 7c1f…09 --json`;

export function addVerifyCommand(program: Command): void {
  withCommon(program.command('verify <file>'))
    .description('check a dossier offline, claim by claim')
    .option('--genesis-hash <hex>', 'genesis hash known from elsewhere')
    .option('--block-signer <hex>', 'public key that signs blocks, known from elsewhere')
    .option('--validators-hash <hex>', 'hash of the CometBFT validator set, known from elsewhere')
    .option('--strict', 'a claim that is not shown counts as one that fails')
    .addHelpText('after', guide)
    .action(verify);
}

async function verify(file: string, options: Options, command: Command): Promise<void> {
  const { json } = await readCommon(command);
  for (const given of [options.genesisHash, options.blockSigner, options.validatorsHash]) {
    if (given !== undefined && !/^[0-9a-f]{64}$/.test(given)) {
      throw usageError('A hash and a public key are 64 digits of lower-case hex.');
    }
  }
  const { verifyDossier } = await import('../dossier/verify.ts');
  const report = verifyDossier(await readBytesInput(file), {
    trustedGenesisHash: options.genesisHash,
    trustedBlockSigner: options.blockSigner,
    trustedValidatorsHash: options.validatorsHash,
  });
  if (json) printJson(report);
  else print(reportText(report));
  const open = options.strict === true && report.notShown > 0;
  if (report.outcome === 'FAILS' || open) process.exitCode = exitCodes.refused;
}

function reportText(report: DossierReport): string {
  const claims = report.claims.flatMap(({ id, outcome, title, reasons, facts }) => [
    [id, outcome, title],
    ...[...reasons, ...facts].map((line) => ['', '', `  ${printable(line)}`]),
  ]);
  const { chainId, genesisHash, blockSigner, mode, checkpoint, trades, counts } = report;
  const facts = fields({
    chain: chainId,
    mode,
    genesisHash,
    blockSigner,
    checkpoint: checkpoint
      ? `height ${checkpoint.height}, ${new Date(checkpoint.timeMs).toISOString()}`
      : null,
    trades: trades.join(', '),
    leaves: counts.leaves,
    envelopes: counts.envelopes,
    bytes: counts.bytes,
    fileDigest: report.fileDigest,
  });
  const warnings = report.warnings.map((line) => `Warning: ${printable(line)}\n`).join('');
  const limits = report.limits.map((line) => `  - ${line}\n`).join('');
  const open = report.notShown === 0 ? '' : `; ${report.notShown} claims not shown`;
  return (
    `${table(claims)}\n${facts}\n${warnings}What no dossier shows:\n${limits}\n` +
    `The dossier ${report.outcome}${open}.\n`
  );
}
