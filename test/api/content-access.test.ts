/** Content is given to whom the committed records name: the routes, over records made for these tests. */
import { expect } from 'chai';
import { apiResults } from '../../src/api/results.ts';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import type { Role } from '../../src/base/roles.ts';
import type { ApiLimits } from '../../src/api/limits.ts';
import { admission, idOf, keyOf, openExchange, operator, sign } from './exchange.ts';
import type { TestExchange } from './exchange.ts';
import { madeTrade, withMadeRecords } from './made-records.ts';
import { contentDigest, signed } from './suite.ts';

const parties: Readonly<Record<string, Role[]>> = {
  seller: ['ADMIN', 'SELLER'],
  buyer: ['ADMIN', 'BUYER'],
  thief: ['ADMIN', 'SELLER'],
  fence: ['ADMIN', 'BUYER'],
  worker: ['ADMIN', 'WORKER'],
};

describe('content is given to whom the records name', () => {
  let exchange: TestExchange;
  let url = '';
  /** Beside what the ledger holds. */
  const made = new Map<string, object>();

  before(async () => {
    exchange = await openExchange();
    for (const [name, roles] of Object.entries(parties)) {
      await exchange.engine.submit(sign(exchange, operator, [admission(name, keyOf(name), roles)]));
    }
    url = await exchange.serve({ engine: withMade() });
  });

  after(() => exchange.close());

  const withMade = () => withMadeRecords(exchange, made);

  const makeTrade = (id: string, fields: object): void => {
    made.set(`trade/${id}`, madeTrade(id, fields));
  };

  const delivering = (ciphertextDigest: Hex, atMs = 5) => ({
    delivery: { ciphertextDigest, wrappedKeyDigest: '00'.repeat(32), atMs },
  });

  /** As the read models have it, which only say where to look. */
  const project = (id: string, ciphertextDigest: Hex) =>
    exchange.query(
      `INSERT INTO record (kind, id, first_log_index, log_index, height, status, body, search_text)
       VALUES ('trade', '${id}', 900000 + (SELECT count(*) FROM record), 0, 1, 'DELIVERED',
         '{"delivery":{"ciphertextDigest":"${ciphertextDigest}"}}', '')`,
    );

  async function put(name: string, bytes: Uint8Array, about?: string, target = url) {
    const path = `${target}/v1/blobs/${idOf(bytes)}`;
    const headers = {
      'content-digest': contentDigest(idOf(bytes)),
      ...(about === undefined ? {} : { 'dxl-about': about }),
    };
    const own = await signed('PUT', path, { key: keyOf(name), headers });
    const type = { 'content-type': 'application/octet-stream' };
    const response = await fetch(path, {
      method: 'PUT',
      headers: { ...type, ...own },
      body: bytes,
    });
    return answerOf(response);
  }

  async function get(name: string, digest: Hex) {
    const path = `${url}/v1/blobs/${digest}`;
    return answerOf(
      await fetch(path, { headers: await signed('GET', path, { key: keyOf(name) }) }),
    );
  }

  async function answerOf(response: Response) {
    const text = await response.text();
    const json = response.ok ? {} : (JSON.parse(text) as { name: string; detail: string });
    return { status: response.status, text, name: 'name' in json ? json.name : '', json };
  }

  const limited = (limits: Partial<ApiLimits>) => exchange.serve({ engine: withMade() }, limits);

  it('a delivery: to buyer and seller once the trade names it, to the sender before', async () => {
    const bytes = utf8('ciphertext one');
    const digest = idOf(bytes);
    makeTrade('trade-one', {});
    expect((await put('seller', bytes, 'trade/trade-one')).status).to.equal(201);
    expect((await get('seller', digest)).text).to.equal('ciphertext one');
    expect((await get('buyer', digest)).name).to.equal('NOT_FOUND');
    makeTrade('trade-one', delivering(digest));
    for (const name of ['seller', 'buyer']) expect((await get(name, digest)).status).to.equal(200);
    for (const name of ['thief', 'fence', 'worker', 'operator']) {
      expect((await get(name, digest)).name, name).to.equal('NOT_FOUND');
    }
  });

  it('what is unknown and what is not for him answer alike', async () => {
    const wordsOf = async (digest: Hex) => {
      const { status, json } = await get('thief', digest);
      const { detail = '', requestId, instance, ...rest } = json as Record<string, string>;
      expect([requestId, instance]).to.not.include(undefined);
      return { status, detail: detail.replace(digest, 'DIGEST'), rest };
    };
    expect(await wordsOf(idOf(utf8('ciphertext one')))).to.deep.equal(
      await wordsOf(idOf(utf8('never sent'))),
    );
  });

  it('is found by the read models where its sender named no record', async () => {
    const bytes = utf8('ciphertext two');
    expect((await put('seller', bytes)).status).to.equal(201);
    makeTrade('trade-two', delivering(idOf(bytes)));
    expect((await get('buyer', idOf(bytes))).name).to.equal('NOT_FOUND');
    await project('trade-two', idOf(bytes));
    expect((await get('buyer', idOf(bytes))).status).to.equal(200);
    expect((await get('fence', idOf(bytes))).name).to.equal('NOT_FOUND');
  });

  it('is not given by read models that say what the state does not', async () => {
    const bytes = utf8('ciphertext three');
    await put('seller', bytes);
    makeTrade('trade-three', {});
    await project('trade-three', idOf(bytes));
    expect((await get('buyer', idOf(bytes))).name).to.equal('NOT_FOUND');
  });

  it('is not given to who names another’s in a trade of his own, sent or only announced', async () => {
    const digest = idOf(utf8('ciphertext one'));
    makeTrade('theft', { ...delivering(digest, 9), seller: 'thief', buyer: 'fence' });
    await project('theft', digest);
    for (const name of ['thief', 'fence']) {
      expect((await get(name, digest)).name).to.equal('NOT_FOUND');
    }
    const key = { digest, organisationId: 'thief', about: 'trade/theft' };
    const claim = { ...key, bucket: '', bytes: 1, atMs: 1, untilMs: Number.MAX_SAFE_INTEGER };
    await exchange.parts.claims.take(claim, 10);
    for (const name of ['thief', 'fence']) {
      expect((await get(name, digest)).name).to.equal('NOT_FOUND');
    }
    await exchange.parts.claims.release(key);
    expect((await get('buyer', digest)).status).to.equal(200);
  });

  it('of a sender whom nobody knows: to the parties of the trade that named it first', async () => {
    const bytes = utf8('ciphertext of an import');
    await exchange.parts.content.put(bytes, { maxBytes: 100 });
    makeTrade('imported', delivering(idOf(bytes), 50));
    makeTrade('copied', { ...delivering(idOf(bytes), 60), seller: 'thief', buyer: 'fence' });
    await project('imported', idOf(bytes));
    await project('copied', idOf(bytes));
    expect((await get('buyer', idOf(bytes))).status).to.equal(200);
    expect((await get('fence', idOf(bytes))).name).to.equal('NOT_FOUND');
  });

  it('is refused for a record that does not need it, before its first byte', async () => {
    makeTrade('ended', { dueAtMs: null });
    const bytes = utf8('for no open record');
    for (const about of ['trade/ended', 'trade/none-such', 'listing/none', 'account/x-y-z', '..']) {
      expect((await put('seller', bytes, about)).name, about).to.equal('CONTENT_NOT_NEEDED');
    }
    expect((await put('thief', bytes, 'trade/trade-one')).name).to.equal('CONTENT_NOT_NEEDED');
    expect(await exchange.parts.content.has(idOf(bytes))).to.equal(false);
    expect(await exchange.parts.claims.of(idOf(bytes))).to.deep.equal([]);
  });

  it('the record that it is for is signed with it', async () => {
    const bytes = utf8('for a record that was exchanged');
    const path = `${url}/v1/blobs/${idOf(bytes)}`;
    const headers = { 'content-digest': contentDigest(idOf(bytes)) };
    const own = await signed('PUT', path, { key: keyOf('seller'), headers });
    const added = { 'dxl-about': 'trade/trade-one', 'content-type': 'application/octet-stream' };
    const response = await fetch(path, {
      method: 'PUT',
      headers: { ...own, ...added },
      body: bytes,
    });
    expect((await answerOf(response)).name).to.equal('REQUEST_SIGNATURE_INVALID');
  });

  it('has a quota for the organisation, and one for each open trade', async () => {
    makeTrade('trade-four', {});
    makeTrade('trade-five', {});
    const target = await limited({ organisationContentBytes: 1_000, tradeContentBytes: 100 });
    const some = (length: number, seed: string) => utf8(seed.repeat(length).slice(0, length));
    const first = await put('seller', some(60, 'a'), 'trade/trade-four', target);
    expect(first.status, first.text).to.equal(201);
    const again = await put('seller', some(60, 'a'), 'trade/trade-four', target);
    expect(again.status, 'the same takes no more').to.equal(201);
    const over = await put('seller', some(41, 'b'), 'trade/trade-four', target);
    expect(over.name).to.equal('CONTENT_QUOTA_SPENT');
    expect(await exchange.parts.content.has(idOf(some(41, 'b')))).to.equal(false);
    const wanted: [string, number, string | undefined][] = [
      ['seller', 40, 'trade/trade-four'],
      ['seller', 99, 'trade/trade-five'],
      ['buyer', 99, 'trade/trade-four'],
      ['seller', 300, undefined],
    ];
    for (const [name, length, about] of wanted) {
      const stored = await put(name, some(length, name), about, target);
      expect(stored.status, stored.text).to.equal(201);
    }
    const without = await put('thief', some(1_001, 'c'), undefined, target);
    expect(without.name).to.equal('CONTENT_QUOTA_SPENT');
  });

  it('is refused before its first byte where the disk would not hold it', async () => {
    const target = await limited({ diskReserveBytes: Number.MAX_SAFE_INTEGER });
    const bytes = utf8('no room');
    const answer = await put('seller', bytes, undefined, target);
    expect([answer.status, answer.name]).to.deep.equal([507, apiResults.CONTENT_DISK_FULL.name]);
    expect(await exchange.parts.claims.of(idOf(bytes))).to.deep.equal([]);
  });

  it('what was begun and broke off takes no room', async () => {
    const bytes = utf8('other bytes than announced');
    const digest = idOf(utf8('announced'));
    const path = `${url}/v1/blobs/${digest}`;
    const headers = { 'content-digest': contentDigest(digest) };
    const own = await signed('PUT', path, { key: keyOf('seller'), headers });
    const type = { 'content-type': 'application/octet-stream' };
    const response = await fetch(path, {
      method: 'PUT',
      headers: { ...type, ...own },
      body: bytes,
    });
    expect((await answerOf(response)).name).to.equal('DIGEST_MISMATCH');
    expect(await exchange.parts.claims.of(digest)).to.deep.equal([]);
  });
});
