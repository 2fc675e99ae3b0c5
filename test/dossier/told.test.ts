/** What a report says beside its claims: ledgers that mislead who reads the claims alone. */
import { expect } from 'chai';
import { assert } from '../../src/base/assert.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { commitment } from '../../src/base/hash.ts';
import { dossierReportText } from '../../src/cli/dossier-report.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import type { DossierReport } from '../../src/dossier/report.ts';
import { noOpenings } from '../../src/dossier/schema.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { tradeRecord } from '../../src/trading/state.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { actFor, admitAll, cast } from './cast.ts';
import { scenarioOpenings } from './sample-dossier.ts';
import {
  agree,
  deliver,
  fileDeal,
  handOver,
  listingId,
  openMarket,
  payOut,
  settle,
  valuationId,
  type Deal,
  type MarketChanges,
} from './scenario.ts';
import { keyOf, saltOf, type World } from './world.ts';

const { tradeId } = fileDeal;
const reason = 'As ordered.';

const deal = { ...fileDeal, valuationId } as const;

const referenceCommitment = commitment(saltOf('reference'), utf8('reference'));

function complete(world: World, agreed: Deal = deal): void {
  agree(world, agreed);
  deliver(world, tradeId);
  settle(world, tradeId);
  payOut(world, tradeId);
}

function dispute(world: World, refundFen: bigint): void {
  agree(world, deal);
  handOver(world, tradeId);
  const evidenceCommitment = commitment(saltOf('evidence'), utf8('Other rows.'));
  world.submit('buyer', [
    'trading.reject-delivery',
    { tradeId, ground: 'FINGERPRINT_MISMATCH', evidenceCommitment },
  ]);
  world.submit('seller', ['trading.dispute', { tradeId }]);
  world.submit('operator', ['trading.rule-dispute', { tradeId, refundFen, reason }]);
}

const afterCompletion =
  (party: string, operation: string, command: Record<string, unknown>) =>
  (world: World): void => {
    complete(world);
    world.submit(party, [operation, command]);
  };

/** Owners of all, each another: nobody of them is close to anybody. */
const owned = cast.map(([id, roles]) => [id, roles, `Owner of ${id}`] as const);

const withOwners =
  (owners: Readonly<Record<string, string>>) =>
  (world: World): void =>
    admitAll(
      world,
      owned.map(([id, roles, owner]) => [id, roles, owners[id] ?? owner] as const),
    );

const withChair = (world: World): void =>
  admitAll(world, [...owned, ['reviewer-c', ['REVIEWER'], 'Owner of reviewer-c']]);

/** One organisation signs for registrar, appraiser and settlement bank. */
function withOneHouse(world: World): void {
  const others = owned.filter(([id]) => !['registrar', 'appraiser', 'bank'].includes(id));
  admitAll(world, [...others, ['bank', ['BANK', 'REGISTRAR', 'APPRAISER'], 'Owner of bank']]);
  actFor(world, 'bank', 'registrar', ['REGISTRAR']);
  actFor(world, 'bank', 'appraiser', ['APPRAISER']);
}

const honest: MarketChanges = { keyClass: 'ceremony', admit: withOwners({}) };

/** A lawful ledger, and what its report must say before the claims and of a claim. */
interface Told {
  readonly what: string;
  readonly market?: MarketChanges;
  readonly play: (world: World) => void;
  /** On the first screen. */
  readonly headline: RegExp;
  readonly warnings?: readonly RegExp[];
  /** What a claim says: its outcome, and reasons and facts. */
  readonly claim?: readonly [id: string, outcome: string, said: RegExp];
  /** Concerns, which a strict reader refuses. */
  readonly isStrictlyFine?: boolean;
}

