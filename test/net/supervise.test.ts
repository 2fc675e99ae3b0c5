import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OperationalError } from '../../src/base/operational-error.ts';
import { readCometHome } from '../../src/net/comet-home.ts';
import { supervise } from '../../src/net/supervise.ts';

describe('a supervised process', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'dxl-supervise-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const start = (script: string, onFailure: (error: OperationalError) => void) =>
    supervise({
      ...{ program: process.execPath, args: ['-e', script], logFile: path.join(dir, 'log') },
      ...{ log: () => undefined, onFailure, endsMax: 3, pauseMs: 10 },
    });

  it('is started again, and given up with a word to its log when it keeps ending', async () => {
    const error = await new Promise<OperationalError>((resolve) => {
      start('console.log("up"); process.exit(3)', resolve);
    });
    expect(error.code).to.equal('COMET_ENDED');
    expect(error.message).to.include('exit code 3').and.include(path.join(dir, 'log'));
    expect(await readFile(path.join(dir, 'log'), 'utf8')).to.equal('up\nup\nup\n');
  });

  it('is given up, and nothing else ends, where its log cannot be written', async () => {
    const error = await new Promise<OperationalError>((resolve) => {
      supervise({
        ...{ program: process.execPath, args: ['-e', ''], logFile: path.join(dir, 'none', 'log') },
        ...{ log: () => undefined, onFailure: resolve, endsMax: 2, pauseMs: 1 },
      });
    });
    expect(error.code).to.equal('COMET_ENDED');
    expect(error.message).to.include('ENOENT');
  });

  it('is ended once, and not started again', async () => {
    const failures: OperationalError[] = [];
    const running = start('setInterval(() => undefined, 1000)', (error) => failures.push(error));
    while (running.pid === null) await delay(5);
    await running.stop();
    expect(running.pid).to.equal(null);
    expect(failures).to.deep.equal([]);
  });

  it('needs a home, and says how one is made', async () => {
    const refusal = await readCometHome(dir).catch((error: unknown) => error as OperationalError);
    expect(refusal).to.include({ code: 'COMET_HOME' });
    expect((refusal as OperationalError).message).to.include('dxl net init');
  });
});
