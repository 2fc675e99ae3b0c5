/** What stands in a block is answered with its receipt, however old it is and however it comes. */
import { expect } from 'chai';
import { toHex } from '../../src/base/bytes.ts';
import { txResults } from '../../src/chain/tx/results.ts';
import { suspend } from '../../src/identity/change-standing.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { identityResults } from '../../src/identity/results.ts';
import { rotateKey } from '../../src/identity/rotate-key.ts';
import type { ApiAnswer, Json } from '../support/api-client.ts';
import { admission, genesis, keyOf, operationOf, operator, sign } from './exchange.ts';
import { envelope, expectProblem, Suite } from './suite.ts';
import { batch } from './suites/batch.ts';

/** Of an envelope: signed with facts, and how it grows old once it stands. */
interface Age {
  readonly refusal: keyof typeof txResults;
  readonly sign: (name: string, expiryHeight?: number) => Uint8Array;
  readonly pass: () => Promise<void>;
  /** Whether the same bytes might still be taken, where no block holds them. */
  readonly open: boolean;
}

describe('what stands in a block, sent again', () => {
  const suite = new Suite();
  before(() => suite.open());
  after(() => suite.close());

  const height = (): number => suite.exchange.engine.status().height;
  let drawn = 0;
  const freshName = (): string => `org-old-${(drawn += 1)}`;
  const admit = (name: string, expiryHeight = height() + 100): Uint8Array =>
    sign(suite.exchange, operator, [admission(name, keyOf(name))], { expiryHeight });

  const makeBlocks = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at += 1) await suite.submit(admit(freshName()));
  };
  const usedNumbers = async (): Promise<void> => {
    const first = suite.exchange.machine.nextSequence(operator.keyId);
    const { sequenceWindow } = genesis.parameters;
    const later = Array.from({ length: sequenceWindow }, (_, at) =>
      sign(suite.exchange, operator, [admission('the-seller', keyOf('z'))], {
        sequence: first + at,
      }),
    );
    const { json } = await suite.client.call('submitTransactions', batch(later));
    expect(json.outcomes.every(({ receipt }: Json) => receipt !== null)).to.equal(true);
  };

  const ages: Record<string, Age> = {
    'its number is used': {
      ...{ refusal: 'SEQUENCE_USED', open: false },
      sign: admit,
      pass: async () => undefined,
    },
    'its expiry height has passed': {
      ...{ refusal: 'ENVELOPE_EXPIRED', open: false },
      sign: (name) => admit(name, height() + 2),
      pass: () => makeBlocks(3),
    },
    'as many later numbers were used as its key’s window holds': {
      ...{ refusal: 'SEQUENCE_TOO_OLD', open: false },
      sign: admit,
      pass: usedNumbers,
    },
  };

  /** Every way in which the same bytes come again. */
  async function comesAgain(bytes: Uint8Array): Promise<Record<string, ApiAnswer>> {
    const { client } = suite;
    const text = Buffer.from(bytes).toString('base64url');
    const key = { 'idempotency-key': `again-${freshName()}` };
    const alone = {
      'as bytes': await client.call('submitTransaction', envelope(bytes)),
      'as JSON': await client.call('submitTransaction', { json: { envelope: text } }),
      'with an Idempotency-Key': await client.call('submitTransaction', envelope(bytes, key)),
      'with the same key once more': await client.call('submitTransaction', envelope(bytes, key)),
    };
    for (const [how, answer] of Object.entries(alone)) {
      expect(answer.headers.get('idempotency-replayed'), how).to.equal('true');
    }
    return alone;
  }

  /** The same, many at once: twice in one batch, among others, and as JSON. */
  async function comesInBatches(bytes: Uint8Array): Promise<Json[]> {
    const text = Buffer.from(bytes).toString('base64url');
    const other = admit(freshName());
    const answers = [
      await suite.client.call('submitTransactions', batch([bytes])),
      await suite.client.call('submitTransactions', batch([bytes, other, bytes])),
      await suite.client.call('submitTransactions', { json: { envelopes: [text] } }),
    ];
    const outcomes = answers.flatMap(({ json }) => json.outcomes as Json[]);
    const others = outcomes.filter(({ envelopeId }) => envelopeId === outcomes[2].envelopeId);
    expect(others).to.have.length(1);
    expect(others[0]).to.include({ status: 201, replayed: false });
    return outcomes.filter((one) => one !== others[0]);
  }

  for (const [when, age] of Object.entries(ages)) {
    it(`is answered with its receipt when ${when}`, async () => {
      const bytes = age.sign(freshName());
      const first = await suite.submit(bytes);
      await age.pass();
      const before = await suite.exchange.query('SELECT count(*) FROM event');
      for (const [how, answer] of Object.entries(await comesAgain(bytes))) {
        expect(answer.status, `${how}: ${answer.text}`).to.equal(201);
        expect(answer.json, how).to.deep.equal(first.json);
        expect(answer.headers.get('location'), how).to.equal(first.headers.get('location'));
      }
      expect(await suite.exchange.query('SELECT count(*) FROM event')).to.deep.equal(before);
      for (const outcome of await comesInBatches(bytes)) {
        expect(outcome).to.include({ status: 201, replayed: true, problem: null });
        expect(outcome.receipt).to.deep.equal(first.json);
      }
    });

    it(`is answered with the refusal that it has there when ${when}`, async () => {
      const bytes = age.sign('the-seller');
      const first = await suite.client.call('submitTransaction', envelope(bytes));
      expectProblem(first, identityResults.ORGANISATION_EXISTS);
      await age.pass();
      for (const answer of Object.values(await comesAgain(bytes))) {
        expectProblem(answer, identityResults.ORGANISATION_EXISTS);
        expect(answer.json.receipt).to.deep.equal(first.json.receipt);
        expect(answer.json).not.to.have.property('mayStandInABlock');
      }
      for (const outcome of await comesInBatches(bytes)) {
        expect(outcome).to.include({ status: first.status, replayed: true });
        expect(outcome.receipt).to.deep.equal(first.json.receipt);
      }
    });

    it(`is not mistaken for what stands in none when ${when}: that is told as final`, async () => {
      const never = age.sign(freshName());
      await makeBlocks(1);
      await age.pass();
      const result = txResults[age.refusal];
      const alone = await suite.refused(result, 'submitTransaction', envelope(never));
      expect(alone.json).to.include({ mayStandInABlock: age.open });
      expect(alone.json).not.to.have.property('receipt');
      const { json } = await suite.client.call('submitTransactions', batch([never]));
      expect(json.outcomes[0]).to.include({ replayed: false, receipt: null });
      const { problem } = json.outcomes[0];
      expect(problem).to.include({ name: result.name, mayStandInABlock: age.open });
    });
  }

  it('is answered with its receipt though it replaced the key that signed it', async () => {
    const [name, old, next] = [freshName(), keyOf('to be replaced'), keyOf('the next')];
    await suite.submit(sign(suite.exchange, operator, [admission(name, old)]));
    const claim = possessionClaim(genesis.chainId, name, next.publicKey);
    const { publicKey } = next;
    const possession = toHex(next.sign(claim));
    const rotation = operationOf(rotateKey, { publicKey, possession });
    const bytes = sign(suite.exchange, old, [rotation]);
    const first = await suite.submit(bytes);
    for (const answer of Object.values(await comesAgain(bytes))) {
      expect(answer.status, answer.text).to.equal(201);
      expect(answer.json).to.deep.equal(first.json);
    }
    for (const { replayed, receipt } of await comesInBatches(bytes)) {
      expect({ replayed, receipt }).to.deep.equal({ replayed: true, receipt: first.json });
    }
    const other = sign(suite.exchange, old, [rotation]);
    const refused = await suite.refused(
      txResults.KEY_NOT_ACTIVE,
      'submitTransaction',
      envelope(other),
    );
    expect(refused.json).not.to.have.property('receipt');
  });

  it('may yet come to stand where a suspension keeps it out: that is not told as final', async () => {
    const [name, key] = [freshName(), keyOf('to be suspended')];
    await suite.submit(sign(suite.exchange, operator, [admission(name, key)]));
    const command = { organisationId: name, reason: 'a test' };
    await suite.submit(sign(suite.exchange, operator, [operationOf(suspend, command)]));
    const bytes = sign(suite.exchange, key, [operationOf(suspend, command)]);
    const { json } = await suite.refused(
      txResults.KEY_NOT_ACTIVE,
      'submitTransaction',
      envelope(bytes),
    );
    expect(json).to.include({ mayStandInABlock: true });
  });

  it('is told as never to stand where its bytes are no envelope of a known key’s', async () => {
    const bytes = admit(freshName());
    const cut = bytes.subarray(0, -1);
    const forged = Uint8Array.from(bytes);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    for (const [name, wrong] of [
      ['ENVELOPE_MALFORMED', cut],
      ['SIGNATURE_INVALID', forged],
    ] as const) {
      const refused = await suite.refused(txResults[name], 'submitTransaction', envelope(wrong));
      expect(refused.json).to.include({ mayStandInABlock: false });
    }
  });

  it('is looked up where a signature is good and its time over, and for nobody else', async () => {
    const { reader } = suite.exchange.parts;
    const asked: number[] = [];
    const counting = Object.assign(Object.create(reader) as typeof reader, {
      readEnvelopes: (ids: readonly string[]) => {
        asked.push(ids.length);
        return reader.readEnvelopes(ids);
      },
    });
    const client = await suite.clientOf({ reader: counting });
    const bytes = admit(freshName());
    await suite.submit(bytes);
    const forged = Uint8Array.from(bytes);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    await client.call('submitTransaction', envelope(forged));
    await client.call('submitTransactions', batch([forged, bytes.subarray(1)]));
    const tooFar = sign(suite.exchange, operator, [admission('org-far', keyOf('z'))], {
      sequence: 1_000_000,
    });
    await client.call('submitTransaction', envelope(tooFar));
    expect(asked).to.deep.equal([]);
    await client.call('submitTransaction', envelope(bytes));
    await client.call('submitTransactions', batch([bytes, forged, bytes, bytes]));
    expect(asked, 'one read for a request, whatever is in it').to.deep.equal([1, 3]);
  });
});
