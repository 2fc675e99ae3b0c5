import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { digestReadModels } from '../../src/chain/fsck/digests.ts';
import { openAuditReader } from '../../src/store/audit-reader.ts';
import { followBlocks } from '../../src/store/follow-blocks.ts';
import {
  createThreadedProjector,
  type ThreadedProjector,
} from '../../src/store/projection-thread.ts';
import { rebuildReadModels } from '../../src/store/rebuild.ts';
import { blockOf, codeOf, openStore, type OpenStore } from './sample-blocks.ts';
import { decode, type Row } from './sample-leaves.ts';

const module = new URL('./sample-projection.ts', import.meta.url);
const inDatabase = `datname = current_database()`;
const ofThread = `application_name = 'data-exchange-ledger projection'`;

describe('store: read models on a thread of their own', () => {
  let open: OpenStore;
  let projector: ThreadedProjector;
  let height = 0;
  let logSize = 0;
  let folder: string;
  /** While it is there, the leaves that name it make the thread fail. */
  let faulty: string;

  const begin = (): ThreadedProjector =>
    createThreadedProjector({ dataSource: open.dataSource, url: open.url, module });
  const commit = async (...rows: Row[]): Promise<void> => {
    height += 1;
    const placed = rows.map((row) => ({ ...row, body: { height, ...row.body } }));
    await open.store.commit(blockOf(height, logSize, placed), []);
    logSize += rows.length;
  };
  const many = (count: number): Row[] =>
    Array.from({ length: count }, (_, at) => ({
      id: `r${(at * 7 + height) % 300}`,
      text: `数据 ${at}`,
      bare: at % 11 === 0,
      silent: at % 13 === 0,
    }));
  const digests = async () => {
    const reader = await openAuditReader(open.url);
    return digestReadModels(reader).finally(() => reader.close());
  };
  const count = async (condition: string): Promise<number> => {
    const [row] = await open.dataSource.query<{ count: number }[]>(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE ${inDatabase} AND ${condition}`,
    );
    return row?.count ?? 0;
  };
  /** Resolves when it holds; the test ends where it never does. */
  const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
    while (!(await holds())) await pause(10);
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-projection-'));
    faulty = path.join(folder, 'faulty');
    await writeFile(faulty, '');
    open = await openStore();
    height = 0;
    logSize = 0;
    projector = begin();
  });
  afterEach(async () => {
    await projector.close();
    await open.close();
    await rm(folder, { recursive: true });
  });

  it('are those that a rebuild makes, by hash, on one connection beside the pool', async () => {
    for (let block = 0; block < 6; block += 1) {
      await commit(...many(block === 3 ? 2_300 : 200));
      if (block % 2 === 1) await projector.advance();
    }
    expect(await projector.advance()).to.deep.equal({ logIndex: logSize, height });
    expect(await count(ofThread)).to.equal(1);
    const before = await digests();
    const { dataSource, url } = open;
    await rebuildReadModels({ dataSource, url, decode });
    expect(await digests()).to.deep.equal(before);
    // The thread goes on with the tables that took the place of its own.
    await commit({ id: 'after' });
    await projector.advance();
    expect((await projector.getRecord('product', 'after')).height).to.equal(height);
  });

  it('catch up with what was committed while nobody followed, batch by batch', async () => {
    for (let block = 0; block < 6; block += 1) await commit(...many(900));
    const told: number[] = [];
    projector.onAdvance((cursor) => told.push(cursor.height));
    const shared = await Promise.all([projector.advance(), projector.advance()]);
    expect(shared).to.deep.equal([{ logIndex: logSize, height }, shared[0]]);
    expect(told).to.deep.equal([2, 4, 6]);
    expect(await projector.readCursor()).to.deep.equal(shared[0]);
  });

  it('stay where they are at a leaf that cannot be read, with what to do, and go on later', async () => {
    await commit({ id: 'a' });
    await projector.advance();
    await commit({ id: 'b', fault: { file: faulty, kind: 'throws' } });
    const error = await projector.advance().catch((caught: unknown) => caught as Error);
    expect(error).to.have.property('code', 'PROJECTION_FAILED');
    expect(error)
      .to.have.property('message')
      .that.matches(/leaf 1 cannot be read.*dxl fsck/);
    expect(error).to.have.nested.property('cause.stack').that.includes('sample-projection.ts');
    expect(await projector.readCursor()).to.deep.equal({ logIndex: 1, height: 1 });
    expect((await projector.getRecord('product', 'b')).value).to.equal(null);
    await rm(faulty);
    expect((await projector.advance()).height).to.equal(2);
  });

  it('are kept by a new thread where one was lost, which is told', async () => {
    await commit({ id: 'a' }, { id: 'b', fault: { file: faulty, kind: 'exits' } });
    expect(await codeOf(projector.advance())).to.equal('PROJECTION_THREAD_LOST');
    expect(await projector.readCursor()).to.deep.equal({ logIndex: 0, height: 0 });
    await rm(faulty);
    expect(await projector.advance()).to.deep.equal({ logIndex: 2, height: 1 });
  });

  it('tell of a thread that never begins', async () => {
    const { dataSource, url } = open;
    const missing = new URL('./no-such-module.ts', import.meta.url);
    const none = createThreadedProjector({ dataSource, url, module: missing });
    const error = await none.advance().catch((caught: unknown) => caught as Error);
    expect(error).to.have.property('code', 'PROJECTION_THREAD_LOST');
    expect(error).to.have.property('message').that.includes('no-such-module');
    await none.close();
  });

  it('need a new connection where theirs was ended', async () => {
    await commit({ id: 'a' });
    await projector.advance();
    await open.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${inDatabase} AND ${ofThread}`,
    );
    await commit({ id: 'b' });
    // Ended before the thread has noticed or after: it fails once at most.
    const first = await codeOf(projector.advance());
    expect(first).to.be.oneOf(['resolved [object Object]', 'PROJECTION_FAILED']);
    expect((await projector.advance()).height).to.equal(2);
  });

  it('lose nothing where they are ended in the middle, and the next one goes on', async () => {
    for (let block = 0; block < 8; block += 1) await commit(...many(1_000));
    const first = new Promise<void>((told) => projector.onAdvance(() => told()));
    const work = codeOf(projector.advance());
    await first;
    await projector.close();
    expect(await work).to.equal('PROJECTION_THREAD_LOST');
    expect(await codeOf(projector.advance())).to.equal('PROJECTION_THREAD_LOST');
    await until(async () => (await count(ofThread)) === 0);
    const { logIndex } = await projector.readCursor();
    expect(logIndex).to.satisfy((at: number) => at > 0 && at < logSize && at % 1_000 === 0);
    projector = begin();
    await projector.advance();
    const before = await digests();
    await rebuildReadModels({ dataSource: open.dataSource, url: open.url, decode });
    expect(await digests()).to.deep.equal(before);
  });

  describe('that follow an engine', () => {
    const listeners = new Set<() => void>();
    const engine = {
      onBlock: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const happen = async (...rows: Row[]): Promise<void> => {
      await commit(...rows);
      for (const listener of listeners) listener();
    };
    const failures: unknown[] = [];
    /** How often the read models were asked to advance, from now on. */
    const countTries = (): (() => number) => {
      const advance = projector.advance.bind(projector);
      let tries = 0;
      projector.advance = () => {
        tries += 1;
        return advance();
      };
      return () => tries;
    };
    let end: (() => Promise<void>) | null = null;
    const follow = (told: () => void = () => undefined) =>
      (end = followBlocks({
        engine,
        projector,
        onFailure: (error) => {
          failures.push(error);
          told();
        },
        retryMs: 60,
      }));

    beforeEach(() => void failures.splice(0));
    afterEach(() => end?.().catch(() => undefined));

    it('show at once what was committed before, each block soon, and the last one at the end', async () => {
      await commit({ id: 'before' }, { id: 'a' });
      const end = follow();
      await until(async () => (await projector.readCursor()).height === 1);
      await happen({ id: 'a' });
      await until(async () => (await projector.readCursor()).height === 2);
      await happen({ id: 'b' });
      await end();
      expect((await projector.readCursor()).height).to.equal(3);
      expect([listeners.size, failures]).to.deep.equal([0, []]);
    });

    it('try again after a failure without another block, and tell of it once a try', async () => {
      const tries = countTries();
      let triedAtBlocks = 0;
      // The next try is waited for as soon as the failure is told: no block is a reason for another.
      const end = follow(() =>
        queueMicrotask(() => {
          const before = tries();
          for (let block = 0; block < 5; block += 1) for (const listener of listeners) listener();
          triedAtBlocks += tries() - before;
        }),
      );
      const fault = { file: faulty, kind: 'throws' } as const;
      await happen({ id: 'a', fault });
      await until(() => failures.length > 0);
      for (let block = 0; block < 5; block += 1) await commit({ id: 'b' });
      await until(() => failures.length > 1);
      expect(triedAtBlocks).to.equal(0);
      expect(failures[0]).to.have.property('code', 'PROJECTION_FAILED');
      await rm(faulty);
      await until(async () => (await projector.readCursor()).height === 6);
      await end();
    });

    it('end also where they cannot be brought up to date', async () => {
      const end = follow();
      await happen({ id: 'a', fault: { file: faulty, kind: 'exits' } });
      await end();
      const told = failures.length;
      expect(failures.at(-1)).to.have.property('code', 'PROJECTION_THREAD_LOST');
      await pause(150);
      expect(failures).to.have.length(told);
    });
  });
});
