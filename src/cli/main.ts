/** `dxl`: one party's way to an exchange, and an operator's way to run one. */
import { CommanderError, type Command } from 'commander';
import { describeError, exitCodeOf } from './exit.ts';
import { makeProgram } from './program.ts';

// A reader that has seen enough (`dxl list … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const program = makeProgram();
try {
  await program.parseAsync(process.argv);
} catch (error) {
  // Commander has already written what is wrong with the arguments, or the help asked for.
  if (!(error instanceof CommanderError)) {
    const json = asksForJson(program);
    const { isDebugging } = await import('./debug.ts');
    process.stderr.write(describeError(error, { json, debug: isDebugging() }));
  }
  process.exitCode = exitCodeOf(error);
}

/** `--json` after `submit` names the input instead: there it counts before the command only. */
function asksForJson(command: Command): boolean {
  const [name, ...others] = command.args;
  return command.opts()['json'] === true || (name !== 'submit' && others.includes('--json'));
}
