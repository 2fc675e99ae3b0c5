/** What a program in Python answers, with packages of its own in a folder that is gone afterwards. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the program a value as JSON on its standard input, and reads JSON from its output. */
export type Ask = (program: string, input: unknown) => unknown;

/**
 * @param packages of PyPI, pinned: `name==version`
 * @param work is given the folder, in which the program runs
 */
export async function withReferee(
  packages: readonly string[],
  work: (ask: Ask, folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dxl-referee-'));
  try {
    const python = join(folder, 'venv/bin/python');
    execFileSync('python3', ['-m', 'venv', join(folder, 'venv')]);
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', ...packages], { stdio: 'inherit' });
    const ask: Ask = (program, input) =>
      JSON.parse(
        execFileSync(python, ['-c', program], {
          input: JSON.stringify(input),
          encoding: 'utf8',
          cwd: folder,
        }),
      );
    await work(ask, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
