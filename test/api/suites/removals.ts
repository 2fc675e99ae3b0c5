import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import { utf8, type Hex } from '../../../src/base/bytes.ts';
import { sha256 } from '../../../src/base/hash.ts';
import { listContentRemovals } from '../../../src/client/content-removals.ts';
import { partyFromSeeds } from '../../../src/client/party.ts';
import { Transport } from '../../../src/client/transport.ts';
import { manifestDigest } from '../../../src/content/manifest.ts';
import { openContentRetention } from '../../../src/store/open-retention.ts';
import type { ApiAnswer } from '../../support/api-client.ts';
import {
  announceRequest,
  beginUpload,
  contentRequest,
  uploadRequest,
  zeros,
  zerosDigest,
  zerosManifest,
} from '../content-requests.ts';
import { admission, genesis, idOf, keyOf, operator, sign } from '../exchange.ts';
import { expectProblem, signed, type RequestSigning, type Suite } from '../suite.ts';
import { putRequest, readRequest } from './blobs.ts';

const keepMs = 90 * 86_400_000;
const noticeMs = 30 * 86_400_000;

export function removalSuite(suite: Suite): void {
  const key = keyOf('forgetful');
  const stranger = keyOf('curious');

  /** Looks at these alone, at a block time. */
  async function sweepAt(nowMs: number, ...digests: Hex[]): Promise<void> {
    const { parts, unused, dataSource } = suite.exchange;
    const retention = openContentRetention({
      ...{ keepMs, noticeMs, unused, reads: dataSource },
      ...{ claims: parts.claims, removals: parts.removals },
      read: (kind, id) => parts.engine.readRecord(kind, id),
      content: { ...parts.content, digests: () => listed(digests) },
      nowMs: () => nowMs,
      onNotice: () => undefined,
      onRemoval: () => undefined,
    });
    await retention.sweep();
  }

  async function* listed(digests: readonly Hex[]): AsyncGenerator<Hex, void, undefined> {
    yield* digests;
  }

  const list = async (query?: string, signing: RequestSigning = { key }): Promise<ApiAnswer> => {
    const url = suite.client.urlOf('listContentRemovals', {});
    const headers = await signed('GET', url, signing);
    return suite.client.call('listContentRemovals', {
      headers,
      ...(query === undefined ? {} : { query }),
    });
  };

  const getBlob = async (digest: Hex, signing: RequestSigning = { key }): Promise<ApiAnswer> =>
    suite.client.call('getBlob', await readRequest(suite, 'GET', digest, signing));

  describe('content that nobody needs any more', () => {
    const bytes = utf8('kept for a while');
    const digest = idOf(bytes);
    const manifest = zerosManifest(1, utf8('kept for a while, in parts'));
    const whole = manifestDigest(manifest);
    let sentAtMs = 0;

    before(async () => {
      for (const [name, one] of [
        ['forgetful', key],
        ['curious', stranger],
      ] as const) {
        await suite.submit(sign(suite.exchange, operator, [admission(name, one)]));
      }
      const put = await suite.client.call('putBlob', await putRequest(suite, bytes, { key }));
      expect(put.status, put.text).to.equal(201);
      await sendInParts();
      const times = [];
      for (const name of [digest, whole]) {
        for (const { atMs } of await suite.exchange.parts.claims.of(name)) times.push(atMs);
      }
      sentAtMs = Math.max(...times);
    });

    async function sendInParts(): Promise<void> {
      await suite.client.call('putContent', await announceRequest(suite, manifest, { key }));
      for (const [part, sha256] of [
        [zeros, zerosDigest],
        [utf8('kept for a while, in parts'), idOf(utf8('kept for a while, in parts'))],
      ] as const) {
        const id = await beginUpload(suite, { sha256, content: whole }, part.length, { key });
        const request = await uploadRequest(suite, 'appendUpload', id, { body: part, key });
        expect((await suite.client.call('appendUpload', request)).status).to.equal(204);
      }
      const done = await announceRequest(suite, manifest, { key });
      expect((await suite.client.call('putContent', done)).json).to.include({ complete: true });
    }

    it('is told of to whom it belongs, in a list and with each download', async () => {
      expect((await getBlob(digest)).headers.get('sunset')).to.equal(null);
      const nowMs = sentAtMs + keepMs - noticeMs;
      await sweepAt(nowMs, digest, whole);
      const { data } = (await list()).json as unknown as { data: { dueAtMs: number }[] };
      expect(data.map((row) => ({ ...row, neededUntilMs: 0, dueAtMs: 0 }))).to.deep.equal(
        [
          { digest, bytes: bytes.length },
          { digest: whole, bytes: manifest.bytes },
        ].map((row) => ({
          ...row,
          ...{ record: null, deadline: 'when it was sent last', neededUntilMs: 0 },
          ...{ noticedAtMs: nowMs, dueAtMs: 0, removedAtMs: null },
        })),
      );
      const dueAtMs = data[0]!.dueAtMs;
      expect(dueAtMs - nowMs).to.be.at.least(noticeMs);
      const sunset = new Date(dueAtMs).toUTCString();
      const blob = await getBlob(digest);
      expect([blob.status, blob.headers.get('sunset')]).to.deep.equal([200, sunset]);
      for (const operation of ['headContent', 'getContent', 'getContentParts'] as const) {
        const request = await contentRequest(suite, operation, digest, { key });
        const answer = await suite.client.call(operation, request);
        expect(answer.headers.get('sunset'), operation).to.equal(sunset);
      }
      expect((await list(undefined, { key: stranger })).json.data).to.deep.equal([]);
      expectProblem(
        await list(undefined, { key: keyOf('of nobody') }),
        apiResults.REQUEST_KEY_REFUSED,
      );
      const unsigned = await suite.client.call('listContentRemovals');
      expectProblem(unsigned, apiResults.REQUEST_SIGNATURE_MISSING);
    });

    it('is listed by pages, also by the client', async () => {
      const first = (await list('limit=1')).json as unknown as {
        data: { digest: Hex }[];
        next: string;
      };
      const second = await list(`limit=1&after=${first.next}`);
      const pages = [...first.data, ...(second.json.data as { digest: Hex }[])];
      expect(pages.map((row) => row.digest)).to.deep.equal([digest, whole]);
      const transport = new Transport(
        new URL(suite.client.urlOf('listContentRemovals', {})).origin,
      );
      const seeds = { signing: sha256(utf8('forgetful')), sealing: sha256(utf8('sealing')) };
      const party = partyFromSeeds('forgetful', seeds);
      const signer = { chainId: genesis.chainId, party };
      const found = [];
      for await (const row of listContentRemovals(transport, signer)) found.push(row.digest);
      expect(found).to.deep.equal([digest, whole]);
      expectProblem(await list('after=bm9uZQ'), apiResults.CURSOR_INVALID);
    });

    it('is gone on its day: 410 with when and why for those who were told, else as if unknown', async () => {
      await sweepAt(sentAtMs + keepMs + noticeMs, digest, whole);
      const { content } = suite.exchange.parts;
      for (const name of [digest, whole]) expect(await content.has(name)).to.equal(false);
      const gone = await getBlob(digest);
      expectProblem(gone, apiResults.CONTENT_REMOVED);
      const removal = (gone.json as unknown as { removal: { removedAtMs: number } }).removal;
      expect(removal).to.include({ digest, bytes: bytes.length, record: null });
      expect(removal.removedAtMs).to.equal(sentAtMs + keepMs + noticeMs);
      expect(gone.json.detail).to.match(
        /\(16 bytes\) was removed at 20[0-9-]{8} [0-9:]{8} UTC\+08:00: it was needed until .*, when it was sent last\. Its digest stays in the records\.$/,
      );
      for (const operation of [
        ...(['getContent', 'headContent', 'getContentParts', 'getContentPart'] as const),
      ]) {
        const request = await contentRequest(suite, operation, whole, { key });
        const answer = await suite.client.call(operation, request);
        expect(answer.status, operation).to.equal(410);
      }
      const head = await readRequest(suite, 'HEAD', digest, { key });
      expect((await suite.client.call('headBlob', head)).status).to.equal(410);
      const words = async (name: Hex) => {
        const answer = await getBlob(name, { key: stranger });
        expectProblem(answer, apiResults.NOT_FOUND);
        return String(answer.json.detail).replace(name, 'DIGEST');
      };
      expect(await words(digest)).to.equal(await words(idOf(utf8('never sent'))));
    });

    it('may be sent anew by who may send it, and is given and kept as new content is', async () => {
      expect(
        (await suite.client.call('putBlob', await putRequest(suite, bytes, { key }))).status,
      ).to.equal(201);
      expect((await getBlob(digest)).text).to.equal('kept for a while');
      const rows = (await list()).json.data as { digest: Hex }[];
      expect(
        rows.map((row) => row.digest),
        'it is no removed content',
      ).to.deep.equal([whole]);
      await sendInParts();
      const part = await contentRequest(suite, 'getContentPart', whole, { key, index: 1 });
      expect((await suite.client.call('getContentPart', part)).text).to.equal(
        'kept for a while, in parts',
      );
      await sweepAt(Date.now() + keepMs - noticeMs - 3_600_000, digest, whole);
      expect((await list()).json.data).to.deep.equal([]);
    });
  });
}
