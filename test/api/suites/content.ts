import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { encodeManifest, manifestDigest, partBytes } from '../../../src/content/manifest.ts';
import type { ContentManifest } from '../../../src/content/manifest.ts';
import { createContentSweep } from '../../../src/store/content-sweep.ts';
import type { ApiAnswer, ApiRequest } from '../../support/api-client.ts';
import {
  announceRequest,
  beginUpload,
  contentRequest,
  createRequest,
  tail,
  uploadRequest,
  zeros,
  zerosDigest,
  zerosManifest,
} from '../content-requests.ts';
import { admission, idOf, keyOf, operator, sign } from '../exchange.ts';
import { contentDigest, expectProblem, signed, type RequestSigning, type Suite } from '../suite.ts';

export function contentSuite(suite: Suite): void {
  const call = async (
    operation: Parameters<typeof uploadRequest>[1],
    id: string,
    wish: Parameters<typeof uploadRequest>[3] = {},
  ): Promise<ApiAnswer> =>
    suite.client.call(operation, await uploadRequest(suite, operation, id, wish));

  async function send(bytes: Uint8Array, metadata: Readonly<Record<string, string>>) {
    const id = await beginUpload(suite, metadata, bytes.length);
    const answer = await call('appendUpload', id, { body: bytes });
    expect(answer.status, answer.text).to.equal(204);
    expect(answer.headers.get('upload-offset')).to.equal(String(bytes.length));
  }

  const announce = async (manifest: ContentManifest): Promise<ApiAnswer> =>
    suite.client.call('putContent', await announceRequest(suite, manifest));

  describe('content in parts', () => {
    const manifest = zerosManifest(1);
    const digest = manifestDigest(manifest);

    it('is announced, sent by its parts, and complete when none is missing', async () => {
      const first = await announce(manifest);
      const { bytes } = manifest;
      expect(first.json).to.deep.equal({ digest, bytes, complete: false, missing: [0, 1] });
      const early = await contentRequest(suite, 'getContent', digest);
      expectProblem(await suite.client.call('getContent', early), apiResults.NOT_FOUND);
      await send(zeros, { sha256: zerosDigest, content: digest });
      expect((await announce(manifest)).json.missing).to.deep.equal([1]);
      await send(tail, { sha256: idOf(tail), content: digest });
      expect((await announce(manifest)).json).to.include({ complete: true });
    });

    it('is described and read by part, each of its own digest', async () => {
      const described = await suite.client.call(
        'getContentParts',
        await contentRequest(suite, 'getContentParts', digest),
      );
      expect(described.json).to.deep.equal({ digest, ...manifest });
      const part = await suite.client.call(
        'getContentPart',
        await contentRequest(suite, 'getContentPart', digest, { index: 1 }),
      );
      expect([part.status, part.text]).to.deep.equal([200, 'the end']);
      const none = await contentRequest(suite, 'getContentPart', digest, { index: 2 });
      expectProblem(await suite.client.call('getContentPart', none), apiResults.NOT_FOUND);
    });

    it('is one stream of any length, with ranges beyond 2^32', async () => {
      const large = zerosManifest(65);
      const announced = await announce(large);
      expect(announced.json, 'the parts are here').to.include({ complete: true });
      const name = manifestDigest(large);
      const head = await suite.client.call(
        'headContent',
        await contentRequest(suite, 'headContent', name),
      );
      expect(head.status).to.equal(200);
      expect(Number(head.headers.get('content-length'))).to.equal(large.bytes);
      expect(large.bytes).to.be.greaterThan(2 ** 32);
      const ranges: [string, number, number, Buffer | Uint8Array][] = [
        ['bytes=4294967295-4294967297', 4_294_967_295, 4_294_967_297, Buffer.alloc(3)],
        [
          `bytes=${65 * partBytes - 2}-`,
          65 * partBytes - 2,
          large.bytes - 1,
          Buffer.from('\0\0the end'),
        ],
        ['bytes=-3', large.bytes - 3, large.bytes - 1, Buffer.from('end')],
      ];
      for (const [range, from, to, expected] of ranges) {
        const answer = await suite.client.call(
          'getContent',
          await contentRequest(suite, 'getContent', name, { range }),
        );
        expect(answer.status, range).to.equal(206);
        expect(answer.headers.get('content-range')).to.equal(`bytes ${from}-${to}/${large.bytes}`);
        expect(Buffer.from(answer.bytes).equals(expected), range).to.equal(true);
      }
    });

    it('a range of a part goes on only with the same part', async () => {
      const etag = `"${idOf(tail)}"`;
      for (const [ifRange, status, text] of [
        [etag, 206, 'end'],
        [`"${zerosDigest}"`, 200, 'the end'],
      ] as const) {
        const wish = { index: 1, range: 'bytes=4-' };
        const request = await contentRequest(suite, 'getContentPart', digest, wish);
        const headers = { ...request.headers, 'if-range': ifRange };
        const answer = await suite.client.call('getContentPart', { ...request, headers });
        expect([answer.status, answer.text, answer.headers.get('etag')]).to.deep.equal([
          ...[status, text, etag],
        ]);
      }
      for (const range of ['bytes=0-1,3-4', 'lines=1-2', 'bytes=5-3', 'bytes=x']) {
        const wish = { index: 1, range };
        const answer = await suite.client.call(
          'getContentPart',
          await contentRequest(suite, 'getContentPart', digest, wish),
        );
        expect(answer.status, range).to.equal(200);
      }
    });

    it('a range behind the end is refused with the length', async () => {
      for (const range of ['bytes=7-', 'bytes=-0', 'bytes=99-100']) {
        const wish = { index: 1, range };
        const answer = await suite.client.call(
          'getContentPart',
          await contentRequest(suite, 'getContentPart', digest, wish),
        );
        expectProblem(answer, apiResults.RANGE_NOT_SATISFIABLE);
        expect(answer.headers.get('content-range')).to.equal('bytes */7');
      }
      const range = `bytes=${manifest.bytes}-`;
      const whole = await contentRequest(suite, 'getContent', digest, { range });
      expectProblem(await suite.client.call('getContent', whole), apiResults.RANGE_NOT_SATISFIABLE);
    });

    it('is not there for another organisation, nor made of another’s parts', async () => {
      const key = keyOf('content-other');
      await suite.submit(sign(suite.exchange, operator, [admission('content-other', key)]));
      const operations = ['getContent', 'getContentParts', 'getContentPart'] as const;
      for (const operation of operations) {
        const request = await contentRequest(suite, operation, digest, { key });
        expectProblem(await suite.client.call(operation, request), apiResults.NOT_FOUND);
      }
      const head = await contentRequest(suite, 'headContent', digest, { key });
      expect((await suite.client.call('headContent', head)).status).to.equal(404);
      const own = zerosManifest(2);
      const announced = await suite.client.call(
        'putContent',
        await announceRequest(suite, own, { key }),
      );
      expect(announced.json).to.deep.include({ complete: false, missing: [0, 1, 2] });
      const name = manifestDigest(own);
      const request = await contentRequest(suite, 'getContent', name, { key });
      expectProblem(await suite.client.call('getContent', request), apiResults.NOT_FOUND);
    });

    it('is refused where the manifest is none, another, too long or has no room', async () => {
      const bytes = utf8('no manifest');
      const params = { digest: idOf(bytes) };
      const headers = { 'content-digest': contentDigest(idOf(bytes)) };
      const url = suite.client.urlOf('putContent', { params });
      const type = { 'content-type': 'application/octet-stream' };
      const own = { ...type, ...(await signed('PUT', url, { headers })) };
      const invalid = { params, body: bytes, headers: own };
      await suite.refused(apiResults.CONTENT_MANIFEST_INVALID, 'putContent', invalid);
      const other = await announceRequest(suite, zerosManifest(3));
      const mixed = { ...other, body: encodeManifest(zerosManifest(4)) };
      await suite.refused(apiResults.DIGEST_MISMATCH, 'putContent', mixed);
      const wrong = { ...other.headers, 'content-digest': contentDigest(zerosDigest) };
      const unlike = { ...other, headers: wrong };
      await suite.refused(apiResults.DIGEST_MISMATCH, 'putContent', unlike);
      const long = { ...other, body: new Uint8Array(128 * 1024 + 1) };
      await suite.refused(apiResults.BODY_TOO_LARGE, 'putContent', long);
      const text = { ...other, headers: { ...other.headers, 'content-type': 'text/plain' } };
      await suite.refused(apiResults.UNSUPPORTED_MEDIA_TYPE, 'putContent', text);
      const quota = await suite.clientOf({}, { organisationContentBytes: 2 ** 30 });
      const much = await announceRequest(suite, zerosManifest(17));
      expectProblem(await quota.call('putContent', much), apiResults.CONTENT_QUOTA_SPENT);
      const full = await suite.clientOf({}, { diskReserveBytes: Number.MAX_SAFE_INTEGER });
      const more = await announceRequest(suite, zerosManifest(5));
      expectProblem(await full.call('putContent', more), apiResults.CONTENT_DISK_FULL);
    });
  });

  describe('uploads', () => {
    const bytes = utf8('a blob that comes in three pieces');
    const sha256 = idOf(bytes);

    it('say what of tus they speak', async () => {
      const answer = await suite.client.call('uploadOptions');
      expect(answer.status).to.equal(204);
      expect(answer.headers.get('tus-version')).to.equal('1.0.0');
      expect(answer.headers.get('tus-extension')).to.equal('creation,termination,expiration');
      expect(answer.headers.get('tus-max-size')).to.equal(String(partBytes));
    });

    it('go on from where they are, and are kept when all is there', async () => {
      const id = await beginUpload(suite, { sha256 }, bytes.length);
      let offset = 0;
      for (const piece of [bytes.subarray(0, 10), bytes.subarray(10, 11), bytes.subarray(11)]) {
        const head = await call('headUpload', id);
        expect(head.headers.get('upload-offset')).to.equal(String(offset));
        expect(head.headers.get('upload-length')).to.equal(String(bytes.length));
        expect(Date.parse(head.headers.get('upload-expires')!)).to.be.greaterThan(Date.now());
        expect(await suite.exchange.parts.content.has(sha256)).to.equal(false);
        const digest = contentDigest(idOf(piece));
        const answer = await call('appendUpload', id, { body: piece, offset, digest });
        offset += piece.length;
        expect(answer.status, answer.text).to.equal(204);
        expect(answer.headers.get('upload-offset')).to.equal(String(offset));
      }
      expect((await call('headUpload', id)).status, 'it is no upload any more').to.equal(404);
      const read = await contentRequest(suite, 'getContent', sha256);
      expect((await suite.client.call('getContent', read)).text).to.equal(
        'a blob that comes in three pieces',
      );
    });

    it('are refused at another offset, beyond their length, and with another digest', async () => {
      const id = await beginUpload(suite, { sha256: idOf(utf8('other')) }, 5);
      const ahead = await call('appendUpload', id, { body: utf8('th'), offset: 1 });
      expectProblem(ahead, apiResults.UPLOAD_OFFSET);
      expect(ahead.headers.get('upload-offset')).to.equal('0');
      const long = await call('appendUpload', id, { body: utf8('others') });
      expectProblem(long, apiResults.BODY_TOO_LARGE);
      const digest = contentDigest(idOf(utf8('ot')));
      const altered = await call('appendUpload', id, { body: utf8('oT'), digest });
      expectProblem(altered, apiResults.DIGEST_MISMATCH);
      expect((await call('headUpload', id)).headers.get('upload-offset')).to.equal('0');
      const wrong = await call('appendUpload', id, { body: utf8('OTHER') });
      expectProblem(wrong, apiResults.DIGEST_MISMATCH);
      expect((await call('headUpload', id)).status, 'nothing of it is kept').to.equal(404);
      expect(await suite.exchange.parts.claims.of(idOf(utf8('other')))).to.deep.equal([]);
    });

    it('what came before a connection broke off stays', async () => {
      const whole = new Uint8Array(200_000).fill(7);
      const id = await beginUpload(suite, { sha256: idOf(whole) }, whole.length);
      const { headers } = await uploadRequest(suite, 'appendUpload', id);
      const breaking = new AbortController();
      const body = new ReadableStream<Uint8Array>({
        pull(stream) {
          stream.enqueue(whole.subarray(0, 70_000));
          return new Promise(() => undefined);
        },
      });
      const url = suite.client.urlOf('appendUpload', { params: { id } });
      const sending = fetch(url, {
        ...{ method: 'PATCH', body, duplex: 'half', headers: headers! },
        signal: breaking.signal,
      }).catch(() => null);
      // The bytes are on the disk before the client lets go.
      const { files } = suite.exchange.parts.uploads;
      while ((await files.sizeOf(id)) !== 70_000) await new Promise(setImmediate);
      breaking.abort();
      await sending;
      const head = await call('headUpload', id);
      expect(head.headers.get('upload-offset')).to.equal('70000');
      const rest = await call('appendUpload', id, { body: whole.subarray(70_000), offset: 70_000 });
      expect(rest.status, rest.text).to.equal(204);
      expect(await suite.exchange.parts.content.has(idOf(whole))).to.equal(true);
    });

    it('can be given up, and are nobody else’s', async () => {
      const id = await beginUpload(suite, { sha256: idOf(utf8('given up')) }, 8);
      const key = keyOf('content-other');
      for (const operation of ['headUpload', 'endUpload'] as const) {
        expect((await call(operation, id, { key })).status).to.equal(404);
      }
      const others = await call('appendUpload', id, { key, body: utf8('given up') });
      expectProblem(others, apiResults.NOT_FOUND);
      expect((await call('endUpload', id)).status).to.equal(204);
      expect((await call('endUpload', id)).status).to.equal(404);
      expect(await suite.exchange.parts.claims.of(idOf(utf8('given up')))).to.deep.equal([]);
    });

    it('expire with their bytes and their room', async () => {
      const id = await beginUpload(suite, { sha256: idOf(utf8('forgotten')) }, 9);
      await call('appendUpload', id, { body: utf8('for') });
      const { uploads, claims, content, now, limits } = suite.exchange.parts;
      const key = keyOf('content-late');
      await suite.submit(sign(suite.exchange, operator, [admission('content-late', key)]));
      const late = zerosManifest(1, utf8('late'));
      await suite.client.call('putContent', await announceRequest(suite, late, { key }));
      const metadata = { sha256: idOf(utf8('late')), content: manifestDigest(late) };
      const part = await beginUpload(suite, metadata, 4, { key });
      await call('appendUpload', part, { body: utf8('late'), key });
      expect(await content.has(idOf(utf8('late')))).to.equal(true);
      const sweep = createContentSweep({ claims, unused: suite.exchange.unused });
      const laterMs = now() + limits.uploadKeepMs + 60_000;
      expect(await uploads.sweep(now())).to.equal(0);
      expect(await uploads.sweep(laterMs)).to.be.greaterThan(0);
      expect(await sweep.sweep(now())).to.equal(0);
      expect(await sweep.sweep(laterMs)).to.be.greaterThan(0);
      expect(await content.has(idOf(utf8('late')))).to.equal(false);
      expect(await content.has(manifestDigest(late))).to.equal(false);
      expect(await content.has(zerosDigest), 'of content that is complete').to.equal(true);
      expect(await uploads.files.sizeOf(id)).to.equal(null);
      expect((await call('headUpload', id)).status).to.equal(404);
      expect(await claims.of(idOf(utf8('forgotten')))).to.deep.equal([]);
    });

    const metadata: [string, Record<string, string>, number | string][] = [
      ['no digest', {}, 5],
      ['a digest of another form', { sha256: 'AB' }, 5],
      ['content that nobody has announced', { sha256, content: 'ab'.repeat(32) }, 5],
      ['no length', { sha256 }, 'five'],
      ['nothing to send', { sha256 }, 0],
    ];
    for (const [what, names, length] of metadata) {
      it(`are refused with ${what}`, async () => {
        const request = await createRequest(suite, names, length);
        const answer = await suite.client.call('createUpload', request);
        expectProblem(answer, apiResults.UPLOAD_INVALID);
      });
    }

    it('are refused beyond a part, without room, and for no open record', async () => {
      const long = await createRequest(suite, { sha256 }, partBytes + 1);
      expectProblem(await suite.client.call('createUpload', long), apiResults.BODY_TOO_LARGE);
      const about = await createRequest(suite, { sha256, about: 'trade/none' }, 5);
      expectProblem(await suite.client.call('createUpload', about), apiResults.CONTENT_NOT_NEEDED);
      const full = await suite.clientOf({}, { diskReserveBytes: Number.MAX_SAFE_INTEGER });
      const request = await createRequest(suite, { sha256 }, 5);
      expectProblem(await full.call('createUpload', request), apiResults.CONTENT_DISK_FULL);
    });

    it('are refused in another version of tus, with another type, without a number', async () => {
      const id = await beginUpload(suite, { sha256: idOf(utf8('versions')) }, 8);
      const { headers: own } = await createRequest(suite, { sha256 }, 5);
      const create = { headers: { ...own, 'tus-resumable': '0.2.2' } };
      await suite.refused(apiResults.TUS_VERSION, 'createUpload', create);
      for (const operation of ['headUpload', 'appendUpload', 'endUpload'] as const) {
        const request = await uploadRequest(suite, operation, id);
        const headers = { ...request.headers, 'tus-resumable': '' };
        const answer = await suite.client.call(operation, { ...request, headers });
        expect(answer.status, operation).to.equal(412);
      }
      const request = await uploadRequest(suite, 'appendUpload', id, { body: utf8('x') });
      const headers = { ...request.headers, 'content-type': 'text/plain' };
      const text = { ...request, headers };
      await suite.refused(apiResults.UNSUPPORTED_MEDIA_TYPE, 'appendUpload', text);
      const words = await call('appendUpload', id, { body: utf8('x'), offset: 'x' });
      expectProblem(words, apiResults.UPLOAD_INVALID);
    });

    it('and content are refused without a signature, and to a key that is not registered', async () => {
      const id = await beginUpload(suite, { sha256: idOf(utf8('signatures')) }, 10);
      const key = keyOf('content-stranger');
      const requests: Record<string, (signing: RequestSigning) => Promise<ApiRequest>> = {
        createUpload: (signing) => createRequest(suite, { sha256 }, 5, signing),
        putContent: (signing) => announceRequest(suite, zerosManifest(1), signing),
      };
      for (const operation of ['headUpload', 'appendUpload', 'endUpload'] as const) {
        requests[operation] = (signing) => uploadRequest(suite, operation, id, signing);
      }
      for (const operation of [
        'getContent',
        'headContent',
        'getContentParts',
        'getContentPart',
      ] as const) {
        requests[operation] = (signing) => contentRequest(suite, operation, sha256, signing);
      }
      for (const [operation, make] of Object.entries(requests)) {
        const unregistered = await suite.client.call(operation, await make({ key }));
        expect(unregistered.status, operation).to.equal(403);
        const { headers, ...rest } = await make({});
        const bare = Object.entries(headers!).filter(([name]) => !/^signature/i.test(name));
        const answer = await suite.client.call(operation, {
          ...rest,
          headers: Object.fromEntries(bare),
        });
        expect(answer.status, operation).to.equal(401);
      }
    });
  });
}
