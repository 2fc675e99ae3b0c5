import { expect } from 'chai';
import fc from 'fast-check';
import { apiResults } from '../../../src/api/results.ts';
import { concat, utf8 } from '../../../src/base/bytes.ts';
import { encodeCbor } from '../../../src/base/cbor.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { refuse } from '../../../src/base/result.ts';
import type { Engine } from '../../../src/chain/engine/engine.ts';
import { engineResults } from '../../../src/chain/engine/results.ts';
import { storeFailure } from '../../../src/chain/engine/store-failure.ts';
import { encodeEnvelopeSequence } from '../../../src/chain/tx/envelope-sequence.ts';
import { txResults } from '../../../src/chain/tx/results.ts';
import { identityResults } from '../../../src/identity/results.ts';
import type { ApiAnswer, ApiRequest, Json } from '../../support/api-client.ts';
import { admission, idOf, keyOf, operator, sign } from '../exchange.ts';
import { envelope, expectProblem, type Suite } from '../suite.ts';

const sequenceType = { 'content-type': 'application/cbor-seq' };

export const batch = (envelopes: readonly Uint8Array[]): ApiRequest => ({
  body: encodeEnvelopeSequence(envelopes),
  headers: sequenceType,
});

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

const countMax = 1024;
const bytesMax = 4 * 1024 * 1024;

/** The exchange's engine with `submit` changed. */
const engineOf = (suite: Suite, submit: Engine['submit']): Engine => {
  const { engine } = suite.exchange.parts;
  const status = (): ReturnType<Engine['status']> => engine.status();
  return Object.assign(Object.create(engine) as Engine, { status, submit });
};

export const outcomesOf = (answer: ApiAnswer): Json[] => {
  expect(answer.status, answer.text).to.equal(200);
  return answer.json.outcomes;
};

