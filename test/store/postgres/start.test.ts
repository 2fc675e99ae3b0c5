import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { utf8 } from '../../../src/base/bytes.ts';
import { openBlockStore } from '../../../src/store/block-store.ts';
import { openDataSource } from '../../../src/store/data-source.ts';
import { explainFailure } from '../../../src/store/postgres/failure.ts';
import { preparePlace } from '../../../src/store/postgres/place.ts';
import { startPostgres, type RunningPostgres } from '../../../src/store/postgres/start.ts';
import { blockOf, codeOf, collect, genesisHead, stateOf } from '../sample-blocks.ts';
import { openFolder } from '../../support/open-folder.ts';
import { loader } from '../../support/loader.ts';

const childProgram = fileURLToPath(new URL('./start-child.ts', import.meta.url));

describe('store: embedded PostgreSQL', () => {
  let folder: string;
  let dataDir: string;
  const lines: string[] = [];

  /** Data folders of these tests are under the system's temporary one, open to the server. */
  before(async () => {
    folder = await openFolder('dxl-postgres-');
    dataDir = path.join(folder, 'data');
  });
  after(async () => {
    await (await start()).stop();
    await rm(folder, { recursive: true });
  });

  const start = (): Promise<RunningPostgres> =>
    startPostgres({ dataDir, log: (line) => lines.push(line) });

  async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async function startInChild(): Promise<{ pid: number; adopted: boolean; kill(): Promise<void> }> {
    const child = spawn(process.execPath, [...loader, childProgram, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return {
      ...(JSON.parse(line) as { pid: number; adopted: boolean }),
      kill: async () => {
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    };
  }

  it('lets two starts on an empty folder race: one makes the server, the other adopts it', async () => {
    const rivals = await Promise.all([startInChild(), startInChild()]);
    expect(rivals.map(({ adopted }) => adopted).sort()).to.deep.equal([false, true]);
    expect(rivals[0].pid).to.equal(rivals[1].pid);
    await Promise.all(rivals.map((rival) => rival.kill()));
  });

  it('adopts the server of an exchange that was killed', async () => {
    const server = await start();
    expect(server.adopted).to.equal(true);
    expect(server.version).to.match(/^18\./);
    const [row] = await query(
      server.url,
      `SELECT current_setting('server_encoding') AS encoding, current_setting('listen_addresses')
         AS addresses, current_setting('fsync') AS fsync, current_database() AS database`,
    );
    expect(row).to.deep.equal({
      encoding: 'UTF8',
      addresses: '127.0.0.1',
      fsync: 'on',
      database: 'ledger',
    });
  });

  it('asks for the password and never logs it', async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = 'wrong';
    expect(await codeOf(query(wrong.href, 'SELECT 1'))).to.equal('28P01');
    expect(lines.join('\n')).to.not.include(new URL(url).password);
  });

  it('stops, keeps its data, and starts again; a second stop does nothing', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    await first.stop();
    expect(await codeOf(query(first.url, 'SELECT 1'))).to.equal('ECONNREFUSED');
    const second = await start();
    expect(second.adopted).to.equal(false);
    expect(await query(second.url, 'SELECT answer FROM kept')).to.deep.equal([{ answer: 42 }]);
  });

  it('is not misled by a postmaster.pid that names another living process', async () => {
    await (await start()).stop();
    const [cluster] = (await readdir(dataDir)).filter((name) => /^pg\d+$/.test(name));
    const text = `${process.pid}\n${dataDir}\n1\n1\n\n127.0.0.1\n\nready   \n`;
    if (process.platform === 'linux') {
      await writeFile(path.join(dataDir, cluster ?? '', 'postmaster.pid'), text);
      await writeFile(path.join(dataDir, 'start.lock'), '999999999');
    }
    const server = await start();
    expect(server.adopted).to.equal(false);
    expect(await query(server.url, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('leaves the server of another data folder alone', async () => {
    const [one, other] = await Promise.all([
      start(),
      startPostgres({ dataDir: path.join(folder, 'other'), log: () => undefined }),
    ]);
    expect(other.pid).to.not.equal(one.pid);
    await other.stop();
    expect(await query(one.url, 'SELECT 1 AS one')).to.deep.equal([{ one: 1 }]);
  });

  it('loses no acknowledged block when the whole server is killed under writes, three times', async () => {
    let acknowledged = 0;
    for (let round = 0; round < 3; round += 1) {
      const { url } = await start();
      const dataSource = await openDataSource(url);
      const store = await openBlockStore({ dataSource, url });
      if (round === 0) await store.begin(utf8('genesis'), genesisHead, []);
      const head = await store.readHead();
      expect(head?.height).to.be.within(acknowledged, acknowledged + 1);
      expect(head?.logSize).to.equal((head?.height ?? 0) * 20);
      expect(await collect(store.readLeaves(0))).to.have.length(head?.logSize ?? 0);
      const killAt = (head?.height ?? 0) + 15 + round * 3;
      for (let height = (head?.height ?? 0) + 1; ; height += 1) {
        const rows = Array.from({ length: 20 }, (_, at) => ({ height, at }));
        const writing = store.commit(blockOf(height, (height - 1) * 20, rows), stateOf(height, 20));
        if (height === killAt) void killWholeServer(url);
        const code = await codeOf(writing);
        if (code !== 'resolved undefined') {
          expect(code).to.match(/^STORE_(WRITE|COMMIT_UNKNOWN|LOCK_LOST)$/);
          break;
        }
        acknowledged = height;
      }
      await store.close();
      await dataSource.destroy().catch(() => undefined);
    }
    expect(acknowledged).to.be.at.least(45);
    const { url } = await start();
    const [row] = await query(
      url,
      `SELECT (SELECT height FROM head)::int AS height, (SELECT count(*) FROM block)::int AS blocks,
              (SELECT min(height) FROM state)::int AS state`,
    );
    expect(row?.['height']).to.be.within(acknowledged, acknowledged + 1);
    expect([row?.['blocks'], row?.['state']]).to.deep.equal([row?.['height'], row?.['height']]);
  });

  /** The postmaster and its children at one stroke, as a power failure would. */
  async function killWholeServer(url: string): Promise<void> {
    const { pid } = await start();
    const rows = await query(url, 'SELECT pid FROM pg_stat_activity').catch(() => []);
    for (const victim of [pid, ...rows.map((row) => Number(row['pid']))]) {
      try {
        process.kill(victim, 'SIGKILL');
      } catch {
        // A backend may have ended by itself.
      }
    }
  }

  it('refuses a folder that holds another major version', async () => {
    const old = path.join(folder, 'old');
    await mkdir(path.join(old, 'pg9'), { recursive: true });
    expect(await codeOf(startPostgres({ dataDir: old, log: () => undefined }))).to.equal(
      'POSTGRES_VERSION',
    );
    expect(await readdir(old)).to.deep.equal(['pg9']);
  });

  it('refuses a data folder that cannot be', async () => {
    const file = path.join(folder, 'a-file');
    await writeFile(file, '');
    const start = startPostgres({ dataDir: path.join(file, 'data'), log: () => undefined });
    expect(await codeOf(start)).to.equal('POSTGRES_DATA_DIR');
  });

  it('names the package that is missing on a platform without one', async () => {
    const arch = process.arch;
    Object.defineProperty(process, 'arch', { value: 'sparc' });
    try {
      const start = startPostgres({ dataDir: path.join(folder, 'none'), log: () => undefined });
      const error = (await start.catch((reason: unknown) => reason)) as Error & { code: string };
      expect(error.code).to.equal('POSTGRES_PACKAGE_MISSING');
      expect(error.message).to.match(/-sparc is not installed.*npm ci.*DATABASE_URL/);
    } finally {
      Object.defineProperty(process, 'arch', { value: arch });
    }
  });

  describe('as root, in a folder that is closed to the server', () => {
    let closed: string;
    const places = new Set<string>();

    before(function () {
      if (process.getuid?.() !== 0) this.skip();
    });
    beforeEach(async () => {
      closed = await mkdtemp(path.join(tmpdir(), 'dxl-closed-'));
    });
    afterEach(async () => {
      await rm(closed, { recursive: true, force: true });
      for (const place of places) await rm(place, { recursive: true });
      places.clear();
    });

    /** Where the cluster of a data folder is, after a start. */
    async function placeOf(wanted: string): Promise<string> {
      const told: string[] = [];
      const log = (line: string): number => told.push(line);
      const server = await startPostgres({ dataDir: wanted, log });
      await server.stop();
      const place = /^database folder: (\S+)/.exec(told[0] ?? '')?.[1] ?? '';
      expect(place).to.match(/^\/var\/lib\/data-exchange-ledger\/[0-9a-f]{16}$/);
      places.add(place);
      return place;
    }

    it('keeps its data where the server may go, and a link to it', async () => {
      const wanted = path.join(closed, 'exchange', 'postgres');
      const place = await placeOf(wanted);
      expect(await realpath(wanted)).to.equal(place);
      expect(await readFile(path.join(place, 'belongs-to'), 'utf8')).to.equal(`${wanted}\n`);
      expect(await placeOf(wanted), 'at the next start').to.equal(place);
    });

    it('finds it again when the folder is moved, and not when it is made anew', async () => {
      const [old, moved] = [path.join(closed, 'old'), path.join(closed, 'moved')];
      const place = await placeOf(path.join(old, 'postgres'));
      await rename(old, moved);
      expect(await placeOf(path.join(moved, 'postgres'))).to.equal(place);
      expect(await placeOf(path.join(old, 'postgres'))).not.to.equal(place);
    });

    it('makes one place where two begin at once', async () => {
      const wanted = path.join(closed, 'postgres');
      const account = { name: 'nobody', uid: 65_534, gid: 65_534 };
      const both = await Promise.all([
        preparePlace(wanted, account),
        preparePlace(wanted, account),
      ]);
      both.forEach((place) => places.add(place));
      expect(both[0]).to.equal(both[1]);
    });

    it('makes no empty database where there was one that it cannot reach', async () => {
      const wanted = path.join(closed, 'postgres');
      await mkdir(path.join(wanted, 'pg18'), { recursive: true });
      const start = startPostgres({ dataDir: wanted, log: () => undefined });
      const error = (await start.catch((reason: unknown) => reason)) as Error & { code: string };
      expect(error.code).to.equal('POSTGRES_DATA_DIR');
      expect(error.message).to.match(/postgres cannot be used \(it is not empty, and closed to/);
    });

    it('says where a link leads that leads nowhere', async () => {
      const wanted = path.join(closed, 'postgres');
      await symlink(path.join(closed, 'gone'), wanted);
      const start = startPostgres({ dataDir: wanted, log: () => undefined });
      const error = (await start.catch((reason: unknown) => reason)) as Error & { code: string };
      expect(error.code).to.equal('POSTGRES_DATA_DIR');
      expect(error.message).to.contain('gone');
    });
  });

  const failures: [said: string, code: string][] = [
    ['FATAL: could not write: No space left on device', 'POSTGRES_DISK_FULL'],
    ['initdb: error: could not access directory: Permission denied', 'POSTGRES_FORBIDDEN'],
    ['FATAL: database files are incompatible with server', 'POSTGRES_VERSION'],
    ['could not map anonymous shared memory: Cannot allocate memory', 'POSTGRES_MEMORY'],
    ['spawn /x/bin/postgres ENOENT', 'POSTGRES_BINARY'],
    ['could not look up effective user ID 7: user does not exist', 'POSTGRES_NO_ACCOUNT'],
    ['something else', 'POSTGRES_START_FAILED'],
  ];
  for (const [said, code] of failures) {
    it(`explains "${said}"`, () => {
      const error = explainFailure(said, 'PostgreSQL did not start');
      expect([error.code, error.message.includes(said)]).to.deep.equal([code, true]);
    });
  }
});
