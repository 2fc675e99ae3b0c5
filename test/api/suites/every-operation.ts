import { expect } from 'chai';
import { DatabaseSilent } from '../../../src/store/impatient-client.ts';
import { apiResults } from '../../../src/api/results.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import type { ApiParts } from '../../../src/api/parts.ts';
import { operationsOf, type ApiRequest } from '../../support/api-client.ts';
import { idOf, operator, sign, admission, keyOf } from '../exchange.ts';
import { document, envelope, expectProblem, seller, signed, type Suite } from '../suite.ts';
import { cosignedNote, plainText } from './log.ts';
import { putRequest, readRequest } from './blobs.ts';
import { batch } from './batch.ts';
import {
  announceRequest,
  beginUpload,
  contentRequest,
  createRequest,
  uploadRequest,
  zerosManifest,
} from '../content-requests.ts';
import { idOfSample, kinds } from './every-record.ts';

const operations = operationsOf(document);

/** Of HEAD, whose refusals have no body. */
const heads = new Set(
  operations
    .filter(({ method }) => method === 'head')
    .map(({ operation }) => operation.operationId),
);

/** Begun in this run's first exchange, and still there. */
const openUpload = (suite: Suite): Promise<string> =>
  beginUpload(suite, { sha256: idOf(utf8('not sent yet')) }, 12);

/** A request of each operation that is in order. */
async function soundRequest(suite: Suite, operationId: string): Promise<ApiRequest> {
  const blob = utf8('ciphertext of the seller');
  const envelopeId = suite.exchange.engine.status().appHash;
  const requests: Record<string, () => ApiRequest | Promise<ApiRequest>> = {
    submitTransaction: () =>
      envelope(sign(suite.exchange, operator, [admission('never', keyOf('never'))])),
    submitTransactions: () =>
      batch([sign(suite.exchange, operator, [admission('never', keyOf('never'))])]),
    getTransaction: () => ({ params: { id: envelopeId } }),
    getTransactionProof: () => ({ params: { id: envelopeId } }),
    getNextSequence: () => ({ params: { id: seller.keyId } }),
    getBlock: () => ({ params: { height: 1 } }),
    getCommit: () => ({ params: { height: 1 } }),
    getVerificationKey: () => ({ params: { id: 'k-anonymity-512-k5' } }),
    getInclusionProof: () => ({ params: { logIndex: 0 } }),
    getConsistencyProof: () => ({ query: 'first=3' }),
    getStateProof: () => ({ query: 'key=~genesis' }),
    getRecordProof: () => ({ params: { kind: 'organisation', id: 'nobody' } }),
    getProofs: () => ({ json: { logIndexes: [0] } }),
    getTile: () => ({ params: { path: '0/000.p/1' } }),
    deliverCosignatures: async () => plainText(await cosignedNote(suite)),
    putBlob: () => putRequest(suite, blob),
    headBlob: () => readRequest(suite, 'HEAD', idOf(blob)),
    getBlob: () => readRequest(suite, 'GET', idOf(blob)),
    listContentRemovals: async () => ({
      headers: await signed('GET', suite.client.urlOf('listContentRemovals', {})),
    }),
    putContent: () => announceRequest(suite, zerosManifest(1)),
    getContent: () => contentRequest(suite, 'getContent', idOf(blob)),
    headContent: () => contentRequest(suite, 'headContent', idOf(blob)),
    getContentParts: () => contentRequest(suite, 'getContentParts', idOf(blob)),
    getContentPart: () => contentRequest(suite, 'getContentPart', idOf(blob)),
    createUpload: () => createRequest(suite, { sha256: idOf(blob) }, blob.length),
    headUpload: async () => uploadRequest(suite, 'headUpload', await openUpload(suite)),
    endUpload: async () => uploadRequest(suite, 'endUpload', await openUpload(suite)),
    appendUpload: async () =>
      uploadRequest(suite, 'appendUpload', await openUpload(suite), { body: utf8('not') }),
    getStyle: () => ({ params: { name: 'page.css' } }),
    getScript: () => ({ params: { name: 'start.js' } }),
  };
  const kind = kinds.find(({ collection }) => operationId === `get.${collection}`);
  if (kind) return { params: { id: idOfSample(kind) } };
  return requests[operationId]?.() ?? {};
}

/** Every call of it fails as no client may learn. */
const broken = <Part extends object>(error: Error): Part =>
  new Proxy({} as Part, {
    get: () => () => {
      throw error;
    },
  });

function allBroken(error = new Error('secret cause')): Partial<Omit<ApiParts, 'limits'>> {
  const parts = [
    ...(['engine', 'reader', 'projector', 'content', 'nonces', 'idempotency'] as const),
    'publication',
  ];
  return Object.fromEntries(parts.map((name) => [name, broken(error)]));
}

const isSettled = (answer: { status: number }): boolean => answer.status < 400;

