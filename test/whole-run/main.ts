/**
 * `npm test [-- [--tally FILE] MOCHA OPTIONS]`: all test files in parallel, since they share nothing but
 * a PostgreSQL server, in which each has databases of its own. Their counts go to FILE as JSON. One file
 * alone: `npx mocha FILE`.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { sourceFiles } from '../support/source-files.ts';
import { forgetFileTimes, slowestFiles } from './file-times.ts';
import { makeImage } from './image.ts';
import { mochaRun, onImage } from './mocha-run.ts';
import { longestFirst } from './order.ts';

const image = makeImage();
forgetFileTimes();

/** Mocha's options, of which the report with counts is one. */
function optionsOf([...given]: readonly string[]): string[] {
  const at = given.indexOf('--tally');
  if (at === -1) return given;
  const [, output] = given.splice(at, 2);
  const reporter = onImage(image, 'test/support/tally-reporter.ts');
  return [...given, '--reporter', reporter, '--reporter-option', `output=${output}`];
}

const files = sourceFiles(['test']).filter((file) => file.endsWith('.test.ts'));
const { status, signal } = spawnSync(
  process.execPath,
  mochaRun(image, longestFirst(files), [
    // More than cores: a file often waits for a process, a database or a clock.
    ...['--parallel', '--jobs', String(availableParallelism() + 2)],
    ...['--require', onImage(image, 'test/whole-run/one-server.ts')],
    ...['--require', onImage(image, 'test/whole-run/file-times.ts')],
    ...optionsOf(process.argv.slice(2)),
  ]),
  { stdio: 'inherit' },
);
console.log(`the slowest files:\n  ${slowestFiles(10).join('\n  ')}`);
if (signal) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
