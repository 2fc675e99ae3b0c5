/** What the benchmarks share: their options, what they ran on, where their figures go. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify, type ParseArgsConfig } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Of this process; `results` is taken by all. Throws ERR_PARSE_ARGS_… for what is not known. */
export function readOptions<const Own extends Options>(own: Own) {
  const options = { ...own, results: { type: 'string' } } as const;
  const { values } = parseArgs({ options, strict: true, allowPositionals: false });
  return values;
}

/** A whole number above zero. Throws ERR_PARSE_ARGS_INVALID_OPTION_VALUE naming the option. */
export function positive(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text);
  const error = new Error(`--${option} takes a whole number above zero, not ${text}.`);
  throw Object.assign(error, { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' });
}

export function hardware() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: round(totalmem() / 2 ** 30),
    node: process.versions.node,
  };
}

export const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** Of the last five minutes: above the number of cores, others took a part of the machine. */
const loadAverageBefore = round(loadavg()[1] ?? 0, 1);

/** Null where this is no git checkout; `-dirty` marks a tree with changes beside results. */
export async function commitOf(): Promise<string | null> {
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', args)).stdout.trim();
  try {
    const code = ['src', 'bench', ':(exclude)bench/results', 'package.json'];
    const changed = await git('status', '--porcelain', '--', ...code);
    return `${await git('rev-parse', 'HEAD')}${changed === '' ? '' : '-dirty'}`;
  } catch {
    return null;
  }
}

/** What every result file holds, whatever it measures. */
export interface Result {
  readonly what: string;
  readonly raw: unknown;
  /** What travels from one machine to another. */
  readonly ratios: Readonly<Record<string, number>>;
}

export const resultsFolder = (given: string | undefined): string =>
  given ?? fileURLToPath(new URL('results/', import.meta.url));

/** Writes NAME.json with hardware, commit and time; returns its path. */
export async function writeResult(
  folder: string,
  name: string,
  { what, ...figures }: Result & Readonly<Record<string, unknown>>,
): Promise<string> {
  const result = {
    what,
    hardware: hardware(),
    loadAverageBefore,
    commit: await commitOf(),
    takenAt: new Date().toISOString(),
    ...figures,
  };
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[values.length >> 1] ?? 0;

/** Whole numbers below a bound, the same in every run (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Resident set in MiB, of what is in use. */
export function residentMiB(): number {
  collectGarbage();
  return round(process.memoryUsage().rss / 2 ** 20, 1);
}
