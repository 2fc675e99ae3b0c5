/** Files of tests, each a number of times, some at once, beside whatever loads the machine. */
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { commitOf, hardware, round } from '../../bench/harness.ts';
import { joinTestServer, leaveTestServer, serverVariable } from '../support/database.ts';
import { projectRoot } from '../support/source-files.ts';
import { makeImage } from '../whole-run/image.ts';
import { mochaRun } from '../whole-run/mocha-run.ts';
import { partOf } from './process-tests.ts';
import { emptyRecord, readRecord, withRun, writeRecord, type FileRecord } from './stress-record.ts';

export interface Repetition {
  /** Runs of each file, those of an earlier series counted. */
  readonly times: number;
  /** Runs at once. */
  readonly jobs: number;
  /** No run begins after it, by `performance.now()`. */
  readonly endMs: number;
  /** File of the record. */
  readonly results: string;
  /** Whether to forget an earlier series. */
  readonly afresh: boolean;
  readonly busyLoops: number;
}

interface Run {
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** In turns, so that a series that is cut short says something of every file. True if all runs passed. */
export async function repeatFiles(
  files: readonly string[],
  { times, jobs, endMs, results, afresh, busyLoops }: Repetition,
): Promise<boolean> {
  const kept = afresh ? null : await readRecord(results, busyLoops);
  const record = {
    what: `Each test file that starts, kills or waits for a process, ${jobs} at once, beside ${busyLoops} busy loops`,
    busyLoops,
    hardware: hardware(),
    files: { ...kept?.files },
  };
  const recordOf = (file: string): FileRecord => record.files[file] ?? emptyRecord;
  const image = makeImage();
  const { url } = await joinTestServer();
  const due = dueRuns(files, times, recordOf);
  const next = async (): Promise<void> => {
    for (let file = due.shift(); file !== undefined; file = due.shift()) {
      if (performance.now() > endMs) return;
      const [load = 0] = loadavg();
      const run = await runOnce(image, file, url);
      const after = withRun(recordOf(file), { ...run, load, commit: await commitOf() });
      record.files[file] = after;
      await writeRecord(results, record);
      console.log(rowOf(file, after));
    }
  };
  try {
    await Promise.all(Array.from({ length: jobs }, next));
  } finally {
    await leaveTestServer();
  }
  return files.every((file) => recordOf(file).failed === 0);
}

function dueRuns(
  files: readonly string[],
  times: number,
  recordOf: (file: string) => FileRecord,
): string[] {
  const turns = Array.from({ length: times }, (_, turn) => turn);
  return turns.flatMap((turn) => files.filter((file) => recordOf(file).seconds.length <= turn));
}

function runOnce(image: string, file: string, serverUrl: string): Promise<Run> {
  const began = performance.now();
  const part = partOf[file];
  const options = ['--reporter', 'dot', '--fail-zero', ...(part ? ['--grep', part] : [])];
  const child = spawn(process.execPath, mochaRun(image, [file], options), {
    cwd: projectRoot,
    env: { ...process.env, [serverVariable]: serverUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((resolve) => {
    child.once('close', (code) => {
      const seconds = round((performance.now() - began) / 1_000, 1);
      resolve({ passed: code === 0, seconds, output });
    });
  });
}

function rowOf(file: string, { seconds, failed }: FileRecord): string {
  const sorted = [...seconds].sort((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const times = `${sorted[0]} / ${median} / ${sorted.at(-1)} s`;
  return `${file}: ${seconds.length - failed} of ${seconds.length} passed; ${times}`;
}
