import type { Command } from 'commander';
import { identifierArgument } from './arguments.ts';
import { circuitsOption, withCommon } from './options.ts';
import type { ProveFlags, TakeFlags } from './sample-flags.ts';

const guide = `
\`take\` chooses the rows of the sample that the exchange's rule pack asks for a file of so many rows, prints what
listing.draft names of it (\`sample\`), and keeps what opens it beside what opens the registration: the seller's secret
until delivery. \`prove\` makes the proof for the drafted listing and writes it for listing.prove-sample. Nothing
of the file leaves this machine.

Examples:
  $ dxl sample take birds.csv --opening birds.opening.json --write-opening birds.sold.json
  $ dxl sample prove birds.csv --opening birds.sold.json --listing birds-2019 --out proof.json
  $ dxl submit listing.prove-sample --json proof.json --key seller.key
  $ dxl delivery send t-7 birds.csv --opening birds.sold.json --key seller.key`;

export function addSampleCommands(program: Command): void {
  const sample = program
    .command('sample')
    .description('the sample of a listing: take it from the file, prove it k-anonymous')
    .addHelpText('after', guide);
  withCommon(sample.command('take <file>'))
    .description('choose the rows of the sample that the rule pack asks for')
    .requiredOption('--opening <file>', 'of the registered table, by `dxl data inspect`')
    .requiredOption('--write-opening <file>', 'the same with the sample in it; never overwritten')
    .action(async (file: string, flags: TakeFlags, command: Command) => {
      const { take } = await import('./sample-take.ts');
      await take(file, flags, command);
    });
  withCommon(sample.command('prove <file>'))
    .description('prove the sample of a drafted listing, for listing.prove-sample')
    .requiredOption('--opening <file>', 'with the sample in it, by `dxl sample take`')
    .requiredOption('--listing <id>', 'the drafted listing', identifierArgument)
    .requiredOption('--out <file>', 'proof to write; never overwritten')
    .option('--proving-key <file>', 'zkey of a ceremony, where the exchange pins one')
    .addOption(circuitsOption())
    .action(async (file: string, flags: ProveFlags, command: Command) => {
      const { proveSample } = await import('./sample-prove.ts');
      await proveSample(file, flags, command);
    });
}
