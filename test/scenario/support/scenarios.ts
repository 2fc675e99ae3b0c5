import { expect } from 'chai';
import { envelopeRefusals, keyRefusals } from '../suites/envelopes.ts';
import { contentAccess } from '../suites/content.ts';
import { computeRefusals } from '../suites/compute.ts';
import { disputes } from '../suites/disputes.ts';
import { lossesOnTheWay } from '../suites/losses.ts';
import { moneyRefusals } from '../suites/money.ts';
import { privacy } from '../suites/privacy.ts';
import { proofRefusals } from '../suites/proofs.ts';
import { wholeTrade } from '../suites/whole-trade.ts';
import { audit } from './audit.ts';
import type { Driver } from './driver.ts';
import { setUpMs } from './exchange.ts';
import { openMidTrade, openTrade, type MidTrade } from './mid-trade.ts';
import { playTrade, type PlayedTrade } from './played-trade.ts';
import { brokenMoney, everyRecord } from './records.ts';

/** One chain for all scenarios of an engine: setting it up and playing a trade takes the time. */
export function scenariosOn(driver: Driver): void {
  describe(`on ${driver.name}`, function () {
    this.timeout(setUpMs);
    const cleanUp: (() => Promise<void>)[] = [];
    let played: PlayedTrade | undefined;
    const world = (): PlayedTrade => {
      if (!played) throw new Error('a trade was played');
      return played;
    };

    before(async function () {
      const why = await driver.whyNot();
      if (why !== null) {
        process.stdout.write(`    left out: ${why}\n`);
        this.skip();
      }
      played = await playTrade(driver, cleanUp);
    });

    after(async () => {
      for (let undo = cleanUp.pop(); undo; undo = cleanUp.pop()) await undo();
    });

    describe('one whole trade, killed on the way', () => wholeTrade(world));
    describe('refusals in the middle of trades', () => refusals(world));
    // Last: it plants what must be found, and ends the nodes.
    describe('what is held after all of it', () => privacy(world, driver));
  });
}

/** Every refusal is held to it that nothing changed: see support/refusal.ts. */
function refusals(played: () => PlayedTrade): void {
  let opened: MidTrade | undefined;
  const world = (): MidTrade => {
    if (!opened) throw new Error('the exchange is open');
    return opened;
  };

  before(async () => {
    opened = await openMidTrade(played());
    await openTrade(opened, 'file-trade', 'DELIVERY');
  });

  describe('envelopes', () => envelopeRefusals(world));
  describe('keys', () => keyRefusals(world));
  describe('content', () => contentAccess(world));
  describe('proofs', () => proofRefusals(world));
  describe('money and licences', () => moneyRefusals(world));
  describe('computations', () => computeRefusals(world));
  describe('disputes', () => disputes(world));
  describe('envelopes on a bad line', () => lossesOnTheWay(world));

  // A suite of its own: it runs after the others.
  describe('all of them', () => {
    it('leave a ledger that the audit finds sound, the same on every node', async () => {
      const { client, nodes, exchange, settle } = world();
      const { config, genesis, folder } = exchange;
      const databaseUrl = nodes.ledger.url;
      const report = await audit({ config: { ...config, databaseUrl }, genesis, folder });
      expect(report.findings).to.deep.equal([]);
      expect(report.sound).to.equal(true);
      expect(await brokenMoney(client)).to.deep.equal([]);
      await settle();
      const records = await everyRecord(client);
      for (const other of nodes.clients) expect(await everyRecord(other)).to.deep.equal(records);
    });
  });
}
