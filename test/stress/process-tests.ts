/** Which test files start, kill or wait for a process: what they import says it. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, sourceFiles } from '../support/source-files.ts';

/**
 * Whoever imports one of these starts a process, or a node that does. The server of the tests
 * themselves is left out: it is started once, whatever is tested.
 */
const starters = [
  /^node:child_process$/,
  /\/src\/main\.ts$/,
  /\/src\/net\/(?!find-cometbft|plan|comet-files)/,
  /\/src\/store\/postgres\/(start|cluster|postmaster)\.ts$/,
  /\/src\/store\/projection-thread\.ts$/,
  /\/src\/privacy\/he\/worker\/pool\.ts$/,
];
const ownServer = 'test/support/database.ts';

const importForm = /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'/g;

/** Specifiers as they stand, relative ones from the project's projectRoot with a leading `/`. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(projectRoot, file), 'utf8');
  return [...text.matchAll(importForm)].map((match) => {
    const specifier = match[1] ?? match[2] ?? '';
    if (!specifier.startsWith('.')) return specifier;
    return `/${path.posix.join(path.posix.dirname(file), specifier)}`;
  });
}

function startsProcess(file: string, seen: Set<string>): boolean {
  if (seen.has(file) || file === ownServer) return false;
  seen.add(file);
  return importsOf(file).some((specifier) => {
    if (starters.some((form) => form.test(specifier))) return true;
    const within = specifier.slice(1);
    const isOfTests = specifier.startsWith('/test/') && existsSync(path.join(projectRoot, within));
    return isOfTests && startsProcess(within, seen);
  });
}

/** Sorted paths from the project's projectRoot. */
export const processTests = (): string[] =>
  sourceFiles(['test'])
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => startsProcess(file, new Set()));

const killedInScenarios = 'killed on the way|what is held after all of it';

/** Where only some suites of a file start or kill a process, and the others take minutes: a pattern of their names. */
export const partOf: Readonly<Record<string, string>> = {
  'test/scenario/embedded.test.ts': killedInScenarios,
  'test/scenario/validators.test.ts': killedInScenarios,
};
