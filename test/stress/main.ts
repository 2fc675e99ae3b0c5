/** `npm run stress`: tests that start, kill or wait for a process, again and again on a busy machine. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { commitOf, hardware, positive, round } from '../../bench/harness.ts';
import { projectRoot } from '../support/source-files.ts';
import { BusyLoops } from './busy-loops.ts';
import { processTests } from './process-tests.ts';
import { emptyRecord, readRecord, withRun, writeRecord, type FileRecord } from './stress-record.ts';

const usage = `npm run stress -- [options] [FILE …]
  FILE …         test files; those that start, kill or wait for a process unless given
  --times N      runs of each file; 20 unless given
  --loops N      busy loops beside them; 4 unless given
  --seconds T    begin no further run after T seconds
  --results F    where to keep the record; test/stress/results/stress.json unless given
  --afresh       forget what is kept; else files that lack runs are made up to N
  --list         only say which files there are`;

interface Run {
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

function runOnce(file: string): Promise<Run> {
  const began = performance.now();
  const mocha = path.join(projectRoot, 'node_modules/mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, '--reporter', 'dot', file], {
    cwd: projectRoot,
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

const rowOf = (file: string, { seconds, failed }: FileRecord): string => {
  const sorted = [...seconds].sort((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const times = `${sorted[0]} / ${median} / ${sorted.at(-1)} s`;
  return `${file}: ${seconds.length - failed} of ${seconds.length} passed; ${times}`;
};

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    options: {
      ...{ times: text, loops: text, seconds: text, results: text },
      ...{ afresh: flag, list: flag, help: flag },
    },
    allowPositionals: true,
  });
  const files = positionals.length > 0 ? positionals : processTests();
  if (values.help || values.list) {
    console.log(values.help ? usage : files.join('\n'));
    return 0;
  }
  const times = positive('times', values.times, 20);
  const busyLoops = positive('loops', values.loops, 4);
  const endMs = performance.now() + 1_000 * positive('seconds', values.seconds, 1e9);
  const results = values.results ?? path.join(import.meta.dirname, 'results/stress.json');
  const kept = values.afresh ? null : await readRecord(results, busyLoops);
  const record = {
    what: `Each test file that starts, kills or waits for a process, beside ${busyLoops} busy loops`,
    busyLoops,
    hardware: hardware(),
    files: kept?.files ?? {},
  };
  const loops = new BusyLoops(busyLoops);
  try {
    // In turns, so that a series that is cut short says something of every file.
    for (let turn = 1; turn <= times; turn += 1) {
      for (const file of files) {
        const before = record.files[file] ?? emptyRecord;
        if (before.seconds.length >= turn || performance.now() > endMs) continue;
        const after = withRun(before, { ...(await runOnce(file)), commit: await commitOf() });
        record.files[file] = after;
        await writeRecord(results, record);
        console.log(rowOf(file, after));
      }
    }
  } finally {
    loops.stop();
  }
  return files.some((file) => (record.files[file]?.failed ?? 0) > 0) ? 1 : 0;
}

process.exitCode = await main();
