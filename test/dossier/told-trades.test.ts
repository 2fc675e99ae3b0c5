/** What a report says of trades by the rules of machine version 2: late banks, free products, terms. */
import { expect } from 'chai';
import { utf8 } from '../../src/base/bytes.ts';
import { commitment } from '../../src/base/hash.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import type { DossierReport } from '../../src/dossier/report.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { testRules } from '../support/rules.ts';
import { failing, parsed, rewritten, type Edit } from './forge.ts';
import { registrationId } from './register.ts';
import {
  agree,
  deliver,
  fileDeal,
  openMarket,
  payOut,
  settle,
  type MarketChanges,
} from './scenario.ts';
import { keyOf, saltOf, type World } from './world.ts';

const deal = fileDeal;
const { tradeId } = deal;

/** As long as the rule pack of these tests gives a bank. */
const payoutMs = testRules.periods.payout.count;

function settleUnpaid(world: World): void {
  agree(world, deal);
  deliver(world, tradeId);
  settle(world, tradeId);
  world.wait(payoutMs);
}

interface Row {
  readonly what: string;
  readonly market?: MarketChanges;
  readonly play: (world: World) => void;
  readonly headline: RegExp;
  /** One of the warnings that a strict reader is refused for; null: there is none. */
  readonly concern: RegExp | null;
  readonly claim: readonly [id: string, outcome: string, said: RegExp];
}

const rows: readonly Row[] = [
  {
    what: 'a bank that let the deadline of a pay-out pass',
    play: settleUnpaid,
    headline: /^Certified, NOT PAID OUT: seller sold to buyer/,
    concern: /NOT PAID, no pay-out is booked; the bank bank has been in default since 20/,
    claim: ['C15', 'HOLDS', /NOT PAID.*the bank bank has been in default since/],
  },
  {
    what: 'a bank that paid after its default',
    play: (world) => {
      settleUnpaid(world);
      payOut(world, tradeId);
    },
    headline: /^Completed: /,
    concern: null,
    claim: ['C15', 'HOLDS', /The seller seller is owed CNY 103,500\.00: paid out, as the bank/],
  },
  {
    what: 'a pay-out that came back, for which the bank has its time anew',
    play: (world) => {
      settleUnpaid(world);
      payOut(world, tradeId);
      const referenceCommitment = commitment(saltOf('returned'), utf8('Returned.'));
      const postingId = `${tradeId}-posting-3`;
      world.submit('bank', ['trading.reverse-pay-out', { postingId, referenceCommitment }]);
    },
    headline: /^Certified, NOT PAID OUT/,
    concern: /NOT PAID, a pay-out came back, as the bank bank says on [^;]*$/,
    claim: ['C13', 'HOLDS', /a pay-out came back/],
  },
  {
    what: 'a free product, for which no money moves',
    market: { isFree: true },
    play: (world) => {
      agree(world, { ...deal, priceFen: 0n });
      deliver(world, tradeId);
      settle(world, tradeId);
    },
    headline: /^Completed: seller sold to buyer; certificate TC-/,
    concern: null,
    claim: ['C13', 'DOES NOT APPLY', /trade-file: it is free: no money moves/],
  },
];

const open = (changes: MarketChanges = {}): Promise<World> =>
  openMarket({ keyClass: 'ceremony', machineVersion: 2, ...changes });

const options = { trades: [tradeId], key: keyOf('buyer') };

const saidOf = ({ claims }: DossierReport, id: string): string => {
  const claim = claims.find((one) => one.id === id);
  return [...(claim?.reasons ?? []), ...(claim?.facts ?? [])].join('; ');
};

describe('the report on a trade by machine version 2', function () {
  this.timeout(coldBuildMs);

  for (const row of rows) {
    it(`tells ${row.what}`, async () => {
      const world = await open(row.market);
      row.play(world);
      const report = verifyDossier(await assembleDossier(world, options));
      expect(report.outcome, JSON.stringify(report.claims)).to.equal('HOLDS');
      expect(report.ends[0]?.headline).to.match(row.headline);
      const { concern } = row;
      if (concern === null) expect(report.concerns).to.deep.equal([]);
      else expect(report.concerns.some((said) => concern.test(said))).to.equal(true);
      const [id, outcome, said] = row.claim;
      expect(report.claims.find((claim) => claim.id === id)?.outcome).to.equal(outcome);
      expect(saidOf(report, id)).to.match(said);
    });
  }
});

/** What an operator who writes the log himself may not write. */
const lies: readonly {
  readonly what: string;
  readonly event: string;
  readonly edit: Edit;
  readonly claim: string;
  readonly said: RegExp;
}[] = [
  {
    what: 'a licence whose term does not follow from when it became active',
    event: `licence.activated ${tradeId}`,
    edit: (record: { validUntilMs: number }) => (record.validUntilMs += 86_400_000),
    claim: 'C12',
    said: /does not end a term after it became active/,
  },
  {
    what: 'a delivery that began before its money was in escrow',
    event: `trading.delivery-started ${tradeId}`,
    edit: (record: { funding: unknown }) => (record.funding = null),
    claim: 'C13',
    said: /its delivery began before its money was in escrow/,
  },
];

describe('a trade by machine version 2 that the operator rewrites', function () {
  this.timeout(coldBuildMs);

  for (const { what, event, edit, claim, said } of lies) {
    it(`fails with ${what}`, async () => {
      const world = await open();
      agree(world, deal);
      deliver(world, tradeId);
      settle(world, tradeId);
      const bytes = await assembleDossier(world, options);
      expect(failing(bytes)).to.deep.equal([]);
      const forged = verifyDossier(rewritten(world, parsed(bytes), { [event]: edit }));
      expect(saidOf(forged, claim)).to.match(said);
      expect(forged.outcome).to.equal('FAILS');
    });
  }

  it('fails with a registration whose fingerprint was claimed for another one', async () => {
    const world = await open();
    agree(world, deal);
    const bytes = await assembleDossier(world, options);
    const { rowsRoot } = world.get(registrationRecord, registrationId).fingerprint;
    const forged = rewritten(world, parsed(bytes), {
      [`rights.fingerprint-claimed ${rowsRoot}`]: (record: { registrationId: string }) => {
        record.registrationId = 'registration-9';
      },
    });
    expect(saidOf(verifyDossier(forged), 'C07')).to.match(/was not claimed for it alone/);
  });
});
