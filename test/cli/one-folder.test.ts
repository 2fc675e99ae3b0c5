import { expect } from 'chai';
import { once } from 'node:events';
import { readFile, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { openFolder } from '../support/open-folder.ts';
import { dxl, embedded, startDxl, type Ended, type Running } from './run-dxl.ts';

/** Two processes on one data folder, with the database that the node brings along. */
describe('dxl: one process on a data folder', function () {
  this.timeout(300_000);
  let folder: string;
  const running: Running[] = [];

  const data = (): string => path.join(folder, 'data');
  const settings = { ...embedded, DXL_LOG_LEVEL: 'warn' };
  const start = (): Running => {
    const node = startDxl(['node', '--port', '0', '--data-dir', data(), '--json'], settings);
    running.push(node);
    return node;
  };
  const urlOf = async (node: Running): Promise<string> =>
    (JSON.parse(await node.firstLine) as { url: string }).url;

  const databasePid = async (): Promise<number> => {
    const place = path.join(data(), 'postgres');
    const cluster = (await readdir(place)).find((name) => /^pg\d+$/.test(name)) ?? '';
    return Number.parseInt(await readFile(path.join(place, cluster, 'postmaster.pid'), 'utf8'), 10);
  };

  function expectRefused({ code, errors }: Ended, pid: number | undefined): void {
    expect(code, errors).to.equal(3);
    expect(errors).to.include('DATA_FOLDER_IN_USE');
    expect(errors).to.include(data()).and.include(`process ${pid}`);
    expect(errors).not.to.match(/\n\s+at /);
  }

  before(async () => {
    folder = await openFolder('dxl-one-folder-');
  });
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is one of three nodes that start at the same moment on an empty folder', async () => {
    const nodes = [start(), start(), start()];
    const outcomes = await Promise.all(
      nodes.map((node) => Promise.race([urlOf(node).catch(() => node.ended), node.ended])),
    );
    const winners = nodes.filter((_, at) => typeof outcomes[at] === 'string');
    expect(winners).to.have.length(1);
    for (const outcome of outcomes) {
      if (typeof outcome !== 'string') expectRefused(outcome, winners[0]?.child.pid);
    }
    const url = outcomes.find((outcome) => typeof outcome === 'string');
    expect((await fetch(`${String(url)}/readyz`)).status).to.equal(200);
  });

  it('keeps its database while others try, and while others read', async () => {
    const node = start();
    const url = await urlOf(node);
    const pid = await databasePid();
    const genesis = await stat(path.join(data(), 'genesis.json'));
    const archive = path.join(folder, 'ledger.dxl');
    const inFolder = ['--data-dir', data()];

    expectRefused(await start().ended, node.child.pid);
    const exported = await dxl(['export', archive, ...inFolder], settings);
    expect(exported.code, exported.errors).to.equal(0);
    expectRefused(await dxl(['import', archive, ...inFolder], settings), node.child.pid);
    const audited = await dxl(['fsck', ...inFolder], settings);
    expect(audited.code, audited.errors).to.equal(0);
    const played = await dxl(['demo', '--out', data(), '--exit'], settings);
    expect(played.errors).to.match(/^DEMO_FOLDER/);

    expect(await databasePid()).to.equal(pid);
    expect((await stat(path.join(data(), 'genesis.json'))).mtimeMs).to.equal(genesis.mtimeMs);
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
  });

  it('ends and hands over: a node that starts meanwhile is refused, or finds all at rest', async () => {
    const node = start();
    await urlOf(node);
    node.child.kill('SIGTERM');
    const next = start();
    const outcome = await Promise.race([urlOf(next).catch(() => next.ended), next.ended]);
    expect((await node.ended).code).to.equal(0);
    if (typeof outcome !== 'string') expectRefused(outcome, node.child.pid);
    const last = typeof outcome === 'string' ? outcome : await urlOf(start());
    expect((await fetch(`${last}/readyz`)).status).to.equal(200);
  });

  it('is killed: the next takes folder and database over, and stops it at its end', async () => {
    const node = start();
    await urlOf(node);
    const pid = await databasePid();
    node.child.kill('SIGKILL');
    await once(node.child, 'exit');
    expect(await databasePid(), 'it lives on').to.equal(pid);
    const next = start();
    const url = await urlOf(next);
    expect(await databasePid()).to.equal(pid);
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    next.child.kill('SIGTERM');
    expect((await next.ended).code).to.equal(0);
    expect(await databasePid().catch(() => null)).to.equal(null);
  });
});
