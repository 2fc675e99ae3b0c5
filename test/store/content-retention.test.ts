/** What nobody needs any more is told of, removed, and leaves its digest; over a database and a folder. */
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DataSource } from 'typeorm';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { encodeManifest, manifestDigest, partBytes } from '../../src/content/manifest.ts';
import { namingFields } from '../../src/content/uses.ts';
import { aboutContent, createContentClaims } from '../../src/store/content-claims.ts';
import { createContentRemovals, type ContentRemoval } from '../../src/store/content-removals.ts';
import { ContentRetention } from '../../src/store/content-retention.ts';
import { openContentFolder, type ContentStore } from '../../src/store/content-store.ts';
import { openDataSource } from '../../src/store/data-source.ts';
import { openUnusedContent } from '../../src/store/unused-content.ts';
import { tail, zeros, zerosDigest, zerosManifest } from '../api/content-requests.ts';
import { freshDatabase } from '../support/database.ts';

const keepMs = 90;
const noticeMs = 30;

describe('content retention', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let dataSource: DataSource;
  let folder = '';
  let content: ContentStore;
  let nowMs: number | null = 0;
  /** Until when each is needed: `Infinity` as long as anybody can tell. */
  const needed = new Map<Hex, number>();
  const noticed: ContentRemoval[] = [];
  const removed: ContentRemoval[] = [];

  before(async () => {
    database = await freshDatabase();
    dataSource = await openDataSource(database.url, { poolMax: 4 });
  });

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-retention-'));
    content = await openContentFolder(folder);
    nowMs = 0;
    for (const list of [noticed, removed]) list.length = 0;
    needed.clear();
  });

  afterEach(async () => {
    await dataSource.query('TRUNCATE content_claim, content_removal, record');
    await rm(folder, { recursive: true, force: true });
  });

  after(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const claims = () => createContentClaims(dataSource);
  const removals = () => createContentRemovals(dataSource);

  /** A node that has just started. @param remove instead of the folder’s own */
  function node(remove = (digest: Hex): Promise<void> => content.remove(digest)) {
    const store = { ...content, remove };
    const parts = { dataSource, claims: claims(), content: store, fields: namingFields };
    return new ContentRetention({
      ...{ keepMs, noticeMs, content: store, claims: claims(), removals: removals() },
      unused: openUnusedContent(parts),
      async findLastNeed(digest, sent) {
        const atMs = needed.get(digest) ?? Infinity;
        if (atMs === Infinity) return null;
        const told = [...new Set(sent.map(({ organisationId }) => organisationId))];
        return { atMs, record: 'trade/t-1', deadline: 'its end', told };
      },
      nowMs: () => nowMs,
      onNotice: (removal) => void noticed.push(removal),
      onRemoval: (removal) => void removed.push(removal),
    });
  }

  /** Looks at all there is: it begins anywhere. */
  async function sweep(retention = node()): Promise<void> {
    await retention.sweep();
    await retention.sweep();
  }

  async function send(digest: Hex, about = '', organisationId = 'seller'): Promise<void> {
    const claim = { digest, organisationId, about, bucket: '', bytes: 7, atMs: 1, untilMs: null };
    await claims().take(claim, 1_000);
  }

  async function sendBlob(text: string): Promise<Hex> {
    const { digest } = await content.put(utf8(text), { maxBytes: 1_000 });
    await send(digest);
    return digest;
  }

  /** Two parts: the zeros, and an end of its own. */
  async function sendManifest(end: string) {
    const manifest = zerosManifest(1, utf8(end));
    const digest = manifestDigest(manifest);
    const endDigest = sha256Hex(utf8(end));
    await content.put(zeros, { maxBytes: partBytes });
    await content.put(utf8(end), { maxBytes: 1_000 });
    await content.put(encodeManifest(manifest), { maxBytes: 1_000 });
    await send(digest);
    for (const part of [zerosDigest, endDigest]) await send(part, `${aboutContent}${digest}`);
    return { digest, endDigest, bytes: manifest.bytes };
  }

  const here = async (...digests: Hex[]): Promise<boolean[]> =>
    Promise.all(digests.map((digest) => content.has(digest)));

  it('is told of before it is removed, and leaves what it was and why', async () => {
    const digest = await sendBlob('needed no more');
    needed.set(digest, 1_000);
    const retention = node();
    const steps: [number, number, number, boolean][] = [
      [1_059, 0, 0, true],
      [1_060, 1, 0, true],
      [1_089, 1, 0, true],
      [1_090, 1, 1, false],
    ];
    for (const [atMs, notices, removals_, kept] of steps) {
      nowMs = atMs;
      await sweep(retention);
      expect([noticed.length, removed.length, (await here(digest))[0]], String(atMs)).to.deep.equal(
        [notices, removals_, kept],
      );
    }
    expect(await removals().find(digest)).to.deep.include({
      ...{ digest, bytes: 14, record: 'trade/t-1', deadline: 'its end', told: ['seller'] },
      ...{ neededUntilMs: 1_000, noticedAtMs: 1_060, dueAtMs: 1_090, removedAtMs: 1_090 },
    });
    expect(await claims().of(digest), 'its room is free').to.deep.equal([]);
    expect(retention.counts).to.deep.equal({ due: 0, dueBytes: 0, removed: 1 });
    expect((await removals().listFor('seller', { limit: 9 })).length).to.equal(1);
    expect(await removals().listFor('stranger', { limit: 9 })).to.deep.equal([]);
  });

  it('has the whole notice where it was due long ago', async () => {
    const digest = await sendBlob('found late');
    needed.set(digest, 0);
    nowMs = 5_000;
    await sweep();
    expect(noticed.map(({ dueAtMs }) => dueAtMs)).to.deep.equal([5_030]);
    nowMs = 5_029;
    await sweep();
    expect(await here(digest)).to.deep.equal([true]);
    nowMs = 5_030;
    await sweep();
    expect(await here(digest)).to.deep.equal([false]);
  });

  it('stays where it is needed again, and a new notice has its whole time', async () => {
    const digest = await sendBlob('wanted again');
    needed.set(digest, 0);
    nowMs = 70;
    await sweep();
    needed.set(digest, Infinity);
    nowMs = 200;
    await sweep();
    expect([await removals().find(digest), (await here(digest))[0]]).to.deep.equal([null, true]);
    needed.set(digest, 150);
    nowMs = 300;
    await sweep();
    expect(noticed.map(({ dueAtMs }) => dueAtMs)).to.deep.equal([100, 330]);
    expect(await here(digest)).to.deep.equal([true]);
  });

  it('nothing is decided while the read models are behind', async () => {
    const digest = await sendBlob('of a node that catches up');
    needed.set(digest, 0);
    nowMs = null;
    await sweep();
    expect([noticed.length, (await here(digest))[0]]).to.deep.equal([0, true]);
  });

  it('what nobody has sent and no record names is left alone', async () => {
    const { digest } = await content.put(utf8('of an import'), { maxBytes: 100 });
    nowMs = 1_000_000;
    await sweep();
    expect(await here(digest)).to.deep.equal([true]);
  });

  it('goes by parts, but for those that other content has', async () => {
    const gone = await sendManifest('one end');
    const stays = await sendManifest('another end');
    needed.set(gone.digest, 0);
    nowMs = 70;
    await sweep();
    expect(noticed.map(({ bytes }) => bytes)).to.deep.equal([gone.bytes]);
    nowMs = 100;
    await sweep();
    expect(await here(gone.digest, gone.endDigest)).to.deep.equal([false, false]);
    expect(await here(stays.digest, stays.endDigest, zerosDigest)).to.deep.equal([
      true,
      true,
      true,
    ]);
    needed.set(stays.digest, 0);
    await sweep();
    nowMs = 200;
    await sweep();
    expect(await here(stays.digest, stays.endDigest, zerosDigest)).to.deep.equal([
      ...[false, false, false],
    ]);
  });

  it('a part of content that came with an import stays: nobody has sent it, its manifest has it', async () => {
    const gone = await sendManifest('one end');
    const imported = zerosManifest(1, tail);
    await content.put(encodeManifest(imported), { maxBytes: 1_000 });
    needed.set(gone.digest, 0);
    for (nowMs of [70, 100]) await sweep();
    expect(await here(gone.digest, zerosDigest)).to.deep.equal([false, true]);
  });

  it('a manifest of what others have sent takes none of it away', async () => {
    const { digest: victim } = await content.put(utf8('of an import, without a sender'), {
      maxBytes: 100,
    });
    const forged = zerosManifest(1, utf8('of an import, without a sender'));
    await content.put(encodeManifest(forged), { maxBytes: 1_000 });
    await send(manifestDigest(forged), '', 'thief');
    needed.set(manifestDigest(forged), 0);
    for (nowMs of [70, 100]) await sweep();
    expect(await here(manifestDigest(forged), victim)).to.deep.equal([false, true]);
  });

  it('a removal that was cut off anywhere is gone on with by the next start', async () => {
    for (const allowed of [0, 1, 2]) {
      const { digest, endDigest } = await sendManifest(`end ${allowed}`);
      needed.set(digest, 0);
      nowMs = 70;
      await sweep();
      nowMs = 100;
      let left = allowed;
      const cutOff = node(async (name) => {
        left -= 1;
        if (left < 0) throw new Error('the process ended here');
        await content.remove(name);
      });
      await cutOff
        .sweep()
        .then(
          () => cutOff.sweep(),
          () => undefined,
        )
        .catch(() => undefined);
      expect((await removals().find(digest))?.removedAtMs, 'it is told as removed').to.equal(100);
      expect((await here(digest))[0], 'itself is last').to.equal(true);
      await sweep();
      expect(await here(digest, endDigest, zerosDigest)).to.deep.equal([false, false, false]);
      expect(await removals().uncleared(9)).to.deep.equal([]);
    }
  });

  it('who begins to send it anew meanwhile keeps it, cut off or not', async () => {
    const { digest, endDigest } = await sendManifest('sent anew');
    needed.set(digest, 0);
    for (nowMs of [70, 100]) {
      await sweep(
        node(async () => {
          throw new Error('the process ended here');
        }),
      ).catch(() => undefined);
    }
    expect((await removals().find(digest))?.removedAtMs).to.equal(100);
    await send(digest, '', 'buyer');
    await claims().shareParts({ digest, organisationId: 'buyer', about: '' }, [zerosDigest], 1);
    needed.set(digest, Infinity);
    await sweep();
    expect(await here(digest, zerosDigest)).to.deep.equal([true, true]);
    expect(await here(endDigest), 'nobody has claimed it').to.deep.equal([false]);
  });

  it('is not removed while somebody announces it, or it is a part', async () => {
    const digest = await sendBlob('announced again');
    needed.set(digest, 0);
    nowMs = 70;
    await sweep();
    const waiting = { digest, organisationId: 'buyer', about: '', bucket: '', bytes: 1, atMs: 1 };
    await claims().take({ ...waiting, untilMs: 9_999 }, 10);
    nowMs = 500;
    await sweep();
    expect(await here(digest)).to.deep.equal([true]);
    await claims().release(waiting);
    await sweep();
    expect(await here(digest)).to.deep.equal([false]);
  });

  it('what a restored folder brings back is removed again, unless somebody sends it', async () => {
    const digest = await sendBlob('restored');
    needed.set(digest, 0);
    for (nowMs of [70, 100]) await sweep();
    await content.put(utf8('restored'), { maxBytes: 100 });
    await sweep();
    expect(await here(digest)).to.deep.equal([false]);
    const key = { digest, organisationId: 'seller', about: '' };
    await claims().take({ ...key, bucket: '', bytes: 8, atMs: 100, untilMs: 9_999 }, 10);
    await content.put(utf8('restored'), { maxBytes: 100 });
    await claims().settle(key, 8);
    expect(await removals().find(digest), 'it is no removed content any more').to.equal(null);
    needed.set(digest, 100);
    await sweep();
    expect(await here(digest)).to.deep.equal([true]);
  });

  it('looks at all of a folder in turns, wherever it begins', async () => {
    const digests = [];
    for (let at = 0; at < 40; at += 1) digests.push(await sendBlob(`one of many ${at}`));
    for (const digest of digests) needed.set(digest, 0);
    nowMs = 70;
    await sweep();
    expect(noticed.map(({ digest }) => digest).sort()).to.deep.equal(digests.sort());
    for await (const first of content.digests(digests[20])) {
      expect(first).to.equal(digests[20]);
      break;
    }
  });
});
