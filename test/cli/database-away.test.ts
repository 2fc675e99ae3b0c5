import { expect } from 'chai';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { toHex } from '../../src/base/bytes.ts';
import { sha256 } from '../../src/base/hash.ts';
import { Signers } from '../../bench/http/signers.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { openKeyFile } from '../../src/client/keystore/key-file.ts';
import { openFolder } from '../support/open-folder.ts';
import { embedded, startDxl, type Running } from './run-dxl.ts';

/** What a node does while its database is paused, and when it is gone, with nobody writing. */
describe('dxl node: its database is away', function () {
  this.timeout(240_000);
  let folder: string;
  let node: Running;
  let url: string;
  let said = '';
  /** Admissions by the operator, none of which was sent. */
  let envelopes: Uint8Array[];

  const start = async (): Promise<void> => {
    said = '';
    const words = ['node', '--port', '0', '--data-dir', path.join(folder, 'data'), '--json'];
    node = startDxl(words, { ...embedded, DXL_LOG_LEVEL: 'info' });
    node.child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
    ({ url } = JSON.parse(await node.firstLine) as { url: string });
  };

  before(async function () {
    if (process.platform === 'win32') this.skip();
    folder = await openFolder('dxl-away-');
    await start();
    const file = (name: string): string => path.join(folder, 'data/operator', name);
    const passphrase = (await readFile(file('passphrase.txt'), 'utf8')).trim();
    const { signingKey } = await openKeyFile(file('operator.key.json'), passphrase);
    const client = new ExchangeClient(url);
    const first = await client.nextSequence(signingKey.keyId);
    envelopes = new Signers(await client.chainId(), 500, 4).admissions(signingKey, first);
  });
  after(async () => {
    node.child.kill('SIGKILL');
    await node.ended;
    // As an operator would: the next start takes the database over, and ends it.
    await start();
    node.child.kill('SIGTERM');
    await node.ended;
    await rm(folder, { recursive: true, force: true });
  });

  /** Of the server and all of its processes, as long as it answers. */
  async function databasePids(): Promise<number[]> {
    const place = path.join(folder, 'data/postgres');
    const cluster = (await readdir(place)).find((name) => /^pg\d+$/.test(name)) ?? '';
    const read = (name: string) => readFile(path.join(place, cluster, name), 'utf8');
    const [pid, , , port] = (await read('postmaster.pid')).split('\n');
    const client = new pg.Client({
      connectionString: `postgresql://ledger:${await read('ledger.password')}@127.0.0.1:${port}/ledger`,
    });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
    await client.end();
    return [Number(pid), ...rows.map((row) => row.pid)];
  }

  function signal(pids: readonly number[], name: NodeJS.Signals): void {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended by itself.
      }
    }
  }

  /** An answer comes within this, whatever the database does: a bound, and no measure of speed. */
  const get = (at: string, msMax: number): Promise<Response> =>
    fetch(`${url}${at}`, { signal: AbortSignal.timeout(msMax) });

  const send = (envelope: Uint8Array | undefined): Promise<Response> =>
    fetch(`${url}/v1/transactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/cose' },
      body: Buffer.from(envelope ?? []),
    });

  async function untilReady(status: number): Promise<Response> {
    for (;;) {
      const answer = await get('/readyz', 5_000);
      if (answer.status === status) return answer;
      await answer.text();
      await delay(20);
    }
  }

  async function untilStands(envelope: Uint8Array): Promise<void> {
    for (;;) {
      const answer = await get(`/v1/transactions/${toHex(sha256(envelope))}`, 20_000);
      if (answer.status === 200) return;
      expect(answer.status, await answer.text()).to.equal(404);
      await delay(20);
    }
  }

  it('answers while it is paused, goes on when it is resumed, and loses nothing', async () => {
    expect((await send(envelopes[0])).status).to.equal(201);
    const pids = await databasePids();
    signal(pids, 'SIGSTOP');
    let waiting: Promise<Response>;
    try {
      const problem = (await (await untilReady(503)).json()) as {
        name: string;
        checks: { name: string; detail: string }[];
      };
      expect(problem.name).to.equal('NOT_READY');
      expect(problem.checks.map(({ name }) => name)).to.include('database');
      expect((await get('/healthz', 5_000)).status).to.equal(200);
      expect(await (await get('/metrics', 5_000)).text()).to.include(
        'dxl_ready{check="database"} 0',
      );
      waiting = send(envelopes[1]);
      const refused = await Promise.all(
        ['organisations', 'blocks'].map((list) => get(`/v1/${list}`, 60_000)),
      );
      for (const answer of refused) {
        expect(answer.status).to.equal(503);
        expect(((await answer.json()) as { name: string }).name).to.equal('DATABASE_UNAVAILABLE');
      }
    } finally {
      signal(pids, 'SIGCONT');
    }
    expect((await waiting).status).to.be.oneOf([201, 504]);
    await untilReady(200);
    for (const envelope of envelopes.slice(0, 2)) await untilStands(envelope);
    expect((await send(envelopes[2])).status).to.equal(201);
    const lines = said.split('\n').filter((line) => /"check":"database"/.test(line));
    // Each change once; a machine that is busy enough may see more than one.
    expect(lines.length).to.be.at.least(2);
    for (const [at, line] of lines.entries()) {
      const { msg } = JSON.parse(line) as { msg: string };
      expect(msg).to.equal(at % 2 === 0 ? 'not ready' : 'ready again');
    }
  });

  it('ends with the reason where it is killed while nothing is written, and goes on anew', async () => {
    const { height } = (await (await get('/readyz', 5_000)).json()) as { height: number };
    signal(await databasePids(), 'SIGKILL');
    const { code, errors } = await node.ended;
    expect(code).to.equal(3);
    expect(errors).to.match(/"name":"ENGINE_STORE_FAILED","detail":"The database went away \(/);
    await start();
    const again = (await (await untilReady(200)).json()) as { height: number };
    expect(again.height).to.equal(height);
    expect((await send(envelopes[3])).status).to.equal(201);
  });
});
