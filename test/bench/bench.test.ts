import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loader } from '../support/loader.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bench = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [...loader, join(root, 'bench/main.ts'), ...args];
    execFile(process.execPath, command, { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });

describe('npm run bench', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dxl-bench-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('lists the benchmarks, and the options of one', async () => {
    const [all, one] = await Promise.all([bench('--help'), bench('growth', '--help')]);
    expect(all.code).to.equal(0);
    for (const name of ['growth', 'he', 'http', 'ledger'])
      expect(all.stdout).to.include(`\n  ${name} `);
    expect(one.code).to.equal(0);
    expect(one.stdout).to.include('--max KEYS').and.to.include('--results FOLDER');
  });

  it('names what it does not know, measures nothing and shows the help', async () => {
    const [program, option, value] = await Promise.all([
      bench('leger'),
      bench('he', '--worker', '2'),
      bench('growth', '--max', '1e6'),
    ]);
    expect(program.code).to.equal(2);
    expect(program.stderr).to.include('There is no benchmark leger.').and.to.include('ledger');
    expect(option.code).to.equal(2);
    expect(option.stderr).to.include("'--worker'").and.to.include('--workers N');
    expect(value.code).to.equal(2);
    expect(value.stderr).to.include('--max takes a whole number above zero, not 1e6.');
  });

  it('data reads a table of its own, and writes what it found', async () => {
    const { code, stderr } = await bench(
      'data',
      '--megabytes',
      '2',
      '--pairs',
      '1',
      '--results',
      folder,
    );
    expect(code, stderr).to.equal(0);
    const result = JSON.parse(await readFile(join(folder, 'data.json'), 'utf8')) as {
      ratios: object;
      raw: unknown[];
    };
    expect(result.raw).to.have.length(1);
    expect(result.ratios).to.have.all.keys('inspectToParse', 'saltedMoreToParse');
  }).timeout(120_000);

  it('http goes all the way through a node, and writes what it found', async function () {
    this.timeout(300_000);
    const { code, stderr } = await bench('http', '--smoke', '--results', folder);
    expect(code, stderr).to.equal(0);
    const { scenarios, latencyAtHalfLoad, ratios, raw } = JSON.parse(
      await readFile(join(folder, 'http.json'), 'utf8'),
    );
    const names = ['single, json', 'single, binary', 'batch of 4, json', 'batch of 4, binary'];
    expect(scenarios.map(({ scenario }: { scenario: string }) => scenario)).to.deep.equal(names);
    expect(Object.values(ratios).every((ratio) => Number(ratio) > 0)).to.equal(true);
    expect(latencyAtHalfLoad[0]).to.include.keys('p50Ms', 'p95Ms', 'p99Ms');
    expect(raw).to.have.length(6);
  });

  it('growth writes figures and a picture of them', async function () {
    this.timeout(300_000);
    const { code, stderr } = await bench('growth', '--max', '1000', '--results', folder);
    expect(code, stderr).to.equal(0);
    const figures = JSON.parse(await readFile(join(folder, 'growth.json'), 'utf8'));
    expect(figures).to.include.keys('what', 'hardware', 'commit', 'takenAt', 'raw', 'ratios');
    expect(figures.raw.samples.at(-1).keys).to.equal(1000);
    const picture = await readFile(join(folder, 'growth.svg'), 'utf8');
    expect(picture).to.match(/^<svg [^]*<\/svg>\n$/);
    for (const shown of ['operations per second', 'MiB', 'keys in the state', '1,000']) {
      expect(picture).to.include(shown);
    }
    expect(picture).not.to.match(/NaN|Infinity|undefined/);
  });
});
