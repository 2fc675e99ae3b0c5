import { expect } from 'chai';
import { envelopeRefusals, keyRefusals } from './suites/envelopes.ts';
import { computeRefusals } from './suites/compute.ts';
import { disputes } from './suites/disputes.ts';
import { moneyRefusals } from './suites/money.ts';
import { proofRefusals } from './suites/proofs.ts';
import { audit } from './support/audit.ts';
import { setUpMs } from './support/exchange.ts';
import { openMidTrade, openTrade, type MidTrade } from './support/mid-trade.ts';
import { brokenMoney } from './support/records.ts';

/** Every refusal is held to it that nothing changed: see support/refusal.ts. */
describe('refusals in the middle of trades', function () {
  this.timeout(setUpMs);

  let opened: MidTrade | undefined;
  const world = (): MidTrade => {
    if (!opened) throw new Error('the exchange is open');
    return opened;
  };

  before(async () => {
    opened = await openMidTrade();
    await openTrade(opened, 'file-trade', 'DELIVERY');
  });

  after(async () => {
    await opened?.node.stop();
    await opened?.exchange.remove();
  });

  describe('envelopes', () => envelopeRefusals(world));
  describe('keys', () => keyRefusals(world));
  describe('proofs', () => proofRefusals(world));
  describe('money and licences', () => moneyRefusals(world));
  describe('computations', () => computeRefusals(world));
  describe('disputes', () => disputes(world));

  // A suite of its own: it runs after the others.
  describe('all of them', () => {
    it('leave a ledger that the audit finds sound', async () => {
      const report = await audit(world().exchange);
      expect(report.findings).to.deep.equal([]);
      expect(report.sound).to.equal(true);
      expect(await brokenMoney(world().client)).to.deep.equal([]);
    });
  });
});