export function batchSuite(suite: Suite): void {
  const nextSequence = (): number => suite.exchange.machine.nextSequence(operator.keyId);

  /** Envelopes of the operator's next sequence numbers, one admission in each. */
  const admissions = (...names: string[]): Uint8Array[] =>
    names.map((name, at) =>
      sign(suite.exchange, operator, [admission(name, keyOf(name))], {
        sequence: nextSequence() + at,
      }),
    );

  const call = (envelopes: readonly Uint8Array[]): Promise<ApiAnswer> =>
    suite.client.call('submitTransactions', batch(envelopes));

  const namesOf = (outcomes: Json[]): string[] =>
    outcomes.map(({ problem, receipt }) => problem?.name ?? receipt.resultName);

  describe('submitting a batch', () => {
    it('gives a receipt for each envelope, in order', async () => {
      const envelopes = admissions('org-b1', 'org-b2', 'org-b3');
      const outcomes = outcomesOf(await call(envelopes));
      expect(outcomes.map(({ envelopeId }) => envelopeId)).to.deep.equal(envelopes.map(idOf));
      for (const [at, { status, replayed, receipt, problem }] of outcomes.entries()) {
        expect({ status, replayed, problem }).to.deep.equal({
          status: 201,
          replayed: false,
          problem: null,
        });
        expect(receipt).to.include({ envelopeId: idOf(envelopes[at]!), resultName: 'OK' });
      }
      await suite.exchange.settle();
      const one = await suite.client.call('getTransaction', {
        params: { id: idOf(envelopes[1]!) },
      });
      expect(one.json.receipt).to.deep.equal(outcomes[1].receipt);
    });

    it('takes JSON as it takes bytes', async () => {
      const envelopes = admissions('org-j1', 'org-j2');
      const json = { envelopes: envelopes.map(base64Url) };
      const answer = await suite.client.call('submitTransactions', { json });
      expect(namesOf(outcomesOf(answer))).to.deep.equal(['OK', 'OK']);
    });

    it('gives each envelope its own outcome: no bad one spoils another', async () => {
      const [first, refused, last] = admissions('org-m1', 'the-seller', 'org-m2');
      const broken = Uint8Array.from(first!);
      broken.set([(broken.at(-1) ?? 0) ^ 1], broken.length - 1);
      const envelopes = [
        utf8('no envelope'),
        first!,
        new Uint8Array(),
        broken,
        refused!,
        new Uint8Array(8193),
        last!,
      ];
      const outcomes = outcomesOf(await call(envelopes));
      expect(namesOf(outcomes)).to.deep.equal([
        'ENVELOPE_MALFORMED',
        'OK',
        'ENVELOPE_MALFORMED',
        'SIGNATURE_INVALID',
        'ORGANISATION_EXISTS',
        'ENVELOPE_TOO_LARGE',
        'OK',
      ]);
      expect(outcomes.map(({ status }) => status)).to.deep.equal([
        400,
        201,
        400,
        txResults.SIGNATURE_INVALID.status,
        identityResults.ORGANISATION_EXISTS.status,
        txResults.ENVELOPE_TOO_LARGE.status,
        201,
      ]);
      expect(outcomes[0]).to.include({ envelopeId: idOf(envelopes[0]!), receipt: null });
      expect(outcomes[4].receipt).to.include({ envelopeId: idOf(refused!), failedOperation: 0 });
      expect(outcomes[4].problem).to.include({
        detail: '/operations/0: Organisation the-seller.',
        instance: `/v1/transactions/${idOf(refused!)}`,
      });
    });

    it('has the outcome of each once: sent again, sent twice, sent alone before', async () => {
      const alone = admissions('org-i0')[0]!;
      const single = await suite.submit(alone);
      const [one, refused] = admissions('org-i1', 'the-seller');
      const first = outcomesOf(await call([alone, one!, refused!, one!]));
      expect(first[0]).to.include({ status: 201, replayed: true });
      expect(first[0].receipt).to.deep.equal(single.json);
      expect(first[1]).to.include({ status: 201, replayed: false });
      expect(first[3].receipt).to.deep.equal(first[1].receipt);
      const { height } = suite.exchange.engine.status();
      const again = outcomesOf(await call([alone, one!, refused!, one!]));
      expect(again.every(({ replayed }) => replayed)).to.equal(true);
      expect(again.map(({ receipt, status }) => ({ receipt, status }))).to.deep.equal(
        first.map(({ receipt, status }) => ({ receipt, status })),
      );
      expect(suite.exchange.engine.status().height).to.equal(height);
    });

    it('does not mistake another envelope with a used sequence number for a repeat', async () => {
      const sequence = nextSequence() - 1;
      const other = sign(suite.exchange, operator, [admission('org-o', keyOf('org-o'))], {
        sequence,
      });
      const [outcome] = outcomesOf(await call([other]));
      expect(outcome).to.include({ replayed: false, receipt: null });
      expect(outcome.problem.name).to.equal('SEQUENCE_USED');
    });

    it('takes as many envelopes as it says', async () => {
      const outcomes = outcomesOf(
        await call(Array.from({ length: countMax }, (_, at) => utf8(`no envelope ${at}`))),
      );
      expect(outcomes).to.have.length(countMax);
    });
  });

  describe('a batch refused as a whole', () => {
    const refused = async (request: ApiRequest, pointer: string, message: string | RegExp) => {
      const { INVALID_BODY } = apiResults;
      const { json } = await suite.refused(INVALID_BODY, 'submitTransactions', request);
      expect(json.errors[0].pointer).to.equal(pointer);
      if (typeof message === 'string') expect(json.errors[0].message).to.equal(message);
      else expect(json.errors[0].message).to.match(message);
    };
    const bytes = (body: Uint8Array): ApiRequest => ({ body, headers: sequenceType });
    const sound = (): Uint8Array => encodeCbor(admissions('org-never')[0]!);

    it('for broken framing, naming the item and the byte', async () => {
      const one = sound();
      const at = one.length;
      const broken: [Uint8Array, string][] = [
        [Uint8Array.of(0xd2), `byte ${at}: not a CBOR byte string`],
        [Uint8Array.of(0x5f, 0xff), `byte ${at}: not a definite length below 2^32`],
        [Uint8Array.of(0x59, 1), `byte ${at}: it ends within a length`],
        [Uint8Array.of(0x58, 5), `byte ${at}: the length is not in its shortest form`],
        [Uint8Array.of(0x43, 1), `byte ${at}: 3 bytes are announced, 1 are left`],
        [
          Uint8Array.of(0x5a, 255, 255, 255, 255),
          `byte ${at}: 4294967295 bytes are announced, 0 are left`,
        ],
      ];
      for (const [tail, message] of broken) {
        await refused(bytes(concat(one, tail)), '/envelopes/1', message);
      }
    });

    it('without an envelope', async () => {
      await refused(bytes(new Uint8Array()), '/envelopes', 'no items');
      await refused(
        { json: { envelopes: [] } },
        '/envelopes',
        /^a list of 0 values is not a list of 1 to 1024 values/,
      );
    });

    it('with more envelopes than the limit, which it names', async () => {
      const tiny = new Uint8Array(countMax + 1).fill(0x40);
      await refused(bytes(tiny), '/envelopes', `more than ${countMax} items`);
      await refused(bytes(new Uint8Array(bytesMax).fill(0x40)), '/envelopes', /more than 1024/);
      const json = { envelopes: new Array(countMax + 1).fill('') };
      await refused(
        { json },
        '/envelopes',
        /^a list of 1025 values is not a list of 1 to 1024 values/,
      );
    });

    it('at the first error only where the body is large', async () => {
      const json = { envelopes: new Array(100_000).fill(7) };
      const { INVALID_BODY } = apiResults;
      const answer = await suite.refused(INVALID_BODY, 'submitTransactions', { json });
      expect(answer.json.errors).to.have.length(1);
    });

    it('with JSON that is none, or holds what is no base64url', async () => {
      await refused({ json: {} }, '/envelopes', /^missing field; it takes a list/);
      await refused(
        { json: { envelopes: ['', 'AA=='] } },
        '/envelopes/1',
        /^"AA==" is not bytes as base64url/,
      );
      await refused(
        { json: { envelopes: ['', 'AB'] } },
        '/envelopes/1',
        /^it is not bytes as base64url without padding/,
      );
    });

    it('over the limit of bytes, which it names', async () => {
      const { json } = await suite.refused(
        apiResults.BODY_TOO_LARGE,
        'submitTransactions',
        bytes(new Uint8Array(bytesMax + 1)),
      );
      expect(json.detail).to.equal(`At most ${bytesMax} bytes.`);
    });

    it('in another media type', async () => {
      for (const type of ['application/cose', 'application/cbor', 'text/plain']) {
        const headers = { 'content-type': type };
        await suite.refused(apiResults.UNSUPPORTED_MEDIA_TYPE, 'submitTransactions', {
          body: sound(),
          headers,
        });
      }
    });

    it('while the node holds as many bytes of batches as it may, and not after', async () => {
      const client = await suite.clientOf({}, { bodyBytesMax: 400_000 });
      const large = bytes(encodeCbor(new Uint8Array(200_000)));
      for (const _ of [1, 2]) {
        const answer = await client.call('submitTransactions', large);
        expectProblem(answer, apiResults.BATCHES_EXHAUSTED);
        expect(answer.headers.get('retry-after')).to.equal('1');
      }
      const small = await client.call('submitTransactions', batch([new Uint8Array(90_000)]));
      expect(namesOf(outcomesOf(small))).to.deep.equal(['ENVELOPE_TOO_LARGE']);
    });
  });

  it('is refused or answered for each envelope whatever bytes come, and keeps nothing of them', async () => {
    const { INVALID_BODY } = apiResults;
    const sound = encodeEnvelopeSequence([...admissions('org-fuzz'), utf8('no envelope')]);
    const changed = fc
      .tuple(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length))
      .map(([at, value, cut]) => {
        const bytes = Uint8Array.from(sound);
        bytes[at] = value;
        return bytes.subarray(0, cut === sound.length ? sound.length : Math.max(cut, at + 1));
      });
    const body = fc.oneof(changed, fc.uint8Array({ maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(body, async (bytes) => {
        const answer = await suite.client.call('submitTransactions', {
          body: bytes,
          headers: sequenceType,
        });
        if (answer.status === 200) expect(outcomesOf(answer).length).to.be.greaterThan(0);
        else expectProblem(answer, INVALID_BODY);
      }),
      { numRuns: 150 },
    );
    expect(suite.exchange.engine.status().pending).to.equal(0);
  });

  describe('a batch under load', () => {
    it('counts each envelope against the rate limit, and nothing of a batch over it', async () => {
      const client = await suite.clientOf({}, { requestsPerMinute: 10 });
      const garbage = (count: number): ApiRequest =>
        batch(Array.from({ length: count }, () => Uint8Array.of(1)));
      const first = await client.call('submitTransactions', garbage(6));
      expect(first.status).to.equal(200);
      expect(first.headers.get('ratelimit')).to.match(/^limit=10, remaining=4, reset=[0-9]+$/);
      const over = await client.call('submitTransactions', garbage(5));
      expectProblem(over, apiResults.RATE_LIMITED);
      expect(over.json.detail).to.include('10 requests or envelopes a minute');
      expect(over.headers.get('retry-after')).to.match(/^[1-9][0-9]*$/);
      // 6 and the refused request itself are counted.
      const fits = await client.call('submitTransactions', garbage(3));
      expect(fits.status).to.equal(200);
      expectProblem(await client.call('getStatus'), apiResults.RATE_LIMITED);
    });

    it('tells which envelopes had no room, and when to send them again', async () => {
      const { engine } = suite.exchange.parts;
      const [one, two] = admissions('org-l1', 'org-l2');
      const full = engineOf(suite, async (bytes) =>
        idOf(bytes) === idOf(one!)
          ? engine.submit(bytes)
          : refuse(engineResults.ENGINE_BUSY, '1000 envelopes wait for a block.'),
      );
      const client = await suite.clientOf({ engine: full });
      const answer = await client.call('submitTransactions', batch([one!, two!]));
      expect(namesOf(outcomesOf(answer))).to.deep.equal(['OK', 'ENGINE_BUSY']);
      expect(answer.headers.get('retry-after')).to.equal('1');
      const again = await suite.client.call('submitTransactions', batch([one!, two!]));
      expect(namesOf(outcomesOf(again))).to.deep.equal(['OK', 'OK']);
      expect(again.headers.get('retry-after')).to.equal(null);
    });

    it('is turned away as a whole where no envelope has room', async () => {
      for (const result of Object.values(engineResults)) {
        const full = engineOf(suite, async () => refuse(result, 'As told.'));
        const client = await suite.clientOf({ engine: full });
        const answer = await client.call('submitTransactions', batch(admissions('org-x', 'org-y')));
        expectProblem(answer, result);
        expect(answer.headers.get('retry-after')).to.equal('1');
        expect(answer.json.detail).to.equal('None of 2 was taken. As told.');
      }
    });

    it('does not wait longer than a submission may, and has the others’ receipts', async () => {
      const { engine } = suite.exchange.parts;
      const [quick, slow] = admissions('org-q', 'org-s');
      const held = engineOf(suite, (bytes) =>
        idOf(bytes) === idOf(slow!) ? new Promise(() => undefined) : stands,
      );
      const stands = engine.submit(quick!);
      await stands;
      const client = await suite.clientOf({ engine: held }, { submitWaitMs: 150 });
      const outcomes = outcomesOf(await client.call('submitTransactions', batch([slow!, quick!])));
      expect(namesOf(outcomes)).to.deep.equal(['RECEIPT_NOT_READY', 'OK']);
      expect(outcomes[0]).to.include({ status: 504, envelopeId: idOf(slow!) });
    });

    it('says of troubles of the engine that pass what a single submission says', async () => {
      const { engine } = suite.exchange.parts;
      const [taken, late, away] = admissions('org-e1', 'org-e2', 'org-e3');
      const troubled = engineOf(suite, async (bytes) => {
        if (idOf(bytes) === idOf(late!)) throw new OperationalError('ENGINE_TIMEOUT', 'No block.');
        if (idOf(bytes) === idOf(away!)) throw new OperationalError('COMET_DOWN', 'It is away.');
        return engine.submit(bytes);
      });
      const client = await suite.clientOf({ engine: troubled });
      const answer = await client.call('submitTransactions', batch([taken!, late!, away!]));
      const outcomes = outcomesOf(answer);
      expect(namesOf(outcomes)).to.deep.equal(['OK', 'RECEIPT_NOT_READY', 'NOT_READY']);
      expect(outcomes.map(({ status }) => status)).to.deep.equal([201, 504, 503]);
      expect(outcomes[1].problem.detail).to.include(idOf(late!));
      expect(answer.headers.get('retry-after')).to.equal('1');
      const none = await client.call('submitTransactions', batch([away!]));
      expectProblem(none, apiResults.NOT_READY);
      expect(none.headers.get('retry-after')).to.equal('1');
    });

    it('says when to send again what a block may hold that could not be written', async () => {
      const engine = engineOf(suite, () => Promise.reject(storeFailure(7, new Error('secret'))));
      const client = await suite.clientOf({ engine });
      const [bytes] = admissions('org-d1');
      for (const [operation, body] of [
        ['submitTransactions', batch([bytes!])],
        ['submitTransaction', envelope(bytes!)],
      ] as const) {
        const answer = await client.call(operation, body);
        expectProblem(answer, apiResults.NOT_READY);
        expect(answer.json.detail).to.match(/send the same envelope then; it takes effect once/);
        expect(answer.headers.get('retry-after')).to.equal('10');
      }
    });

    it('hides why one failed, and keeps the outcomes of the others', async () => {
      const { engine } = suite.exchange.parts;
      const [one, two] = admissions('org-f1', 'org-f2');
      const failing = engineOf(suite, async (bytes) => {
        if (idOf(bytes) === idOf(two!)) throw new Error('secret cause');
        return engine.submit(bytes);
      });
      const client = await suite.clientOf({ engine: failing });
      const answer = await client.call('submitTransactions', batch([one!, two!]));
      expect(namesOf(outcomesOf(answer))).to.deep.equal(['OK', 'INTERNAL']);
      expect(answer.text).not.to.include('secret');
      expect(suite.exchange.logged.join('')).to.include('secret cause');
    });
  });
}
