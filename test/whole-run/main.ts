/**
 * `npm test [-- [--tally FILE] MOCHA OPTIONS] [PLACES]`: test files in parallel, since they share nothing
 * but a PostgreSQL server, in which each has databases of its own. Their counts go to FILE as JSON. Places
 * are files or folders, such as test/chain; without any, all are run. One file from the source, without
 * an image: `npx mocha FILE`.
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

const isPlace = (argument: string): boolean => /^test(\/|$)/.test(argument);

/** Those of the places that are named; else all. */
function chosen(places: readonly string[]): string[] {
  const all = sourceFiles(['test']).filter((file) => file.endsWith('.test.ts'));
  if (places.length === 0) return all;
  const at = places.map((place) => place.replace(/\/$/, ''));
  return all.filter((file) => at.some((place) => file === place || file.startsWith(`${place}/`)));
}

const given = process.argv.slice(2);
const files = chosen(given.filter(isPlace));
if (files.length === 0) throw new Error(`no test file below ${given.filter(isPlace).join(', ')}`);
const { status, signal } = spawnSync(
  process.execPath,
  mochaRun(image, longestFirst(files), [
    // More than cores: a file often waits for a process, a database or a clock.
    ...['--parallel', '--jobs', String(availableParallelism() + 2)],
    ...['--require', onImage(image, 'test/whole-run/one-server.ts')],
    ...['--require', onImage(image, 'test/whole-run/file-times.ts')],
    ...optionsOf(given.filter((argument) => !isPlace(argument))),
  ]),
  { stdio: 'inherit' },
);
console.log(`the slowest files:\n  ${slowestFiles(10).join('\n  ')}`);
if (signal) process.kill(process.pid, signal);
process.exitCode = status ?? 1;
