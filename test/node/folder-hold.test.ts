import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdFolder, tryHoldFolder } from '../../src/node/folder-hold.ts';

const childMain = fileURLToPath(new URL('hold-child.ts', import.meta.url));

/** A process that asks for a folder. */
interface Asker {
  readonly child: ChildProcess;
  readonly pid: number;
  /** True, or the process that has the folder. */
  readonly got: Promise<true | number>;
  end(signal: NodeJS.Signals | null): Promise<void>;
}

function ask(folder: string): Asker {
  const child = spawn(process.execPath, ['--import', 'tsx', childMain, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout } = child;
  const ended = once(child, 'exit');
  const got = once(stdout, 'data').then(([line]) => {
    const said = JSON.parse(String(line)) as { held?: true; pid: number };
    return said.held ?? said.pid;
  });
  return {
    ...{ child, pid: child.pid ?? 0, got },
    async end(signal) {
      if (signal === null) stdin.end();
      else child.kill(signal);
      await ended;
    },
  };
}

describe('the hold on a data folder', function () {
  let folder: string;
  const askers: Asker[] = [];
  const asker = (): Asker => {
    const made = ask(folder);
    askers.push(made);
    return made;
  };

  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'dxl-hold-')), 'data');
  });
  afterEach(async () => {
    for (const { child } of askers.splice(0)) child.kill('SIGKILL');
    await rm(path.dirname(folder), { recursive: true, force: true });
  });

  it('belongs to one process of seven that ask at the same moment, whom the others name', async () => {
    const all = Array.from({ length: 7 }, asker);
    const answers = await Promise.all(all.map(({ got }) => got));
    const winners = all.filter((_, at) => answers[at] === true);
    expect(winners).to.have.length(1);
    for (const answer of answers) expect([true, winners[0]!.pid]).to.include(answer);
  });

  for (const [how, signal] of [
    ['has released it', null],
    ['was killed', 'SIGKILL'],
  ] as const) {
    it(`goes to the next when who had it ${how}`, async () => {
      const first = asker();
      expect(await first.got).to.equal(true);
      expect(await asker().got).to.equal(first.pid);
      await first.end(signal);
      const next = asker();
      expect(await next.got).to.equal(true);
      expect(await asker().got).to.equal(next.pid);
    });
  }

  it('stays with a process that is stopped and answers nobody', async () => {
    const first = asker();
    expect(await first.got).to.equal(true);
    first.child.kill('SIGSTOP');
    try {
      expect(await asker().got).to.equal(first.pid);
    } finally {
      first.child.kill('SIGCONT');
    }
  });

  it('is had once, whatever the order of many takings and endings in one process', async () => {
    let holders = 0;
    let taken = 0;
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 15; round += 1) {
        const found = await tryHoldFolder(folder, 'node');
        if (!('release' in found)) continue;
        holders += 1;
        taken += 1;
        expect(holders).to.equal(1);
        await new Promise(setImmediate);
        holders -= 1;
        await found.release();
      }
    };
    await Promise.all(Array.from({ length: 6 }, worker));
    expect(taken).to.be.at.least(1);
    expect(await readdir(path.join(folder, 'lock'))).to.deep.equal([]);
  });

  it('is free where only the dead have left their sockets, or a copy of the folder has them', async () => {
    const first = asker();
    await first.got;
    await first.end('SIGKILL');
    const left = await readdir(path.join(folder, 'lock'));
    expect(left).to.have.length(3);
    const hold = await holdFolder(folder, 'node');
    for (const name of left) {
      expect(await readdir(path.join(folder, 'lock'))).not.to.include(name);
    }
    const other = `${folder}-copy`;
    await mkdir(path.join(other, 'lock'), { recursive: true });
    for (const name of await readdir(path.join(folder, 'lock'))) {
      await writeFile(path.join(other, 'lock', name), '');
    }
    await (await holdFolder(other, 'node')).release();
    await hold.release();
  });

  it('is said to be in use with folder, command and process, and what to do', async () => {
    const hold = await holdFolder(folder, 'import');
    const error = (await holdFolder(folder, 'node').catch((reason: unknown) => reason)) as Error;
    expect(error).to.include({ code: 'DATA_FOLDER_IN_USE' });
    expect(error.message)
      .to.include(`${folder} is in use by \`dxl import\` (process ${process.pid})`)
      .and.include(`kill ${process.pid}`);
    await hold.release();
    await (await holdFolder(folder, 'node')).release();
  });

  it('is taken under a path that is longer than the address of a socket may be', async function () {
    if (process.platform !== 'linux') this.skip();
    folder = path.join(folder, 'a'.repeat(120), 'b'.repeat(120));
    const first = asker();
    expect(await first.got).to.equal(true);
    expect(await asker().got).to.equal(first.pid);
    await first.end('SIGKILL');
    await (await holdFolder(folder, 'node')).release();
    expect(await readdir(path.join(folder, 'lock'))).to.deep.equal([]);
  });

  it('is refused where the folder cannot be', async () => {
    await writeFile(folder, '');
    const error = (await holdFolder(folder, 'node').catch((reason: unknown) => reason)) as Error;
    expect(error).to.include({ code: 'DATA_FOLDER_UNUSABLE' });
    expect(error.message).to.include(folder).and.include('--data-dir');
  });

  it('keeps its sockets from others, whatever the umask', async function () {
    if (process.platform === 'win32') this.skip();
    const before = process.umask(0);
    try {
      const hold = await holdFolder(folder, 'node');
      expect((await stat(path.join(folder, 'lock'))).mode & 0o777).to.equal(0o700);
      expect((await stat(folder)).mode & 0o777).to.equal(0o755);
      await hold.release();
    } finally {
      process.umask(before);
    }
  });
});
