import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { apiResults } from '../../../src/api/results.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import type { ResultCode } from '../../../src/base/result.ts';
import { admission, idOf, keyOf, operationOf, operator, sign } from '../exchange.ts';
import { suspend } from '../../../src/identity/change-standing.ts';
import type { ApiRequest } from '../../support/api-client.ts';
import {
  contentDigest,
  expectProblem,
  seller,
  signed,
  type RequestSigning,
  type Suite,
} from '../suite.ts';

export async function putRequest(
  suite: Suite,
  bytes: Uint8Array,
  signing: RequestSigning = {},
  sha256 = idOf(bytes),
): Promise<ApiRequest> {
  const params = { sha256 };
  const headers = { 'content-digest': contentDigest(sha256) };
  return {
    params,
    body: bytes,
    headers: {
      'content-type': 'application/octet-stream',
      ...(await signed('PUT', suite.client.urlOf('putBlob', { params }), { headers, ...signing })),
    },
  };
}

export async function readRequest(
  suite: Suite,
  method: 'GET' | 'HEAD',
  sha256: string,
  signing: RequestSigning = {},
): Promise<ApiRequest> {
  const params = { sha256 };
  const url = suite.client.urlOf('getBlob', { params });
  return { params, headers: await signed(method, url, signing) };
}

