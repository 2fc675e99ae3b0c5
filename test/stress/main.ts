/** `npm run stress`: tests that start, kill or wait for a process, again and again on a busy machine. */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { positive } from '../../bench/harness.ts';
import { BusyLoops } from './busy-loops.ts';
import { processTests } from './process-tests.ts';
import { repeatFiles } from './repeat-files.ts';
import { wholeRun } from './whole-run.ts';

const usage = `npm run stress -- [options] [FILE …]
  FILE …         test files; those that start, kill or wait for a process unless given
  --times N      runs of each file; 20 unless given
  --loops N      busy loops beside them; 4 unless given, 2 with --whole
  --jobs N       files that run at once; one more than cores unless given
  --seconds T    begin no further run after T seconds
  --results F    where to keep the record; test/stress/results/stress.json unless given, whole.json with --whole
  --afresh       forget what is kept; else files that lack runs are made up to N
  --list         only say which files there are
  --whole        instead: all tests once, as \`npm test\` has them, beside the loops`;

const kept = (name: string): string => path.join(import.meta.dirname, 'results', name);

async function main(): Promise<boolean> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    options: {
      ...{ times: text, loops: text, jobs: text, seconds: text, results: text },
      ...{ afresh: flag, list: flag, whole: flag, help: flag },
    },
    allowPositionals: true,
  });
  const files = positionals.length > 0 ? positionals : processTests();
  if (values.help || values.list) {
    console.log(values.help ? usage : files.join('\n'));
    return true;
  }
  const busyLoops = positive('loops', values.loops, values.whole ? 2 : 4);
  const loops = new BusyLoops(busyLoops);
  try {
    if (values.whole) return await wholeRun(values.results ?? kept('whole.json'), busyLoops);
    return await repeatFiles(files, {
      times: positive('times', values.times, 20),
      jobs: positive('jobs', values.jobs, availableParallelism() + 1),
      endMs: performance.now() + 1_000 * positive('seconds', values.seconds, 1e9),
      results: values.results ?? kept('stress.json'),
      afresh: values.afresh === true,
      busyLoops,
    });
  } finally {
    loops.stop();
  }
}

process.exitCode = (await main()) ? 0 : 1;
