/** Envelopes that write so much that a real node's blocks hold few of them (M-37, M-38). */
import { expect } from 'chai';
import { sha256 } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { fromBase64url } from '../../src/base/base64url.ts';
import { txResults } from '../../src/chain/tx/results.ts';
import { admissionCommand } from '../../src/client/admission.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { partyFromSeeds } from '../../src/client/party.ts';
import { ProblemError } from '../../src/client/problem-error.ts';
import { genesis, openExchange, type TestExchange } from '../api/exchange.ts';
import { creditCodeOf } from '../support/credit-code.ts';

const { code } = txResults.BLOCK_OUTPUT_LIMIT;
const organisationId = 'the-large';
const pairs = 7;

const party = (name: string) =>
  partyFromSeeds(null, { signing: sha256(utf8(name)), sealing: sha256(utf8(`${name} sealing`)) });

/** Its record has some 1,300 bytes, of which a change costs 40 to ask for. */
const steps = Array.from({ length: pairs }, () => ['suspend', 'reinstate'])
  .flat()
  .map((verb) => ({ name: `identity.${verb}`, command: { organisationId, reason: 'x' } }));

describe('an exchange whose blocks have no room', function () {
  this.timeout(300_000);
  let exchange: TestExchange;
  let client: ExchangeClient;
  let url: string;
  const operator = party('operator');

  before(async () => {
    // A block takes one such envelope of the operator's and not two.
    const limits = { outputBase: 1024, outputPerByte: 1, envelopeExcessMax: 24_576 };
    exchange = await openExchange({
      parameters: { ...limits, organisationExcessMax: 24_576, expirySpanMax: 10_000 },
      blockIntervalMs: 30,
    });
    url = await exchange.serve();
    client = new ExchangeClient(url, { submit: { roomPauseMs: 30 } });
    const facts = {
      organisationId,
      name: '大'.repeat(200),
      creditCode: creditCodeOf(organisationId),
      jurisdiction: 'CN',
      beneficialOwner: '李'.repeat(200),
      roles: ['ADMIN' as const],
    };
    const command = admissionCommand(party('large'), genesis.chainId, facts);
    await client.submit(operator, [{ name: 'identity.admit', command }]);
  });
  after(() => exchange.close());

  async function count(): Promise<{ changes: number; refused: number }> {
    await exchange.settle();
    const events = await client.events({
      kind: 'organisation',
      recordId: organisationId,
      limit: 200,
    });
    const rows = await exchange.query(
      `SELECT count(*) AS n FROM envelope WHERE result_code = ${code}`,
    );
    return { changes: events.data.length - 1, refused: Number(rows[0]?.['n']) };
  }

  it('takes each of many submissions once, by signing anew those that found no room', async () => {
    const receipts = await Promise.all(
      Array.from({ length: 4 }, () => client.submit(operator, steps)),
    );
    const { changes, refused } = await count();
    expect(changes).to.equal(4 * 2 * pairs);
    expect(refused).to.be.greaterThan(0);
    expect(new Set(receipts.map(({ height }) => height)).size).to.equal(4);
  });

  it('does so with one request of many, too', async () => {
    const before = await count();
    const outcomes = await client.submitMany(operator, Array(5).fill(steps));
    expect(outcomes.map(({ ok }) => ok)).to.deep.equal(Array(5).fill(true));
    const { changes, refused } = await count();
    expect(changes - before.changes).to.equal(5 * 2 * pairs);
    expect(refused).to.be.greaterThan(before.refused);
  });

  it('ends with the refusal where it may not sign anew, which is never applied later', async () => {
    const once = new ExchangeClient(url, { submit: { roomAttempts: 1 } });
    const before = await count();
    const outcomes = await once.submitMany(operator, Array(3).fill(steps));
    const errors = outcomes.flatMap((one) => (one.ok ? [] : [one.error]));
    expect(errors).to.not.deep.equal([]);
    const applied = outcomes.length - errors.length;
    expect((await count()).changes - before.changes).to.equal(applied * 2 * pairs);
    for (const error of errors) {
      expect(error).to.be.instanceOf(ProblemError);
      const { problem } = error as ProblemError;
      expect(problem).to.include({ code, name: 'BLOCK_OUTPUT_LIMIT' });
      const { envelope } = await client.transaction(problem.receipt?.envelopeId ?? '');
      const again = await fetch(`${url}/v1/transactions`, {
        method: 'POST',
        headers: { 'content-type': 'application/cose' },
        body: fromBase64url(envelope),
      });
      expect(again.ok).to.equal(false);
    }
    expect((await count()).changes - before.changes).to.equal(applied * 2 * pairs);
  });
});