export function everyOperationSuite(suite: Suite): void {
  const each = async (
    check: (operationId: string, request: ApiRequest) => Promise<void>,
    wanted: (statuses: string[]) => boolean = () => true,
  ): Promise<void> => {
    for (const { operation } of operations) {
      if (!wanted(Object.keys(operation.responses))) continue;
      const { operationId } = operation;
      await check(operationId, await soundRequest(suite, operationId));
    }
  };

  describe('every operation', () => {
    it('refuses a query parameter that it does not know', async () => {
      await each(async (operationId, request) => {
        const answer = await suite.client.call(operationId, { ...request, query: 'surprise=1' });
        if (heads.has(operationId)) expect(answer.status).to.equal(400);
        else expectProblem(answer, apiResults.INVALID_QUERY);
      });
    });

    it('refuses to answer in a media type that it does not have', async () => {
      const negotiates = (statuses: string[]) => statuses.includes('406');
      const check = async (operationId: string, request: ApiRequest): Promise<void> => {
        const headers = { ...request.headers, accept: 'image/png' };
        const answer = await suite.client.call(operationId, { ...request, headers });
        expectProblem(answer, apiResults.NOT_ACCEPTABLE);
      };
      await each(check, negotiates);
    });

    it('is limited in rate', async () => {
      const client = await suite.clientOf({}, { requestsPerMinute: 1, healthRequestsPerMinute: 1 });
      for (const operation of ['getStatus', 'getHealth']) await client.call(operation);
      await each(async (operationId, request) => {
        const answer = await client.call(operationId, request);
        expect(answer.status).to.equal(429);
        expect(answer.headers.get('retry-after')).to.match(/^[0-9]+$/);
        if (!heads.has(operationId)) expectProblem(answer, apiResults.RATE_LIMITED);
      });
    });

    it('has its body read to its end within its time, or is answered why not', async () => {
      const client = await suite.clientOf({}, { bodyWindowMs: 40, uploadWindowMs: 40 });
      const slow = (statuses: string[]) => statuses.includes('408');
      const check = async (operationId: string, request: ApiRequest): Promise<void> => {
        const answer = await client.call(operationId, { ...request, unfinished: true });
        expectProblem(answer, apiResults.REQUEST_TIMEOUT);
        // Content of those who may send it comes over slow lines too.
        const least = ['putBlob', 'appendUpload'].includes(operationId) ? 512 : 16384;
        expect(answer.json.detail).to.include(`${least} bytes a second in every 40 ms`);
      };
      await each(check, slow);
    });

    it('has no more of its body held than there is room for', async () => {
      const client = await suite.clientOf({}, { smallBodyBytesMax: 4 });
      const held = (statuses: string[]) => statuses.includes('408');
      const check = async (operationId: string, request: ApiRequest): Promise<void> => {
        // They go to the disk as they come.
        if (['putBlob', 'appendUpload'].includes(operationId)) return;
        const answer = await client.call(operationId, request);
        expectProblem(answer, apiResults.BATCHES_EXHAUSTED);
      };
      await each(check, held);
    });

    it('says that the database did not answer, and where to look', async () => {
      const silent = new DatabaseSilent('no answer for 7 ms');
      const client = await suite.clientOf(allBroken(silent));
      const canFail = (statuses: string[]) => statuses.includes('500');
      const check = async (operationId: string, request: ApiRequest): Promise<void> => {
        const answer = await client.call(operationId, request);
        expect(answer.status, operationId).to.equal(503);
        expect(answer.headers.get('retry-after')).to.equal('2');
        if (!heads.has(operationId)) expectProblem(answer, apiResults.DATABASE_UNAVAILABLE);
      };
      await each(check, canFail);
    });

    it('hides why it fails, and logs it under the request’s id', async () => {
      const client = await suite.clientOf(allBroken());
      const canFail = (statuses: string[]) => statuses.includes('500');
      const check = async (operationId: string, request: ApiRequest): Promise<void> => {
        const answer = await client.call(operationId, request);
        expect(answer.status, operationId).to.equal(500);
        expect(answer.text).not.to.include('secret');
        if (heads.has(operationId)) return;
        expectProblem(answer, apiResults.INTERNAL);
        const { requestId } = answer.json;
        expect(answer.headers.get('x-request-id')).to.equal(requestId);
        const lines = suite.exchange.logged.filter((line) => line.includes(requestId));
        expect(lines.join('')).to.include('secret cause');
      };
      await each(check, canFail);
    });

    it('answers 200 or 201 to a request that is in order', async () => {
      const check = async (operationId: string, request: ApiRequest): Promise<void> => {
        if (/^(submit|get)Transaction/.test(operationId)) return;
        // No validators committed to what the embedded engine made.
        if (operationId === 'getCommit') return;
        if (operationId === 'streamEvents' || operationId.startsWith('get.')) return;
        const answer = await suite.client.call(operationId, request);
        expect(isSettled(answer), `${operationId}: ${answer.text}`).to.equal(true);
      };
      await each(check);
    });
  });
}
