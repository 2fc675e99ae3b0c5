import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

export const program = resolve(import.meta.dirname, '../../bin/dxl.mjs');

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves with the first line of standard output. */
  readonly firstLine: Promise<string>;
  readonly ended: Promise<Ended>;
}

/** `dxl` as people run it: in a process of its own, without the test's settings. */
export function startDxl(args: readonly string[], settings: Record<string, string> = {}): Running {
  const { PATH = '', DATABASE_URL } = process.env;
  const database = DATABASE_URL === undefined ? {} : { DATABASE_URL };
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH, ...database, ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (piece: Buffer) => (errors += piece.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, output, errors }));
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString();
      const end = output.indexOf('\n');
      if (end >= 0) resolve(output.slice(0, end));
    });
    child.on('close', () => reject(new Error(`dxl ended without a line: ${errors}`)));
  });
  firstLine.catch(() => undefined);
  return { child, firstLine, ended };
}

export async function dxl(
  args: readonly string[],
  settings: Record<string, string> = {},
  input = '',
): Promise<Ended> {
  const { child, ended } = startDxl(args, settings);
  child.stdin?.end(input);
  return ended;
}

/** As `dxl`, with the embedded database of its data folder, whatever database the tests have. */
export const dxlEmbedded = (...args: string[]): Promise<Ended> => dxl(args, embedded);

/** What leaves the database to the data folder. */
export const embedded = { DATABASE_URL: '' };

/** What `dxlEmbedded` answers in JSON. Throws with what it said where it failed. */
export async function answerOfDxl<Result>(...args: string[]): Promise<Result> {
  const { code, output, errors } = await dxlEmbedded(...args, '--json');
  if (code !== 0) throw new Error(`dxl ${args.join(' ')} ended with ${code}: ${errors}`);
  return JSON.parse(output) as Result;
}
