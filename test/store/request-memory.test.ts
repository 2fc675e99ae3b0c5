import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import { utf8 } from '../../src/base/bytes.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { openDataSource } from '../../src/store/data-source.ts';
import { createIdempotencyStore } from '../../src/store/idempotency-store.ts';
import { createNonceStore } from '../../src/store/nonce-store.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { codeOf } from './sample-blocks.ts';

describe('store: nonces and idempotent requests', () => {
  let database: FreshDatabase;
  let dataSource: DataSource;
  before(async () => {
    database = await freshDatabase();
    dataSource = await openDataSource(database.url);
  });
  after(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('lets a nonce be used once per key, also by simultaneous requests', async () => {
    const nonces = createNonceStore(dataSource);
    const use = { keyId: 'k1', nonce: 'n1', expiresAtMs: 2_000 };
    const results = await Promise.all(Array.from({ length: 10 }, () => nonces.use(use)));
    expect(results.filter(Boolean)).to.have.length(1);
    expect(await nonces.use({ ...use, keyId: 'k2' })).to.equal(true);
    for (const nonce of ['', 'x'.repeat(257), 'a\0']) {
      expect(await nonces.use({ ...use, nonce })).to.equal(false);
    }
  });

  it('forgets nonces only when they have expired', async () => {
    const nonces = createNonceStore(dataSource);
    await nonces.sweep(Number.MAX_SAFE_INTEGER);
    await nonces.use({ keyId: 'k', nonce: 'early', expiresAtMs: 1_000 });
    await nonces.use({ keyId: 'k', nonce: 'late', expiresAtMs: 1_001 });
    expect(await nonces.sweep(1_000)).to.equal(1);
    expect(await nonces.use({ keyId: 'k', nonce: 'late', expiresAtMs: 1_001 })).to.equal(false);
  });

  const request = (key: string, input = 'input', nowMs = 1_000) => ({
    scope: 'org-1 POST /v1/transactions',
    key,
    inputHash: sha256Hex(utf8(input)),
    nowMs,
    keepMs: 10_000,
    leaseMs: 500,
  });
  const response = { status: 201, contentType: 'application/json', body: utf8('{"ok":true}') };

  it('frees what a killed node was serving, and keeps what it had answered', async () => {
    const store = createIdempotencyStore(dataSource);
    await store.begin(request('answered'));
    await store.complete(request('answered'), response);
    await store.begin(request('cut off'));
    expect(await store.begin(request('cut off'))).to.deep.equal({ kind: 'in-progress' });
    expect(await store.release()).to.equal(1);
    expect(await store.begin(request('cut off'))).to.deep.equal({ kind: 'fresh' });
    expect((await store.begin(request('answered'))).kind).to.equal('replay');
    await store.abandon(request('cut off'));
  });

  it('serves a key once and replays its answer byte for byte', async () => {
    const store = createIdempotencyStore(dataSource);
    const standings = await Promise.all(
      Array.from({ length: 8 }, () => store.begin(request('once'))),
    );
    expect(standings.filter(({ kind }) => kind === 'fresh')).to.have.length(1);
    expect(standings.filter(({ kind }) => kind === 'in-progress')).to.have.length(7);
    await store.complete(request('once'), response);
    const replay = await store.begin(request('once'));
    expect(replay.kind).to.equal('replay');
    if (replay.kind !== 'replay') return;
    expect({
      ...replay.response,
      body: Buffer.from(replay.response.body).toString(),
    }).to.deep.equal({
      ...response,
      body: '{"ok":true}',
    });
  });

  it('calls the same key with another input a conflict, before and after the answer', async () => {
    const store = createIdempotencyStore(dataSource);
    await store.begin(request('conflict'));
    expect(await store.begin(request('conflict', 'other'))).to.deep.equal({ kind: 'conflict' });
    await store.complete(request('conflict'), response);
    expect(await store.begin(request('conflict', 'other'))).to.deep.equal({ kind: 'conflict' });
    const elsewhere = { ...request('conflict', 'other'), scope: 'org-2 POST /v1/transactions' };
    expect(await store.begin(elsewhere)).to.deep.equal({ kind: 'fresh' });
  });

  it('frees a key when abandoned, past its lease, or expired', async () => {
    const store = createIdempotencyStore(dataSource);
    await store.begin(request('freed'));
    await store.abandon(request('freed'));
    expect((await store.begin(request('freed'))).kind).to.equal('fresh');
    expect((await store.begin(request('freed', 'input', 1_499))).kind).to.equal('in-progress');
    expect((await store.begin(request('freed', 'input', 1_500))).kind).to.equal('fresh');
    await store.complete(request('freed'), response);
    await store.abandon(request('freed'));
    expect((await store.begin(request('freed', 'input', 11_499))).kind).to.equal('replay');
    expect((await store.begin(request('freed', 'other', 11_500))).kind).to.equal('fresh');
    expect(await store.sweep(Number.MAX_SAFE_INTEGER)).to.be.greaterThan(0);
    expect(await codeOf(store.complete(request('freed'), response))).to.equal('STORE_REQUEST_LOST');
  });
});
