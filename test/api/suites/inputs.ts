/** What may stand in query, path and body: numbers have one spelling, and nothing is answered 500. */
import { expect } from 'chai';
import fc from 'fast-check';
import { apiResults } from '../../../src/api/results.ts';
import { seller, expectProblem, type Suite } from '../suite.ts';

/** Each is a number to some reader of text. */
const notPlain = ['0x10', '1e2', '%205', '5%20', '+5', '%2B5', '05', '', '-0', '5.0', '1_0', '٥'];

const loneSurrogate = '"\\ud800"';

export function inputSuite(suite: Suite): void {
  const json = { 'content-type': 'application/json' };

  describe('numbers of a query', () => {
    it('have one spelling: any other is refused by the name of its field', async () => {
      for (const operation of ['listEvents', 'list.organisations']) {
        for (const value of notPlain) {
          const answer = await suite.client.call(operation, { query: `limit=${value}` });
          expectProblem(answer, apiResults.INVALID_QUERY);
          expect(answer.json.errors[0].pointer, value).to.equal('/limit');
          expect(answer.json.errors[0]).to.include.keys('form', 'example');
        }
        expect((await suite.client.call(operation, { query: 'limit=5' })).status).to.equal(200);
      }
    });

    it('stand there once', async () => {
      const answer = await suite.client.call('listEvents', { query: 'limit=5&limit=5' });
      expectProblem(answer, apiResults.INVALID_QUERY);
      expect(answer.json.errors[0]).to.include({ pointer: '/limit', example: 30 });
      expect(answer.json.errors[0].message).to.match(/^given more than once/);
    });
  });

  describe('what no ledger can write', () => {
    const rows: [string, string, string][] = [
      ['-0 as a number', '{"logIndexes":[0,-0]}', '/logIndexes/1'],
      ['-0 in another spelling', '{"logIndexes":[-0e1]}', '/logIndexes/0'],
      ['a lone surrogate in a key of the state', `{"keys":[${loneSurrogate}]}`, '/keys/0'],
    ];
    for (const [what, body, pointer] of rows) {
      it(`is refused in a body: ${what}`, async () => {
        const answer = await suite.client.call('getProofs', { body, headers: json });
        expectProblem(answer, apiResults.INVALID_BODY);
        expect(answer.json.errors[0].pointer).to.equal(pointer);
      });
    }

    it('is no number below zero that would be taken', async () => {
      const body = '{"logIndexes":[0]}';
      const answer = await suite.client.call('getProofs', { body, headers: json });
      expect(answer.status, answer.text).to.equal(200);
    });

    // In an address a surrogate stands as three bytes, which are no UTF-8.
    it('is refused in a path, and nobody fails in a query', async () => {
      const base = suite.client.urlOf('listEvents').replace(/\/v1\/.*$/, '');
      for (const bytes of ['%ED%A0%80', '%FF', '%C0%AF', '%00', '%E0%80']) {
        const inPath = await fetch(`${base}/v1/organisations/${bytes}`);
        expect(inPath.status, bytes).to.equal(400);
        expect(inPath.headers.get('content-type')).to.match(/^application\/problem\+json/);
        await inPath.arrayBuffer();
        const inQuery = await fetch(`${base}/v1/proofs/state?key=organisation/${bytes}`);
        expect(inQuery.status, bytes).to.be.oneOf([200, 400, 404]);
        await inQuery.arrayBuffer();
      }
    });
  });

  it('answers whatever it is sent, and never with 500', async function () {
    this.timeout(300_000);
    const base = suite.client.urlOf('listEvents').replace(/\/v1\/.*$/, '');
    const odd = fc.constantFrom(...notPlain, '%ED%A0%80', '%FF', '9'.repeat(40), '%', 'null', '[]');
    const word = fc.string({ unit: 'grapheme', maxLength: 40 }).map(encodeURIComponent);
    const part = fc.oneof(odd, word, fc.nat().map(String));
    const names = ['limit', 'after', 'minHeight', 'search', 'stream', 'key', 'first', 'where[id]'];
    const query = fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...names), part), part), { maxLength: 4 })
      .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
    const gets = fc
      .tuple(fc.constantFrom(...readPaths), part, query)
      .map(([path, id, text]) => ({ path: `${path.replace('{}', id)}?${text}`, body: null }));
    const bodies = fc.oneof(
      fc.json(),
      fc.string({ maxLength: 60 }),
      fc.constantFrom(loneSurrogate, '-0', '[-0]', '{"__proto__":{"keys":1}}', '1e999', '\ufeff{}'),
      fc.json().map((value) => `{"logIndexes":${value},"keys":[${value}],"envelope":${value}}`),
    );
    const posts = fc.record({
      path: fc.constantFrom('/v1/proofs', '/v1/transactions'),
      body: bodies,
    });
    const send = async ({ path, body }: { path: string; body: string | null }) => {
      const sent = body === null ? {} : { method: 'POST', headers: json, body };
      const response = await fetch(base + path, sent);
      const text = await response.text();
      expect(response.status, `${path} ${body ?? ''}: ${text}`).to.be.oneOf(expected);
    };
    await fc.assert(fc.asyncProperty(fc.oneof(gets, posts), send), { numRuns: 250 });
  });
}

/** 504: a height that the read models have not come to. */
const expected = [200, 400, 404, 406, 409, 413, 415, 422, 504];

const readPaths = [
  '/v1/organisations',
  '/v1/organisations/{}',
  '/v1/events',
  '/v1/blocks',
  '/v1/blocks/{}',
  '/v1/transactions/{}',
  '/v1/proofs/state',
  '/v1/proofs/inclusion/{}',
  '/v1/proofs/state/organisation/{}',
  '/v1/proofs/transactions/{}',
  '/v1/blobs/{}',
  '/v1/proofs/consistency',
  `/v1/keys/${seller.keyId}/sequence`,
  '/v1/keys/{}/sequence',
  '/v1/circuits/{}/verification-key',
];
