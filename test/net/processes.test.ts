import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  endProcess,
  findProcess,
  signalProcess,
  startProcess,
  waitForEnd,
} from '../../src/net/processes.ts';

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as { code?: string }).code ?? 'a fault',
  );

describe('processes that outlive this one', () => {
  let dir: string;
  let pidFile: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'dxl-processes-'));
    pidFile = path.join(dir, 'app.pid');
  });
  afterEach(() => rm(dir, { recursive: true }));

  const command = (script: string) => ({
    ...{ program: process.execPath, args: ['-e', script] },
    ...{ logFile: path.join(dir, 'log'), pidFile },
  });

  it('are found by their file, started once, and ended', async () => {
    const idle = command('setInterval(() => undefined, 1000)');
    const pid = await startProcess(idle);
    expect(await findProcess(pidFile)).to.equal(pid);
    expect(await startProcess(idle)).to.equal(pid);
    await endProcess(pidFile);
    expect(await findProcess(pidFile)).to.equal(null);
    expect(await signalProcess(pidFile, 'SIGTERM')).to.equal(false);
  });

  it('are gone where another process has their number now', async () => {
    const pid = await startProcess(command('setInterval(() => undefined, 1000)'));
    await endProcess(pidFile);
    await writeFile(pidFile, JSON.stringify({ pid: process.pid, startedAt: '1' }));
    expect(await findProcess(pidFile)).to.equal(null);
    expect(await waitForEnd(pidFile, 100)).to.equal(true);
    expect(pid).to.be.above(0);
  });

  const damaged = ['', '{', 'null', '{"pid":"x","startedAt":null}', '{"startedAt":null}'];
  for (const text of [...damaged, '{"pid":0,"startedAt":null}', '{"pid":-1,"startedAt":null}']) {
    it(`are not guessed from a file that holds ${JSON.stringify(text)}`, async () => {
      await writeFile(pidFile, text);
      expect(await codeOf(findProcess(pidFile))).to.equal('NET_PID_FILE');
      expect(await codeOf(signalProcess(pidFile, 'SIGTERM'))).to.equal('NET_PID_FILE');
    });
  }
});
