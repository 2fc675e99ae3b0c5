import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeDevelopmentChain } from '../../src/cli/new-chain.ts';
import { readConfig } from '../../src/config.ts';
import { openExchange, type Exchange } from '../../src/main.ts';
import { dataFolder } from '../../src/node/data-folder.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { dxl } from './run-dxl.ts';

const dayMs = 86_400_000;

/** A whole node, API and all, whose clocks a test holds. */
describe('dxl node whose clock cannot be right', function () {
  this.timeout(300_000);
  let dir: string;
  let database: FreshDatabase;
  let node: Exchange | null = null;
  const clocks = { wallMs: 0, steadyMs: 0 };
  let beganMs = 0;

  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'dxl-clock-'));
    database = await freshDatabase();
    const folder = dataFolder(path.join(dir, 'data'));
    await makeDevelopmentChain(folder);
    const genesis = JSON.parse(await readFile(folder.genesisFile, 'utf8')) as { timeMs: number };
    // Forty days ago somebody made this chain.
    beganMs = Date.now() - 40 * dayMs;
    await writeFile(folder.genesisFile, JSON.stringify({ ...genesis, timeMs: beganMs }));
  });
  after(async () => {
    await node?.stop();
    await database.drop();
    await rm(dir, { recursive: true });
  });

  const environment = () => ({
    DATABASE_URL: database.url,
    DXL_DATA_DIR: path.join(dir, 'data'),
    PORT: '0',
  });
  async function start(confirmedDate: string | null): Promise<Exchange> {
    await node?.stop();
    node = null;
    const logFile = path.join(dir, 'log');
    return (node = await openExchange(
      { ...readConfig(environment()), confirmedDate },
      {
        ...{ version: '0.0.0-test', logFile },
        clocks: { clock: () => clocks.wallMs, steadyClock: () => clocks.steadyMs },
      },
    ));
  }
  const ask = async (place: string) => {
    const answer = await fetch(`${node?.url}${place}`);
    return { status: answer.status, text: await answer.text() };
  };
  /** Of the newest block; 0 where there is none. */
  const heightNow = () => node?.engine.status().height;
  const gauge = async (name: string): Promise<number> => {
    const { text } = await ask('/metrics');
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };
  const untilReady = async (status: number): Promise<string> => {
    for (;;) {
      const answer = await ask('/readyz');
      if (answer.status === status) return answer.text;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  it('serves reads and makes no block, and says so in readiness, log and metrics', async () => {
    clocks.wallMs = beganMs + 40 * dayMs;
    await start(null);
    const { status, text } = await ask('/readyz');
    expect(status).to.equal(503);
    expect(JSON.parse(text)).to.have.nested.property('checks[0].name', 'clock');
    expect(text).to.match(/40 days apart, more than 30 days.*--confirm-clock/);
    expect((await ask('/v1/status')).status).to.equal(200);
    expect(heightNow()).to.equal(0);
    expect(await gauge('dxl_clock_ahead_seconds')).to.equal((40 * dayMs) / 1_000);
    expect(await readFile(path.join(dir, 'log'), 'utf8')).to.match(
      /"level":50,.*"hold":"The clock says .*"msg":"clock"/,
    );
  });

  it('does not start by another date than the clock’s, or by what is none', async () => {
    await node?.stop();
    node = null;
    // The machine's own clock is right, as far as these tests know.
    const other = await dxl(['node', '--confirm-clock', '2020-01-31'], environment());
    expect(other.code).to.equal(3);
    expect(other.errors).to.match(/CLOCK_NOT_CONFIRMED.*2020-01-31.*clock says 20/s);
    const none = await start('yesterday').catch((error: unknown) => error);
    expect(none).to.include({ code: 'CLOCK_DATE' });
  });

  it('makes blocks again by the right date, and holds when the clock jumps, there and back', async () => {
    await start(new Date(clocks.wallMs).toISOString().slice(0, 10));
    await untilReady(200);
    expect(heightNow()).to.equal(1);
    clocks.wallMs += 3_650 * dayMs;
    expect(await untilReady(503)).to.match(/stepped forward by 3650 days/);
    expect(await gauge('dxl_clock_stepped_seconds')).to.equal((3_650 * dayMs) / 1_000);
    clocks.wallMs -= 3_650 * dayMs;
    await untilReady(200);
    expect(heightNow()).to.equal(1);
    expect(node?.engine.status().timeMs).to.equal(clocks.wallMs);
  });
});
