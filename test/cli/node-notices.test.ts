import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dayMs } from '../../src/base/calendar.ts';
import { makeDevelopmentChain } from '../../src/cli/new-chain.ts';
import { readConfig } from '../../src/config.ts';
import { openExchange } from '../../src/main.ts';
import { dataFolder } from '../../src/node/data-folder.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';

/** The last day that the calendar of the test's chain knows, at noon. */
const lastDayMs = Date.parse('2026-12-31T12:00:00+08:00');

describe('dxl node whose calendar ends', function () {
  this.timeout(120_000);
  let dir: string;
  let database: FreshDatabase;

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'dxl-notices-'));
    database = await freshDatabase();
  });
  afterEach(async () => {
    await database.drop();
    await rm(dir, { recursive: true });
  });

  /** What a node says that starts so many days before the calendar's last one. */
  async function startedBefore(days: number) {
    const nowMs = lastDayMs - days * dayMs;
    const folder = dataFolder(path.join(dir, 'data'));
    await makeDevelopmentChain(folder);
    const genesis = JSON.parse(await readFile(folder.genesisFile, 'utf8')) as object;
    await writeFile(folder.genesisFile, JSON.stringify({ ...genesis, timeMs: nowMs }));
    const environment = {
      ...{ DATABASE_URL: database.url, DXL_DATA_DIR: path.join(dir, 'data') },
      PORT: '0',
    };
    const logFile = path.join(dir, 'log');
    const clocks = { clock: () => nowMs, steadyClock: () => nowMs };
    const options = { version: '0.0.0-test', logFile, clocks };
    const node = await openExchange(readConfig(environment), options);
    try {
      const answer = await fetch(`${node.url}/readyz`);
      const body = (await answer.json()) as { notices: { name: string }[] };
      const log = await readFile(logFile, 'utf8');
      return { status: answer.status, notices: body.notices, log };
    } finally {
      await node.stop();
    }
  }

  it('serves, and says so in readiness and log 90 days before', async () => {
    const { status, notices, log } = await startedBefore(90);
    expect(status).to.equal(200);
    expect(notices.map(({ name }) => name)).to.deep.equal(['calendar']);
    expect(
      log.match(/"level":40,.*"notice":"calendar".*2026-12-31 \(days left: 90\)/g),
    ).to.have.length(1);
  });

  it('says nothing 91 days before', async () => {
    const { status, notices, log } = await startedBefore(91);
    expect(status).to.equal(200);
    expect(notices).to.deep.equal([]);
    expect(log).to.not.include('"notice"');
  });
});