export function blobSuite(suite: Suite): void {
  const bytes = utf8('ciphertext of the seller');
  const sha256 = idOf(bytes);

  const refusedRead = async (result: ResultCode, signing: RequestSigning): Promise<void> => {
    for (const method of ['GET', 'HEAD'] as const) {
      const operation = method === 'GET' ? 'getBlob' : 'headBlob';
      const request = await readRequest(suite, method, sha256, signing);
      const before = await suite.fingerprint();
      const answer = await suite.client.call(operation, request);
      if (method === 'GET') expectProblem(answer, result);
      else expect(answer.status).to.equal(result.status);
      expect(await suite.fingerprint()).to.deep.equal(before);
    }
    const request = await putRequest(suite, utf8('never kept'), signing);
    await suite.refused(result, 'putBlob', request);
    expect(await suite.exchange.parts.content.has(idOf(utf8('never kept')))).to.equal(false);
  };

  describe('content', () => {
    it('is stored under its digest, twice if need be, and read back', async () => {
      for (const size of [bytes, bytes].map((one) => one.length)) {
        const stored = await suite.client.call('putBlob', await putRequest(suite, bytes));
        expect(stored.status, stored.text).to.equal(201);
        expect(stored.json).to.deep.equal({ sha256, size });
      }
      const head = await suite.client.call('headBlob', await readRequest(suite, 'HEAD', sha256));
      expect(head.status).to.equal(200);
      const read = await suite.client.call('getBlob', await readRequest(suite, 'GET', sha256));
      expect(read.status).to.equal(200);
      expect(read.bytes).to.deep.equal(bytes);
      expect(read.headers.get('content-digest')).to.equal(contentDigest(sha256));
    });

    it('is not there where nobody put it', async () => {
      const other = idOf(utf8('other'));
      const read = await suite.client.call('getBlob', await readRequest(suite, 'GET', other));
      expectProblem(read, apiResults.NOT_FOUND);
      const head = await suite.client.call('headBlob', await readRequest(suite, 'HEAD', other));
      expect(head.status).to.equal(404);
      await suite.refused(apiResults.INVALID_PATH, 'getBlob', { params: { sha256: '..%2f' } });
      expect((await suite.client.call('headBlob', { params: { sha256: 'x' } })).status).to.equal(
        400,
      );
    });

    it('is refused where the bytes are not those of the path', async () => {
      const request = await putRequest(suite, utf8('other bytes'), {}, sha256);
      expectProblem(await suite.client.call('putBlob', request), apiResults.DIGEST_MISMATCH);
      expect(await suite.exchange.parts.content.has(idOf(utf8('other bytes')))).to.equal(false);
    });

    it('is refused where Content-Digest is not that of the path', async () => {
      const request = await putRequest(suite, bytes);
      for (const digest of [contentDigest(idOf(utf8('x'))), `${contentDigest(sha256)}, x=:AA==:`]) {
        const headers = { ...request.headers, 'content-digest': digest };
        await suite.refused(apiResults.DIGEST_MISMATCH, 'putBlob', { ...request, headers });
      }
    });

    it('is refused over the node’s limit, announced or not', async () => {
      const client = await suite.clientOf({}, { blobBytesMax: 100 });
      const big = new Uint8Array(101);
      expectProblem(
        await client.call('putBlob', await putRequest(suite, big)),
        apiResults.BODY_TOO_LARGE,
      );
      const request = await putRequest(suite, big);
      const response = await fetch(client.urlOf('putBlob', request), {
        method: 'PUT',
        headers: request.headers!,
        body: new Blob([big]).stream(),
        duplex: 'half',
      });
      expect(response.status).to.equal(413);
      expect(await suite.exchange.parts.content.has(idOf(big))).to.equal(false);
    });

    it('is refused where the disk has no room for it', async () => {
      const client = await suite.clientOf({}, { diskReserveBytes: Number.MAX_SAFE_INTEGER });
      const request = await putRequest(suite, utf8('no room'));
      expectProblem(await client.call('putBlob', request), apiResults.CONTENT_DISK_FULL);
      expect(await suite.exchange.parts.content.has(idOf(utf8('no room')))).to.equal(false);
    });

    it('is taken as bytes only', async () => {
      const request = await putRequest(suite, bytes);
      const headers = { ...request.headers, 'content-type': 'text/plain' };
      await suite.refused(apiResults.UNSUPPORTED_MEDIA_TYPE, 'putBlob', { ...request, headers });
    });
  });

  describe('signed requests', () => {
    it('are refused without a signature', async () => {
      const params = { sha256 };
      await suite.refused(apiResults.REQUEST_SIGNATURE_MISSING, 'getBlob', { params });
      expect((await suite.client.call('headBlob', { params })).status).to.equal(401);
      const { headers, ...rest } = await putRequest(suite, bytes);
      const unsigned = {
        'content-type': headers!['content-type']!,
        'content-digest': headers!['content-digest']!,
      };
      await suite.refused(apiResults.REQUEST_SIGNATURE_MISSING, 'putBlob', {
        ...rest,
        headers: unsigned,
      });
    });

    const invalid: [string, RequestSigning][] = [
      ['another chain’s tag', { tag: 'dxl/other' }],
      ['a short nonce', { nonce: 'short' }],
      ['no nonce', { params: ['created', 'keyid', 'tag'] }],
      ['no time', { params: ['nonce', 'keyid', 'tag'] }],
      ['no tag', { params: ['created', 'nonce', 'keyid'] }],
      ['no method covered', { fields: ['@path'] }],
      ['no path covered', { fields: ['@method'] }],
      ['another key’s secret', { key: { ...keyOf('mallory'), keyId: seller.keyId } }],
    ];
    for (const [what, signing] of invalid) {
      it(`are refused with ${what}`, async () => {
        await refusedRead(apiResults.REQUEST_SIGNATURE_INVALID, signing);
      });
    }

    it('are refused where the body’s digest is not covered', async () => {
      const request = await putRequest(suite, utf8('y'), { fields: ['@method', '@path'] });
      const headers = { ...request.headers, 'content-digest': contentDigest(idOf(utf8('y'))) };
      await suite.refused(apiResults.REQUEST_SIGNATURE_INVALID, 'putBlob', { ...request, headers });
    });

    it('are refused for another method or path than was signed', async () => {
      const request = await readRequest(suite, 'HEAD', sha256);
      await suite.refused(apiResults.REQUEST_SIGNATURE_INVALID, 'getBlob', request);
      const moved = {
        ...(await readRequest(suite, 'GET', sha256)),
        params: { sha256: idOf(utf8('z')) },
      };
      await suite.refused(apiResults.REQUEST_SIGNATURE_INVALID, 'getBlob', moved);
    });

    it('are refused with two signatures, or with headers that are none', async () => {
      const { headers, params } = await readRequest(suite, 'GET', sha256);
      const twice = {
        'Signature-Input': `${headers!['Signature-Input']!}, b=${headers!['Signature-Input']!.slice(4)}`,
        Signature: `${headers!['Signature']!}, b=${headers!['Signature']!.slice(4)}`,
      };
      const broken = { 'Signature-Input': 'sig=(((', Signature: 'x' };
      for (const changed of [twice, broken]) {
        await suite.refused(apiResults.REQUEST_SIGNATURE_INVALID, 'getBlob', {
          params: params!,
          headers: changed,
        });
      }
    });

    it('are refused when old or from the future', async () => {
      const { now } = suite.exchange.parts;
      await refusedRead(apiResults.REQUEST_SIGNATURE_STALE, { createdMs: now() - 302_000 });
      await refusedRead(apiResults.REQUEST_SIGNATURE_STALE, { createdMs: now() + 33_000 });
    });

    it('are refused the second time', async () => {
      const request = await readRequest(suite, 'GET', sha256, { nonce: randomUUID() });
      expect((await suite.client.call('getBlob', request)).status).to.equal(200);
      await suite.refused(apiResults.REQUEST_SIGNATURE_REPLAYED, 'getBlob', request);
    });

    it('are refused from a key that is not registered, or whose organisation is suspended', async () => {
      await refusedRead(apiResults.REQUEST_KEY_REFUSED, { key: keyOf('stranger') });
      const key = keyOf('blob-suspended');
      await suite.submit(sign(suite.exchange, operator, [admission('blob-suspended', key)]));
      const own = utf8('content of an organisation before it is suspended');
      const put = await suite.client.call('putBlob', await putRequest(suite, own, { key }));
      expect(put.status, put.text).to.equal(201);
      const good = await readRequest(suite, 'GET', idOf(own), { key });
      expect((await suite.client.call('getBlob', good)).status).to.equal(200);
      const command = { organisationId: 'blob-suspended', reason: 'Asked for it.' };
      await suite.submit(sign(suite.exchange, operator, [operationOf(suspend, command)]));
      await refusedRead(apiResults.REQUEST_KEY_REFUSED, { key });
    });
  });
}
