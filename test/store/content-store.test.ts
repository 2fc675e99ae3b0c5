import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { openContentFolder, type ContentStore } from '../../src/store/content-store.ts';
import { codeOf } from './sample-blocks.ts';

const limits = { maxBytes: 1_000_000 };

describe('store: content store', () => {
  let folder: string;
  let store: ContentStore;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-content-'));
    store = await openContentFolder(path.join(folder, 'content'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const fileOf = (digest: string): string =>
    path.join(folder, 'content', digest.slice(0, 2), digest.slice(2, 4), digest);
  const read = async (digest: string): Promise<Buffer> =>
    buffer((await store.get(digest)) ?? Readable.from([]));

  it('gives back what was put, under its SHA-256, from bytes or a stream', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 5_000 }), { maxLength: 5 }),
        async (parts) => {
          const whole = Buffer.concat(parts);
          const kept = await store.put(Readable.from(parts), limits);
          expect(kept).to.deep.equal({ digest: sha256Hex(whole), size: whole.length });
          expect(await store.put(whole, limits)).to.deep.equal(kept);
          expect(await store.has(kept.digest)).to.equal(true);
          expect((await read(kept.digest)).equals(whole)).to.equal(true);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('says null for what it does not hold', async () => {
    const digest = sha256Hex(utf8('absent'));
    expect([await store.get(digest), await store.has(digest)]).to.deep.equal([null, false]);
  });

  it('refuses what is larger than allowed and leaves nothing behind', async () => {
    const parts = async function* (): AsyncGenerator<Uint8Array> {
      for (;;) yield new Uint8Array(1_000);
    };
    expect(await codeOf(store.put(parts(), { maxBytes: 5_000 }))).to.equal('CONTENT_TOO_LARGE');
    expect((await store.put(new Uint8Array(5_000), { maxBytes: 5_000 })).size).to.equal(5_000);
    expect(await readdir(path.join(folder, 'content', 'incoming'))).to.deep.equal([]);
  });

  it('leaves nothing behind when its source fails', async () => {
    const parts = async function* (): AsyncGenerator<Uint8Array> {
      yield utf8('half');
      throw new Error('the source failed');
    };
    expect(await codeOf(store.put(parts(), limits))).to.match(/the source failed/);
    expect(await readdir(path.join(folder, 'content'))).to.deep.equal(['incoming']);
    expect(await readdir(path.join(folder, 'content', 'incoming'))).to.deep.equal([]);
  });

  for (const [name, damage] of [
    ['a changed byte', (bytes: Buffer) => Buffer.from(bytes).fill(1, 3, 4)],
    ['a missing end', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['an added byte', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
    ['nothing left', () => Buffer.alloc(0)],
  ] as const) {
    it(`detects ${name}, on reading and on putting again`, async () => {
      const content = utf8('what was put there '.repeat(9_000));
      const { digest } = await store.put(content, limits);
      await writeFile(fileOf(digest), damage(await readFile(fileOf(digest))));
      expect(await codeOf(read(digest))).to.equal('CONTENT_CORRUPT');
      expect(await codeOf(store.put(content, limits))).to.equal('CONTENT_CORRUPT');
    });
  }

  it('takes only a digest for a digest', async () => {
    const bad = ['', '../../etc/passwd', 'A'.repeat(64), 'a'.repeat(63), `${'a'.repeat(64)}/x`];
    for (const digest of bad) {
      expect(await codeOf(store.get(digest)), digest).to.equal('CONTENT_DIGEST');
      expect(await codeOf(store.has(digest)), digest).to.equal('CONTENT_DIGEST');
    }
  });

  it('keeps one copy when the same content arrives many times at once', async () => {
    const content = utf8('the same');
    const kept = await Promise.all(Array.from({ length: 20 }, () => store.put(content, limits)));
    expect(new Set(kept.map(({ digest }) => digest)).size).to.equal(1);
    expect((await read(kept[0]?.digest ?? '')).toString()).to.equal('the same');
  });
});
