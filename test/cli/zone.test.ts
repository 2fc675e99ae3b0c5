import { expect } from 'chai';
import { receiptText } from '../../src/cli/receipt.ts';
import { zoneOf } from '../../src/cli/zone.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { FakeExchange, json, problem, receiptOf } from '../client/fake-exchange.ts';

describe('cli: the zone of times', () => {
  const exchange = new FakeExchange();
  let client: ExchangeClient;

  before(async () => {
    const transport = { patienceMs: 0 };
    client = new ExchangeClient(await exchange.start(), { transport });
  });

  after(() => exchange.stop());

  const told = (genesis: unknown): Promise<number> => {
    exchange.answers.set('GET /v1/genesis', (_sent, response) => json(response, 200, { genesis }));
    return zoneOf(client);
  };

  it('is that of the exchange’s calendar', async () => {
    expect(await told({ rules: { calendar: { offsetMinutes: 480 } } })).to.equal(480);
    expect(await told({ rules: { calendar: { offsetMinutes: -210 } } })).to.equal(-210);
  });

  it('is UTC where the exchange does not say, or says what is none', async () => {
    const others = ['480', 1e9, 0.5, null];
    for (const offsetMinutes of others) {
      expect(await told({ rules: { calendar: { offsetMinutes } } })).to.equal(0);
    }
    for (const genesis of [null, {}, { rules: {} }]) expect(await told(genesis)).to.equal(0);
    exchange.answers.set('GET /v1/genesis', (_sent, response) =>
      problem(response, 404, 'NOT_FOUND'),
    );
    expect(await zoneOf(client)).to.equal(0);
  });

  it('is named in a receipt', () => {
    const receipt = { ...receiptOf('11'.repeat(32)), timeMs: 1_772_692_200_000 };
    expect(receiptText(receipt, 480)).to.match(/^time +2026-03-05 14:30:00 UTC\+08:00$/m);
    expect(receiptText(receipt, 0)).to.match(/^time +2026-03-05 06:30:00 UTC$/m);
  });
});
