/** How long each file took, and how much processor time of its own process: for order.ts, and for people. */
import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/source-files.ts';

const folder = path.join(projectRoot, '.data/test');
const list = path.join(folder, 'file-times.txt');

export function forgetFileTimes(): void {
  mkdirSync(folder, { recursive: true });
  rmSync(list, { force: true });
}

/** The slowest files of the last run, a line each. */
export function slowestFiles(count: number): string[] {
  const lines = readFileSync(list, 'utf8').trimEnd().split('\n');
  return lines.sort((one, other) => parseFloat(other) - parseFloat(one)).slice(0, count);
}

let began = 0;
let used = process.cpuUsage();

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

/** In parallel, root hooks are run for each file. */
export const mochaHooks = {
  beforeAll(): void {
    began = performance.now();
    used = process.cpuUsage();
  },
  afterAll(this: Mocha.Context): void {
    const { user, system } = process.cpuUsage(used);
    const [suite] = this.test?.parent?.suites ?? [];
    const file = (suite?.file ?? '').split('/test/image/').at(-1);
    const took = seconds(performance.now() - began);
    appendFileSync(
      list,
      `${took} s, ${seconds((user + system) / 1_000)} s of processor: ${file}\n`,
    );
  },
};
