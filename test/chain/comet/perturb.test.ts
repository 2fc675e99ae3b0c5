import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { whyNoNamespaces } from './namespaces.ts';
import type { StormReport } from './perturbations.ts';
import { needsComet } from './test-network.ts';
import { loader } from '../../support/loader.ts';

const program = fileURLToPath(new URL('perturb.ts', import.meta.url));
const recorded = new URL('results/perturbations.json', import.meta.url);

const readReport = async (file: URL | string): Promise<StormReport> =>
  JSON.parse(await readFile(file, 'utf8')) as StormReport;

/** Ends with its standard input, as the program does that it starts. */
function start(...args: string[]) {
  return spawn(process.execPath, [...loader, program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

describe('seeded trouble on four real validators', function () {
  this.timeout(400_000);
  let dir: string;
  before(needsComet);
  beforeEach(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), 'dxl-perturb-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('diverges nowhere, loses and doubles nothing (a short run: one of each sort)', async () => {
    const why = await whyNoNamespaces();
    if (why !== null) process.stdout.write(`    left out: partitions and slow wires: ${why}\n`);
    const out = path.join(dir, 'report.json');
    const child = start(
      '--seed',
      '3',
      '--short',
      '--count',
      why === null ? '8' : '6',
      '--out',
      out,
    );
    child.stdout.resume();
    const [code] = (await once(child, 'exit')) as [number];
    const report = await readReport(out);
    expect(report.problems).to.deep.equal([]);
    expect(code).to.equal(0);
    const { verdict, perturbations, byKind } = report;
    expect(perturbations.every(({ recoveryMs }) => recoveryMs >= 0)).to.equal(true);
    expect(verdict.reexecuted).to.equal(verdict.height);
    expect(verdict.envelopes).to.include({ lost: 0, doubled: 0 });
    expect(verdict.envelopes.acknowledged).to.be.above(0);
    expect(byKind['lose everything and state-sync']).to.equal(1);
    if (why === null) expect(byKind['partition 2-2']).to.equal(1);
  });

  it('leaves no process, namespace or cable behind when it is killed', async function () {
    const why = await whyNoNamespaces();
    if (why !== null) {
      process.stdout.write(`    left out: ${why}\n`);
      this.skip();
    }
    const child = start('--short', '--count', '8');
    // Its wires are laid and its validators run.
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const folder = /^storm in (.+)$/m.exec(line.toString())?.[1] ?? '';
    expect(await commandsWith(folder)).to.be.at.least(8);
    child.kill('SIGKILL');
    await once(child, 'exit');
    while ((await commandsWith(folder)) > 0) await delay(100);
    await rm(folder, { recursive: true });
    const names = await readdir('/sys/class/net');
    expect(names.filter((name) => /^(peers|control)-/.test(name))).to.deep.equal([]);
  });
});

describe('the recorded long run', () => {
  it('is of at least 100 perturbations, 10 partitions and 5 state-syncs, and found nothing', async () => {
    const { perturbations, problems, byKind, verdict, skipped } = await readReport(recorded);
    expect(problems).to.deep.equal([]);
    expect(skipped).to.deep.equal([]);
    expect(perturbations.length).to.be.at.least(100);
    const of = (word: string) =>
      Object.entries(byKind).reduce((sum, [kind, n]) => sum + (kind.includes(word) ? n : 0), 0);
    expect(of('partition')).to.be.at.least(10);
    expect(of('state-sync')).to.be.at.least(5);
    expect(verdict.envelopes).to.include({ lost: 0, doubled: 0 });
    expect(verdict.reexecuted).to.equal(verdict.height);
  });
});

/** Processes whose command line names the word. */
async function commandsWith(word: string): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.filter((line) => line.includes(word)).length;
}
