import { expect } from 'chai';
import { once } from 'node:events';
import { chmod, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openBlockSignerOf } from '../../src/node/block-signer.ts';
import { findWideFiles } from '../../src/node/private-files.ts';
import { secretPlacesOf } from '../../src/node/secret-places.ts';
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

  /** Made by the first that asks. */
  async function operatorKey(): Promise<string> {
    const key = path.join(folder, 'operator.key');
    if (await stat(key).catch(() => null)) return key;
    const passphrase = path.join(folder, 'passphrase');
    await writeFile(passphrase, 'of this test alone\n', { mode: 0o600 });
    const own = { ...settings, DXL_PASSPHRASE_FILE: passphrase };
    const made = await dxl(['key', 'new', key, '--organisation', 'operator'], own);
    expect(made.code, made.errors).to.equal(0);
    return key;
  }

  const initOf = (key: string, chainId: string, dataDir: string): string[] => [
    ...['init', '--operator', key, '--chain-id', chainId, '--name', 'Exchange', '--json'],
    ...['--credit-code', '000000000000000000', '--jurisdiction', 'DE', '--data-dir', dataDir],
  ];

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
    const umask = process.umask(0);
    const nodes = [start(), start(), start()];
    process.umask(umask);
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
    const places = await secretPlacesOf(data());
    expect(places.map(({ file }) => path.relative(data(), file))).to.include.members([
      ...['node', 'operator', 'content', 'lock', 'postgres/pg18', 'postgres/pg18/ledger.password'],
      ...['operator/operator.key.json', 'operator/passphrase.txt', 'node/block-signer.json'],
    ]);
    expect(await findWideFiles(places), 'whatever the umask').to.deep.equal([]);
  });

  it('tells at its start what others have been let into', async () => {
    const wide = ['node', 'operator', 'operator/passphrase.txt', 'content'];
    for (const name of wide) await chmod(path.join(data(), name), 0o777);
    const node = start();
    await urlOf(node);
    node.child.kill('SIGTERM');
    const { errors } = await node.ended;
    for (const name of wide) {
      const modes = name.endsWith('.txt') ? 600 : 700;
      const file = path.join(data(), name);
      expect(errors).to.include(`WARNING: ${file} is open to others (mode 777): chmod ${modes}`);
      await chmod(file, name.endsWith('.txt') ? 0o600 : 0o700);
    }
    expect(errors.match(/WARNING/g)).to.have.length(wide.length);
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
    const rebuilt = await dxl(['rebuild', ...inFolder], settings);
    expect(rebuilt.code, rebuilt.errors).to.equal(0);
    const key = await operatorKey();
    expectRefused(await dxl(initOf(key, 'another-chain', data()), settings), node.child.pid);
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

  it('is of one rebuild at a time on a stopped folder, and a node waits for none', async () => {
    const both = [0, 1].map(() => startDxl(['rebuild', '--data-dir', data()], settings));
    running.push(...both);
    const ended = await Promise.all(both.map((run) => run.ended));
    const pids = both.map(({ child }) => child.pid);
    expect(ended.map(({ code }) => code)).to.include(0);
    for (const [at, one] of ended.entries()) if (one.code !== 0) expectRefused(one, pids[1 - at]);
    const url = await urlOf(start());
    expect((await fetch(`${url}/readyz`)).status).to.equal(200);
  });

  it('takes one of two chains that are made at the same moment, whole', async () => {
    const key = await operatorKey();
    const made = path.join(folder, 'made');
    const both = ['chain-a', 'chain-b'].map((id) => startDxl(initOf(key, id, made), settings));
    running.push(...both);
    const ended = await Promise.all(both.map((run) => run.ended));
    expect(ended.map(({ code }) => code === 0).sort()).to.deep.equal([false, true]);
    const lost = ended.find(({ code }) => code !== 0);
    expect(lost?.errors).to.match(/DATA_FOLDER_IN_USE|is there already: the folder holds a chain/);
    const won = JSON.parse(ended.find(({ code }) => code === 0)!.output) as Record<string, string>;
    const read = async (name: string) =>
      JSON.parse(await readFile(path.join(made, name), 'utf8')) as Record<string, unknown>;
    const genesis = await read('genesis.json');
    expect([genesis['chainId'], genesis['blockSigner']]).to.deep.equal([
      ...[won['chainId'], won['blockSigner']],
    ]);
    // Throws where the key is another chain's.
    await openBlockSignerOf(won['blockSigner']!, path.join(made, 'node', 'block-signer.json'));
  });

  for (const first of ['node', 'init'] as const) {
    it(`is of a node that starts or of the chain that is made, ${first} first, again and again`, async () => {
      const key = await operatorKey();
      const own = path.join(folder, `${first}-first`);
      const init = (): Running => startDxl(initOf(key, 'chain-i', own), settings);
      const tried: Running[] = first === 'init' ? [init()] : [];
      const node = startDxl(['node', '--port', '0', '--data-dir', own, '--json'], settings);
      running.push(node);
      const beginning = { over: false };
      const outcome = Promise.race([urlOf(node).catch(() => node.ended), node.ended]);
      void outcome.then(() => (beginning.over = true));
      // At every moment of the start, and once more when it is over.
      for (let last = false; !last; last = beginning.over) {
        tried.push(init());
        await Promise.all(tried.map(({ ended }) => ended));
      }
      tried.push(init());
      const ended = await Promise.all(tried.map((one) => one.ended));
      const made = ended.filter(({ code }) => code === 0);
      expect(made.length).to.be.at.most(1);
      for (const { code, errors } of ended) {
        if (code === 0) continue;
        expect(errors).to.match(/DATA_FOLDER_IN_USE|is there already: the folder holds a chain/);
        expect(errors)
          .to.include(own)
          .and.not.match(/\n\s+at /);
      }
      const started = await outcome;
      if (typeof started !== 'string') {
        // One that made the chain was there before it.
        expect([started.code, made.length]).to.deep.equal([3, 1]);
        expect(started.errors).to.include('DATA_FOLDER_IN_USE').and.include(own);
      }
      const restarted = () =>
        startDxl(['node', '--port', '0', '--data-dir', own, '--json'], settings);
      const again = async (): Promise<string> => {
        const next = restarted();
        running.push(next);
        return urlOf(next);
      };
      const url = typeof started === 'string' ? started : await again();
      const { genesis } = (await (await fetch(`${url}/v1/genesis`)).json()) as {
        genesis: Record<string, unknown>;
      };
      const kept = JSON.parse(await readFile(path.join(own, 'genesis.json'), 'utf8')) as object;
      expect(kept).to.deep.equal(genesis);
      expect(genesis['chainId'] === 'chain-i').to.equal(made.length === 1);
      expect((await fetch(`${url}/readyz`)).status).to.equal(200);
    });
  }

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
