import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { usageError } from './exit.ts';
import { keyOption, readCommon, withCommon } from './options.ts';
import { print, printJson, remark } from './output.ts';

const guide = `
The file holds every record that the trades rest on, the signed envelopes behind them and proofs that
they are in the log; whoever has it checks it with \`dxl verify\`, without any exchange. Openings are
what you choose to disclose of confidential inputs: docs/dossier.md describes the file.

Example:
  $ dxl dossier trade-7 --key buyer.key --openings shown.json --out trade-7.dossier.json`;

interface DossierFlags {
  readonly key?: string;
  readonly out: string;
  readonly openings?: string;
}

export function addDossierCommand(program: Command): void {
  withCommon(program.command('dossier <trade...>'))
    .description('assemble and seal the dossier of one trade or several')
    .requiredOption('--out <file>', 'file to write; never overwritten')
    .addOption(keyOption().makeOptionMandatory())
    .option('--openings <file>', 'what to disclose, JSON (- for standard input)')
    .addHelpText('after', guide)
    .action(writeDossier);
}

async function writeDossier(
  trades: readonly string[],
  flags: DossierFlags,
  command: Command,
): Promise<void> {
  const common = await readCommon(command);
  const [{ openClient, openParty }, { assembleDossier }, { apiSource }, openingsOf] =
    await Promise.all([
      import('./session.ts'),
      import('../client/dossier/assemble.ts'),
      import('../client/dossier/api-source.ts'),
      readOpeningsFile(flags.openings),
    ]);
  const party = await openParty(common, flags.key ?? '');
  const source = apiSource(await openClient(common));
  const bytes = await assembleDossier(source, {
    trades,
    openings: openingsOf,
    key: party.signingKey,
  });
  const { verifyDossier } = await import('../dossier/verify.ts');
  const report = verifyDossier(bytes);
  await writeFile(flags.out, bytes, { flag: 'wx' }).catch((cause: unknown) => {
    throw usageError(`${flags.out} cannot be written: ${(cause as Error).message}.`);
  });
  const { outcome, notShown, counts } = report;
  if (common.json) printJson({ file: flags.out, outcome, notShown, ...counts });
  else print(`${flags.out}: ${counts.bytes} bytes, ${counts.leaves} leaves, ${outcome}\n`);
  if (notShown > 0) remark(`${notShown} claims are not shown: dxl verify ${flags.out} says why.`);
}

async function readOpeningsFile(file: string | undefined) {
  const [{ readOpenings }, { noOpenings }] = await Promise.all([
    import('../client/dossier/openings.ts'),
    import('../dossier/schema.ts'),
  ]);
  if (file === undefined) return noOpenings;
  const { readJsonInput } = await import('./input.ts');
  return readOpenings(await readJsonInput(file));
}