const rows: readonly Told[] = [
  {
    what: 'a trade that was completed and paid',
    play: complete,
    headline: /^Completed: seller sold to buyer; certificate TC-/,
    warnings: [],
    claim: ['C09', 'HOLDS', /reviewer-a decided PASS.*reviewer-b decided PASS/],
    isStrictlyFine: true,
  },
  {
    what: 'a request that was withdrawn',
    play: (world) => {
      const request = { ...deal, listingId, listingRevision: 1, bank: 'bank' };
      const { valuationId: _valuation, ...command } = request;
      world.submit('buyer', ['trading.request', command]);
      world.submit('buyer', ['trading.cancel', { tradeId, reason }]);
    },
    headline: /^CAME TO NOTHING; cancelled by buyer on .*: “As ordered\.”/,
    warnings: [/Trade trade-file was not completed\. CAME TO NOTHING/],
  },
  {
    what: 'a trade that ran out before the delivery',
    play: (world) => {
      agree(world, deal);
      world.wait(400 * 86_400_000);
    },
    headline: /^CAME TO NOTHING.*by a deadline/,
    warnings: [/was not completed/, /The buyer buyer is owed CNY 106,000\.00: NOT PAID/],
  },
  {
    what: 'a trade that is not delivered yet',
    play: (world) => agree(world, deal),
    headline: /^NOT ENDED: it is DELIVERING; delivery started by seller/,
    warnings: [/was not completed/],
    claim: ['C13', 'NOT SHOWN', /still in escrow/],
  },
  {
    what: 'a dispute that gave all of the money back',
    play: (world) => dispute(world, 10_600_000n),
    headline: /^CAME TO NOTHING: all of the money is owed back to the buyer; refunded by operator/,
    warnings: [/rejected the delivery for FINGERPRINT_MISMATCH/, /NOT PAID/, /licence.*TERMINATED/],
  },
  {
    what: 'a dispute that was ruled for the seller, and certified',
    play: (world) => {
      dispute(world, 0n);
      world.submit('operator', ['trading.certify', { tradeId }]);
      payOut(world, tradeId);
    },
    headline: /^Completed after a dispute:/,
    warnings: [/operator ruled on .* that CNY 0\.00 of CNY 106,000\.00 go back to the buyer: “As/],
    claim: ['C15', 'HOLDS', /issued after a dispute.*FINGERPRINT_MISMATCH/],
  },
  {
    what: 'the same, whose delivery nobody accepted',
    play: (world) => dispute(world, 0n),
    headline: /^Settled after a dispute, NOT PAID OUT, without a certificate/,
    claim: ['C14', 'NOT SHOWN', /the buyer did not accept it.*FINGERPRINT_MISMATCH/],
  },
  {
    what: 'a certificate although the bank pays nothing',
    play: (world) => {
      agree(world, deal);
      deliver(world, tradeId);
      settle(world, tradeId);
      world.wait(400 * 86_400_000);
    },
    headline: /^Certified, NOT PAID OUT: seller sold to buyer/,
    warnings: [/The seller seller is owed CNY 103,500\.00: NOT PAID, no pay-out is booked/],
    claim: ['C15', 'HOLDS', /NOT PAID, no pay-out is booked/],
  },
  {
    what: 'a pay-out that came back',
    play: afterCompletion('bank', 'trading.reverse-pay-out', {
      postingId: `${tradeId}-posting-3`,
      referenceCommitment,
    }),
    headline: /^Certified, NOT PAID OUT/,
    warnings: [/CNY 103,500\.00: NOT PAID, a pay-out came back, as the bank bank says on/],
    claim: ['C13', 'HOLDS', /a pay-out came back/],
  },
  {
    what: 'a pay-out that came back and was made again',
    play: (world) => {
      complete(world);
      const postingId = `${tradeId}-posting-3`;
      world.submit('bank', ['trading.reverse-pay-out', { postingId, referenceCommitment }]);
      payOut(world, tradeId);
    },
    headline: /^Completed: /,
    warnings: [],
    isStrictlyFine: true,
  },
  {
    what: 'a licence that was revoked',
    play: afterCompletion('operator', 'licence.revoke', { licenceId: tradeId, reason }),
    headline: /^Completed: /,
    warnings: [/The licence trade-file is REVOKED: revoked by operator on .*: “As ordered\.”/],
  },
  {
    what: 'a revoked licence under an attested deletion',
    play: (world) => {
      complete(world);
      world.submit('operator', ['licence.revoke', { licenceId: tradeId, reason }]);
      const deletionCommitment = commitment(saltOf('deletion'), utf8('Deleted.'));
      world.submit('buyer', [
        'licence.attest-deletion',
        { licenceId: tradeId, deletionCommitment },
      ]);
    },
    headline: /^Completed: /,
    warnings: [/The licence trade-file is DELETION_ATTESTED: revoked by operator/],
  },
  {
    what: 'a right that was struck off',
    play: afterCompletion('registrar', 'rights.deregister', {
      registrationId: 'registration-1',
      reason,
    }),
    headline: /^Completed: /,
    warnings: [/The registration registration-1 is DEREGISTERED: deregistered by registrar on/],
  },
  {
    what: 'a party that was suspended',
    play: afterCompletion('operator', 'identity.suspend', { organisationId: 'seller', reason }),
    headline: /^Completed: /,
    warnings: [/The organisation seller is SUSPENDED: suspended by operator/],
  },
  {
    what: 'a suspension that was lifted',
    play: (world) => {
      complete(world);
      world.submit('operator', ['identity.suspend', { organisationId: 'seller', reason }]);
      world.submit('operator', ['identity.reinstate', { organisationId: 'seller', reason }]);
    },
    headline: /^Completed: /,
    warnings: [],
    isStrictlyFine: true,
  },
  {
    what: 'a listing that was taken down',
    play: afterCompletion('seller', 'listing.delist', { listingId, reason }),
    headline: /^Completed: /,
    warnings: [/The listing listing-1 is DELISTED: delisted by seller/],
  },
  {
    what: 'a review that its chair decided',
    market: { ...honest, admit: withChair, decisions: ['PASS', 'FAIL'] },
    play: complete,
    headline: /^Completed: /,
    warnings: [
      /The two reviewers of review-1 differed: reviewer-c decided PASS as chair, having seen both/,
    ],
    claim: ['C09', 'HOLDS', /reviewer-b decided FAIL.*reviewer-c decided PASS as chair/],
    isStrictlyFine: true,
  },
  {
    what: 'one organisation as registrar, appraiser and bank',
    market: { ...honest, admit: withOneHouse },
    play: complete,
    headline: /^Completed: /,
    warnings: [/bank alone acted as BANK, REGISTRAR, APPRAISER.*nobody checked it/],
    isStrictlyFine: true,
  },
  {
    what: 'buyer and seller of one owner',
    market: { ...honest, admit: withOwners({ buyer: 'Li Hua', seller: 'ＬＩ　ＨＵＡ' }) },
    // A valuation that the buyer confirmed, the seller's own house, is refused by the room.
    play: (world) => complete(world, { ...deal, valuationId: null }),
    headline: /^Completed: /,
    warnings: [/^seller \(seller in.*and buyer \(buyer in.*are of one house/],
    isStrictlyFine: true,
  },
  {
    what: 'owners that nobody stated',
    market: { ...honest, admit: admitAll },
    play: complete,
    headline: /^Completed: /,
    warnings: [/^No owner is stated for bank, reviewer-a, registrar/],
    isStrictlyFine: true,
  },
  {
    what: 'a source that was struck off before the listing',
    market: { ...honest, source: 'struck off' },
    play: complete,
    headline: /^Completed: /,
    warnings: [
      /The registration registration-0 is DEREGISTERED: deregistered by registrar.*stolen/,
    ],
    claim: [
      'C07',
      'NOT SHOWN',
      /derives from was not in force when the trade was agreed: registration-0/,
    ],
  },
  {
    what: 'a source that is in force',
    market: { ...honest, source: 'kept' },
    play: complete,
    headline: /^Completed: /,
    warnings: [],
    claim: ['C07', 'HOLDS', /derived from registration registration-0, which was ACTIVE when/],
    isStrictlyFine: true,
  },
  {
    what: 'a sample proved under a development key',
    market: { admit: withOwners({}) },
    play: complete,
    headline: /^Completed: /,
    warnings: [/comes from no ceremony/],
    claim: ['C10', 'NOT SHOWN', /a development key.*anybody can forge one/],
    isStrictlyFine: true,
  },
];

describe('the report on a dossier', function () {
  this.timeout(coldBuildMs);

  for (const row of rows) {
    it(`tells ${row.what}`, async () => {
      const world = await openMarket(row.market ?? honest);
      row.play(world);
      const isValued = world.get(tradeRecord, tradeId).valuationId !== null;
      const valued = isValued ? scenarioOpenings().valuations : [];
      const bytes = await assembleDossier(world, {
        trades: [tradeId],
        openings: { ...noOpenings, valuations: valued },
        key: keyOf('buyer'),
      });
      check(verifyDossier(bytes), row);
    });
  }
});

/** Of every chain of these tests, whatever is played on it. */
const always = [/compared with none that you trust/, /The chain is in development mode/];

function check(report: DossierReport, row: Told): void {
  const failed = report.claims.filter(({ outcome }) => outcome === 'FAILS');
  expect(failed.map(({ id, reasons }) => [id, reasons])).to.deep.equal([]);
  expect(report.ends[0]?.headline).to.match(row.headline);
  expect(report.present.areNewest).to.equal(true);
  const text = dossierReportText(report);
  expect(text.startsWith(`Trade ${tradeId}: ${report.ends[0]?.headline}`)).to.equal(true);
  const warnings = [...report.concerns, ...report.warnings].filter(
    (warning) => !always.some((pattern) => pattern.test(warning)),
  );
  for (const warning of warnings) {
    expect(text.indexOf(warning)).to.be.within(0, text.indexOf('C01'));
  }
  if (row.warnings) {
    const unmet = row.warnings.filter(
      (wanted) => !warnings.some((warning) => wanted.test(warning)),
    );
    expect(unmet, warnings.join('\n')).to.deep.equal([]);
    if (row.warnings.length === 0) expect(warnings).to.deep.equal([]);
  }
  expect(report.concerns.length === 0, report.concerns.join()).to.equal(
    row.isStrictlyFine === true,
  );
  if (row.claim) {
    const [id, outcome, said] = row.claim;
    const claim = report.claims.find((one) => one.id === id);
    assert(claim, `${id} is judged`);
    expect(claim.outcome).to.equal(outcome);
    expect([...claim.reasons, ...claim.facts].join('; ')).to.match(said);
  }
}
