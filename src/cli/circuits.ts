import type { Command } from 'commander';
import { circuitsOption, readCommon, withCommon } from './options.ts';

interface Flags {
  readonly circuits?: string;
}

const guide = `
A seller proves the sample of a listing on its own machine, by the circuit of so many rows that the exchange's rule
pack asks for. A circuit is compiled once, from the source that came with dxl, and kept; the one of 2048 rows takes
minutes and 1 GB of memory (docs/circuits.md).

Examples:
  $ dxl circuits list
  $ dxl circuits build k-anonymity-2048-k5`;

export function addCircuitsCommands(program: Command): void {
  const circuits = program
    .command('circuits')
    .description('circuits of the statements that sellers prove: list them, build one')
    .addHelpText('after', guide);
  withCommon(circuits.command('list'))
    .description('the circuits, and which of them are built on this machine')
    .addOption(circuitsOption())
    .action(async ({ circuits: folder }: Flags, command: Command) => {
      const { json } = await readCommon(command);
      const { listCircuits } = await import('./circuits-run.ts');
      await listCircuits({ json, folder });
    });
  withCommon(circuits.command('build <name>'))
    .description('compile a circuit and make its development key, once')
    .addOption(circuitsOption())
    .action(async (name: string, { circuits: folder }: Flags, command: Command) => {
      const { json } = await readCommon(command);
      const { build } = await import('./circuits-run.ts');
      await build(name, { json, folder });
    });
}
