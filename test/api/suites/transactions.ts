import { expect } from 'chai';
import { apiResults } from '../../../src/api/results.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { refuse, successWith } from '../../../src/base/result.ts';
import type { Engine } from '../../../src/chain/engine/engine.ts';
import { registry } from '../../../src/chain/rooms.ts';
import { txResults } from '../../../src/chain/tx/results.ts';
import { suspend } from '../../../src/identity/change-standing.ts';
import { identityResults } from '../../../src/identity/results.ts';
import { admission, idOf, keyOf, operator, sign } from '../exchange.ts';
import { envelope, expectProblem, seller, type Suite } from '../suite.ts';

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

export function transactionSuite(suite: Suite): void {
  const signed = (name: string): Uint8Array =>
    sign(suite.exchange, operator, [admission(name, keyOf(name))]);

  describe('submitting', () => {
    it('applies raw bytes and says where they stand', async () => {
      const bytes = signed('org-raw');
      const { json, headers } = await suite.submit(bytes);
      const { height, appHash } = suite.exchange.engine.status();
      expect(json).to.include({ envelopeId: idOf(bytes), resultCode: 0, resultName: 'OK' });
      expect(json).to.include({ height, appHash });
      expect(headers.get('location')).to.equal(`/v1/transactions/${idOf(bytes)}`);
    });

    it('applies an envelope in JSON', async () => {
      const bytes = signed('org-json');
      const answer = await suite.client.call('submitTransaction', {
        json: { envelope: base64Url(bytes) },
      });
      expect(answer.status).to.equal(201);
      expect(answer.json.envelopeId).to.equal(idOf(bytes));
    });

    it('gives the receipt with a refusal that stands in a block', async () => {
      const bytes = signed('the-seller');
      const answer = await suite.client.call('submitTransaction', envelope(bytes));
      expectProblem(answer, identityResults.ORGANISATION_EXISTS);
      expect(answer.json.detail).to.equal('/operations/0: Organisation the-seller.');
      expect(answer.json.receipt).to.include({ envelopeId: idOf(bytes), failedOperation: 0 });
      expect(answer.json.receipt.resultName).to.equal('ORGANISATION_EXISTS');
    });

    it('applies all operations of an envelope or none', async () => {
      const bytes = sign(suite.exchange, operator, [
        admission('org-first', keyOf('org-first')),
        admission('the-seller', keyOf('another')),
      ]);
      const answer = await suite.client.call('submitTransaction', envelope(bytes));
      expect(answer.json.receipt.failedOperation).to.equal(1);
      const query = `minHeight=${answer.json.receipt.height}`;
      const found = await suite.client.call('get.organisations', {
        params: { id: 'org-first' },
        query,
      });
      expectProblem(found, apiResults.NOT_FOUND);
    });
  });

  describe('refusals that leave no trace', () => {
    const refuseBytes = (name: keyof typeof txResults, bytes: Uint8Array) =>
      suite.refused(txResults[name], 'submitTransaction', envelope(bytes));

    it('a wrong signature', async () => {
      const bytes = signed('org-x');
      bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);
      await refuseBytes('SIGNATURE_INVALID', bytes);
    });

    it('an envelope of another chain', async () => {
      const operations = [admission('org-x', keyOf('org-x'))];
      const bytes = sign(suite.exchange, operator, operations, { chainId: 'dxl-other' });
      await refuseBytes('SIGNATURE_INVALID', bytes);
    });

    it('a used sequence number with other content, without a receipt', async () => {
      const sequence = suite.exchange.machine.nextSequence(operator.keyId) - 1;
      const operations = [admission('org-y', keyOf('org-y'))];
      const answer = await refuseBytes(
        'SEQUENCE_USED',
        sign(suite.exchange, operator, operations, { sequence }),
      );
      expect(answer.json).not.to.have.property('receipt');
    });

    it('a sequence number too far ahead', async () => {
      const operations = [admission('org-y', keyOf('org-y'))];
      const bytes = sign(suite.exchange, operator, operations, { sequence: 100_000 });
      await refuseBytes('SEQUENCE_TOO_FAR', bytes);
    });

    it('an envelope that has expired', async () => {
      const operations = [admission('org-y', keyOf('org-y'))];
      const bytes = sign(suite.exchange, operator, operations, { expiryHeight: 1 });
      await refuseBytes('ENVELOPE_EXPIRED', bytes);
    });

    it('a key that nobody registered', async () => {
      const operations = [admission('org-y', keyOf('org-y'))];
      await refuseBytes('KEY_UNKNOWN', sign(suite.exchange, keyOf('stranger'), operations));
    });

    it('a role that the key does not hold', async () => {
      const operations = [admission('org-y', keyOf('org-y'))];
      await refuseBytes('ROLE_MISSING', sign(suite.exchange, seller, operations));
    });

    it('an operation that nobody knows', async () => {
      const bytes = sign(suite.exchange, operator, [{ number: 9999, command: [] }]);
      await refuseBytes('OPERATION_UNKNOWN', bytes);
    });

    it('a command that does not fit its schema', async () => {
      const bytes = sign(suite.exchange, operator, [
        { number: suspend.number, command: ['x', 1n] },
      ]);
      const answer = await refuseBytes('OPERATION_MALFORMED', bytes);
      expect(answer.json.detail).to.include('/operations/0 (identity.suspend)/organisationId');
    });

    it('malformed CBOR: cut short, with a byte too many, or something else', async () => {
      const bytes = signed('org-x');
      await refuseBytes('ENVELOPE_MALFORMED', bytes.subarray(0, -1));
      await refuseBytes('ENVELOPE_MALFORMED', Uint8Array.of(...bytes, 0));
      await refuseBytes('ENVELOPE_MALFORMED', utf8('not an envelope'));
      await refuseBytes('ENVELOPE_MALFORMED', new Uint8Array());
    });

    it('an envelope over the chain’s limit, and a body that is not even read', async () => {
      await refuseBytes('ENVELOPE_TOO_LARGE', new Uint8Array(8193));
      await suite.refused(
        apiResults.BODY_TOO_LARGE,
        'submitTransaction',
        envelope(new Uint8Array(64 * 1024)),
      );
    });

    it('a body of chunks that grows over the limit', async () => {
      const chunks = new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(16 * 1024));
        },
      });
      const response = await fetch(suite.client.urlOf('submitTransaction'), {
        method: 'POST',
        headers: { 'content-type': 'application/cose' },
        body: chunks,
        duplex: 'half',
      }).catch(() => null);
      // The node closes the connection: the client sees the answer or the closing.
      if (response) expect(response.status).to.equal(413);
    });

    const malformed: [string, unknown, string][] = [
      ['an unknown field', { envelope: 'AA', more: 1 }, '/more'],
      ['a missing field', {}, '/envelope'],
      ['a field of another type', { envelope: 7 }, '/envelope'],
      ['padding', { envelope: 'AA==' }, '/envelope'],
      ['bits that belong to no byte', { envelope: 'AB' }, '/envelope'],
      ['a list', [], ''],
    ];
    for (const [what, json, pointer] of malformed) {
      it(`JSON with ${what}`, async () => {
        const { json: problem } = await suite.refused(
          apiResults.INVALID_BODY,
          'submitTransaction',
          { json },
        );
        expect(problem.errors[0].pointer).to.equal(pointer);
      });
    }

    it('what is not JSON', async () => {
      const headers = { 'content-type': 'application/json' };
      for (const body of ['{', Uint8Array.of(0x22, 0xff, 0x22)]) {
        await suite.refused(apiResults.INVALID_BODY, 'submitTransaction', { body, headers });
      }
    });

    it('another media type, and a compressed body', async () => {
      const body = signed('org-x');
      for (const headers of [
        { 'content-type': 'text/plain' },
        { 'content-type': 'application/cose', 'content-encoding': 'gzip' },
      ]) {
        await suite.refused(apiResults.UNSUPPORTED_MEDIA_TYPE, 'submitTransaction', {
          body,
          headers,
        });
      }
    });
  });

  describe('Idempotency-Key', () => {
    const key = (value: string) => ({ 'idempotency-key': value });

    it('gives the same answer again', async () => {
      const bytes = signed('org-once');
      const [first, second] = [
        await suite.client.call('submitTransaction', envelope(bytes, key('once-1'))),
        await suite.client.call('submitTransaction', envelope(bytes, key('once-1'))),
      ];
      expect(first.status).to.equal(201);
      expect(second.status).to.equal(201);
      expect(second.json).to.deep.equal(first.json);
      expect(first.headers.get('idempotency-replayed')).to.equal(null);
      expect(second.headers.get('idempotency-replayed')).to.equal('true');
    });

    it('gives a refusal that stands in a block again', async () => {
      const bytes = signed('the-seller');
      const [first, second] = [
        await suite.client.call('submitTransaction', envelope(bytes, key('once-2'))),
        await suite.client.call('submitTransaction', envelope(bytes, key('once-2'))),
      ];
      expectProblem(first, identityResults.ORGANISATION_EXISTS);
      expectProblem(second, identityResults.ORGANISATION_EXISTS);
      expect(second.json.receipt).to.deep.equal(first.json.receipt);
    });

    it('is refused with another body', async () => {
      await suite.refused(
        apiResults.IDEMPOTENCY_KEY_REUSED,
        'submitTransaction',
        envelope(signed('org-other'), key('once-1')),
      );
    });

    it('is free again after a refusal without effect', async () => {
      const operations = [admission('org-free', keyOf('org-free'))];
      const late = sign(suite.exchange, operator, operations, { expiryHeight: 1 });
      const request = envelope(late, key('once-3'));
      await suite.refused(txResults.ENVELOPE_EXPIRED, 'submitTransaction', request);
      const again = envelope(signed('org-free'), key('once-3'));
      expect((await suite.client.call('submitTransaction', again)).status).to.equal(201);
    });

    it('is not taken up by whoever sends a published envelope of the key again', async () => {
      const published = signed('org-published');
      await suite.submit(published);
      const taken = await suite.client.call('submitTransaction', envelope(published, key('own-1')));
      expect(taken.status).to.equal(201);
      const own = envelope(signed('org-own'), key('own-1'));
      expect((await suite.client.call('submitTransaction', own)).status).to.equal(201);
    });

    it('is visible ASCII', async () => {
      for (const value of ['', 'with space', 'x'.repeat(256)]) {
        await suite.refused(
          apiResults.IDEMPOTENCY_KEY_INVALID,
          'submitTransaction',
          envelope(signed('org-x'), key(value)),
        );
      }
    });

    it('says that the first request is still being served, then gives its answer', async () => {
      const { engine } = suite.exchange.parts;
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const slow: Engine = Object.assign(Object.create(engine) as Engine, {
        status: () => engine.status(),
        submit: async (bytes: Uint8Array) => held.then(() => engine.submit(bytes)),
      });
      const client = await suite.clientOf({ engine: slow }, { submitWaitMs: 40 });
      const bytes = signed('org-slow');
      const first = await client.call('submitTransaction', envelope(bytes, key('once-4')));
      expectProblem(first, apiResults.RECEIPT_NOT_READY);
      expect(first.json.detail).to.include(idOf(bytes));
      const second = await client.call('submitTransaction', envelope(bytes, key('once-4')));
      expectProblem(second, apiResults.IDEMPOTENCY_IN_PROGRESS);
      release();
      for (;;) {
        const third = await client.call('submitTransaction', envelope(bytes, key('once-4')));
        if (third.status === 409) continue;
        expect(third.status, third.text).to.equal(201);
        break;
      }
    });
  });

  it('answers every result code of the ledger as its problem, before a block and in one', async () => {
    const { engine } = suite.exchange.parts;
    let outcome: Awaited<ReturnType<Engine['submit']>> | null = null;
    const told: Engine = Object.assign(Object.create(engine) as Engine, {
      status: () => engine.status(),
      submit: async () => outcome,
    });
    const client = await suite.clientOf({ engine: told });
    const bytes = signed('org-told');
    for (const result of registry.results.values()) {
      outcome = refuse(result, 'As told.');
      const before = await client.call('submitTransaction', envelope(bytes));
      expectProblem(before, result);
      expect(before.json).not.to.have.property('receipt');
      outcome = successWith({
        envelopeId: idOf(bytes),
        height: 7,
        position: 0,
        timeMs: 1,
        resultCode: result.code,
        failedOperation: null,
        detail: 'As told.',
        logIndex: 3,
        appHash: idOf(bytes),
      });
      const inBlock = await client.call('submitTransaction', envelope(bytes));
      expectProblem(inBlock, result);
      expect(inBlock.json.receipt.resultName).to.equal(result.name);
    }
  });

  it('finds the receipt of an envelope sent before its Idempotency-Key was', async () => {
    const bytes = signed('org-before');
    const first = await suite.submit(bytes);
    const headers = { 'idempotency-key': 'once-5' };
    const second = await suite.client.call('submitTransaction', envelope(bytes, headers));
    expect(second.status, second.text).to.equal(201);
    expect(second.json).to.deep.equal(first.json);
  });

  describe('reading', () => {
    it('shows operations as JSON and the bytes', async () => {
      const bytes = signed('org-shown');
      const submitted = await suite.submit(bytes);
      const { json } = await suite.client.call('getTransaction', { params: { id: idOf(bytes) } });
      expect(json.receipt).to.deep.equal(submitted.json);
      expect(json.keyId).to.equal(operator.keyId);
      expect(json.operations).to.have.length(1);
      expect(json.operations[0]).to.include({ number: 100, name: 'identity.admit' });
      expect(json.operations[0].command.organisationId).to.equal('org-shown');
      expect(json.envelope).to.equal(base64Url(bytes));
    });

    it('knows no transaction that is in no block', async () => {
      const params = { id: 'ab'.repeat(32) };
      await suite.refused(apiResults.NOT_FOUND, 'getTransaction', { params });
      await suite.refused(apiResults.NOT_FOUND, 'getTransactionProof', { params });
      await suite.refused(apiResults.INVALID_PATH, 'getTransaction', { params: { id: 'AB' } });
    });

    it('tells a client what to sign with', async () => {
      const { json } = await suite.client.call('getNextSequence', {
        params: { id: operator.keyId },
      });
      const { height, chainId } = suite.exchange.engine.status();
      expect(json).to.deep.equal({
        keyId: operator.keyId,
        chainId,
        nextSequence: suite.exchange.machine.nextSequence(operator.keyId),
        height,
        expiryHeightMax: height + 1001,
      });
      const stranger = { params: { id: keyOf('stranger').keyId } };
      expect((await suite.client.call('getNextSequence', stranger)).json.nextSequence).to.equal(1);
    });
  });
}
