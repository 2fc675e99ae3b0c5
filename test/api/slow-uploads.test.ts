/** Content of an admitted organisation may come over a slow line; nothing else may, and no number of it. */
import { expect } from 'chai';
import { utf8 } from '../../src/base/bytes.ts';
import type { ApiLimits } from '../../src/api/limits.ts';
import { RawClient } from '../support/raw-client.ts';
import { beginUpload, uploadRequest } from './content-requests.ts';
import { putRequest } from './suites/blobs.ts';
import { contentDigest, seller, signed, Suite } from './suite.ts';
import { idOf } from './exchange.ts';

/** Longer than a test can take. */
const foreverMs = 3_600_000;

describe('api: content that comes slowly', () => {
  const suite = new Suite();
  const clients: RawClient[] = [];

  before(() => suite.open());
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  after(() => suite.close());

  const serve = (limits: Partial<ApiLimits>): Promise<string> =>
    suite.exchange.serve({}, { bodyWindowMs: 60, uploadWindowMs: foreverMs, ...limits });

  async function connect(url: string): Promise<RawClient> {
    const client = await RawClient.open(url);
    clients.push(client);
    return client;
  }

  /** An upload whose first byte has come and no other; it is written to from then on. */
  async function beginSlowly(url: string, text: string) {
    const id = await beginUpload(suite, { sha256: idOf(utf8(text)) }, text.length);
    const { headers = {} } = await uploadRequest(suite, 'appendUpload', id, { body: utf8(text) });
    const client = await connect(url);
    client.ask(`PATCH /v1/uploads/${id}`, { ...headers, 'Content-Length': text.length });
    client.send(text.slice(0, 1));
    // Written down: so the signature was checked before.
    while ((await suite.exchange.parts.uploads.files.sizeOf(id)) !== 1) {
      await new Promise(setImmediate);
    }
    return { id, client, rest: text.slice(1) };
  }

  /** A stranger's body that stands still, and is cut off: so much time has passed for all others. */
  async function passWindow(url: string): Promise<void> {
    const stranger = await connect(url);
    stranger.ask('POST /v1/transactions', {
      ...{ 'Content-Type': 'application/cose', 'Content-Length': 9 },
    });
    expect((await stranger.answer()).status).to.equal(408);
  }

  it('is waited for where a stranger is cut off', async () => {
    const url = await serve({});
    const { client, rest } = await beginSlowly(url, 'over a slow line');
    for (const piece of [rest.slice(0, 4), rest.slice(4, 8), rest.slice(8)]) {
      await passWindow(url);
      client.send(piece);
    }
    const answer = await client.answer();
    expect([answer.status, answer.headers.get('upload-offset')]).to.deep.equal([204, '16']);
  });

  it('is waited for as a blob, too', async () => {
    const url = await serve({});
    const text = 'a blob over a slow line';
    const { headers = {} } = await putRequest(suite, utf8(text));
    const client = await connect(url);
    const sha256 = idOf(utf8(text));
    client.ask(`PUT /v1/blobs/${sha256}`, { ...headers, 'Content-Length': text.length });
    const { claims } = suite.exchange.parts;
    while ((await claims.of(sha256)).length === 0) await new Promise(setImmediate);
    await passWindow(url);
    client.send(text);
    expect((await client.answer()).status).to.equal(201);
  });

  it('is cut off where it stands still for the time of its own, and is gone on with', async () => {
    const url = await serve({ uploadWindowMs: 90 });
    const { id, client, rest } = await beginSlowly(url, 'it stood still');
    const answer = await client.answer();
    expect([answer.status, answer.json?.['detail']]).to.deep.equal([
      ...[408, 'A body brings at least 512 bytes a second in every 90 ms, or its end.'],
    ]);
    const wish = { body: utf8(rest), offset: 1 };
    const request = await uploadRequest(suite, 'appendUpload', id, wish);
    expect((await suite.client.call('appendUpload', request)).status).to.equal(204);
  });

  it('is so for so many of an organisation at a time, and no more', async () => {
    const url = await serve({ slowUploadsPerOrganisationMax: 1 });
    const first = await beginSlowly(url, 'the first of two');
    const second = await beginSlowly(url, 'the second of two');
    const cut = await second.client.answer();
    expect([cut.status, cut.json?.['detail']]).to.deep.equal([
      ...[408, 'A body brings at least 16384 bytes a second in every 60 ms, or its end.'],
    ]);
    first.client.send(first.rest);
    expect((await first.client.answer()).status).to.equal(204);
    const third = await beginSlowly(url, 'the third, when the first has ended');
    await passWindow(url);
    third.client.send(third.rest);
    expect((await third.client.answer()).status).to.equal(204);
  });

  it('is not for who is not signed for, nor for an upload of another', async () => {
    const url = await serve({});
    const id = await beginUpload(suite, { sha256: idOf(utf8('of the seller')) }, 13);
    const headers = { 'upload-offset': '0', 'content-digest': contentDigest(idOf(utf8('x'))) };
    const path = `${url}/v1/uploads/${id}`;
    const foreign = await signed('PATCH', path, { key: seller, headers, tag: 'dxl/other' });
    const client = await connect(url);
    client.ask(`PATCH /v1/uploads/${id}`, {
      ...{ ...foreign, 'tus-resumable': '1.0.0', 'Content-Length': 13 },
      'content-type': 'application/offset+octet-stream',
    });
    expect((await client.answer()).status).to.equal(401);
    await client.ended();
  });
});
