/** All tests once, as `npm test` has them, on a machine that has other things to do. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { commitOf, hardware, round } from '../../bench/harness.ts';
import { projectRoot } from '../support/source-files.ts';
import { writeRecord } from './stress-record.ts';

/** Keeps in the file `results` what came of it; true if every test passed. */
export async function wholeRun(results: string, busyLoops: number): Promise<boolean> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dxl-stress-'));
  const tally = path.join(folder, 'tally.json');
  const began = performance.now();
  const loadAverageBefore = loadavg()[0] ?? 0;
  try {
    const exitCode = await allTests(tally);
    await writeRecord(results, {
      what: `npm test beside ${busyLoops} busy loops`,
      busyLoops,
      hardware: hardware(),
      ...{ loadAverageBefore, loadAverageAfter: loadavg()[0] ?? 0 },
      commit: await commitOf(),
      seconds: round((performance.now() - began) / 1_000),
      exitCode,
      tests: JSON.parse(await readFile(tally, 'utf8')) as unknown,
    });
    return exitCode === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function allTests(tally: string): Promise<number | null> {
  const main = path.join(projectRoot, 'test/whole-run/main.ts');
  const args = ['--import', 'tsx', main, '--tally', tally];
  const child = spawn(process.execPath, args, { cwd: projectRoot, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}
