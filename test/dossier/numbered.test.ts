/** C17 and C19 by machine version 2: whoever leaves out steps that led back to where they began is seen. */
import { expect } from 'chai';
import { assert } from '../../src/base/assert.ts';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import { commitment } from '../../src/base/hash.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import type { DossierReport } from '../../src/dossier/report.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { failing, parsed, rewritten } from './forge.ts';
import { hiding, newestEnvelope } from './hide.ts';
import { agree, deliver, fileDeal, handOver, listingId, openMarket, settle } from './scenario.ts';
import { keyOf, saltOf, type Step, type World } from './world.ts';

const deal = fileDeal;
const { tradeId } = deal;
const reason = 'As ordered.';

type Deed = readonly [party: string, step: Step];

const onListing = { listingId, reason };

/** Steps that led back to where they began, what stood before, and what goes on after. */
interface Loop {
  readonly what: string;
  readonly before: (world: World) => void;
  readonly loop: readonly Deed[];
  readonly after: (world: World) => void;
  /** What a file by version 2 without them is refused for. */
  readonly said: readonly [claim: string, reason: RegExp];
}

const proposal = { tradeId, terms: deal.terms, bank: 'bank' };

const loops: readonly Loop[] = [
  {
    what: 'an earlier offer at a thousand fen',
    before: (world) =>
      world.submit('buyer', [
        'trading.request',
        {
          ...proposal,
          ...{ purpose: 'DELIVERY', listingId, listingRevision: 1, priceFen: 900n },
        },
      ]),
    loop: [
      ['seller', ['trading.offer', { ...proposal, turn: 1, priceFen: 1_000n, valuationId: null }]],
      ['buyer', ['trading.counter', { ...proposal, turn: 2, priceFen: 950n }]],
    ],
    after: (world) =>
      world.submit('seller', [
        'trading.offer',
        { ...proposal, turn: 3, priceFen: 10_000_000n, valuationId: null },
      ]),
    said: ['C17', /trade\/trade-file: events 2 to 3 of it are not here/],
  },
  {
    what: 'a suspension of the listing before the trade',
    before: () => undefined,
    loop: [
      ['seller', ['listing.suspend', onListing]],
      ['seller', ['listing.resume', { listingId }]],
    ],
    after: (world) => {
      agree(world, deal);
      world.submit('seller', ['listing.delist', onListing]);
    },
    said: ['C17', /listing\/listing-1: events \d+ to \d+ of it are not here/],
  },
  {
    what: 'a halted delivery',
    before: (world) => agree(world, deal),
    loop: [
      ['operator', ['trading.suspend-delivery', { tradeId, reason }]],
      ['operator', ['trading.resume-delivery', { tradeId, reason }]],
    ],
    after: (world) => {
      deliver(world, tradeId);
      settle(world, tradeId);
    },
    said: ['C17', /trade\/trade-file: events \d+ to \d+ of it are not here/],
  },
  {
    what: 'a suspension of the seller that was lifted last of all',
    before: (world) => agree(world, deal),
    loop: [
      ['operator', ['identity.suspend', { organisationId: 'seller', reason }]],
      ['operator', ['identity.reinstate', { organisationId: 'seller', reason }]],
    ],
    after: () => undefined,
    said: ['C19', /organisation\/seller: the state at height \d+ is not shown to hold it as it is/],
  },
];

/** @returns the envelopes of the loop. */
function play(world: World, { before, loop, after }: Loop): Hex[] {
  before(world);
  const hidden = loop.map(([party, step]) => {
    world.submit(party, step);
    return newestEnvelope(world);
  });
  after(world);
  return hidden;
}

const options = { trades: [tradeId], key: keyOf('buyer') };

const claimOf = (report: DossierReport, id: string) => {
  const found = report.claims.find((claim) => claim.id === id);
  assert(found, `${id} is judged`);
  return found;
};

const leftOut = /What came between two steps that are here/;

describe('a dossier without steps that led back', function () {
  this.timeout(coldBuildMs);

  for (const row of loops) {
    it(`is refused by machine version 2: ${row.what}`, async () => {
      const world = await openMarket({ machineVersion: 2 });
      const hidden = play(world, row);
      const honest = verifyDossier(await assembleDossier(world, options));
      expect(honest.outcome, JSON.stringify(honest.claims)).to.equal('HOLDS');
      const [id, said] = row.said;
      const forged = verifyDossier(await assembleDossier(hiding(world, hidden), options));
      expect(forged.outcome).to.equal('FAILS');
      expect(claimOf(forged, id).reasons.join('; ')).to.match(said);
    });
  }

  it('holds by version 1, and says of which records no number shows it', async () => {
    const [row] = loops;
    assert(row, 'there is a loop');
    const world = await openMarket();
    const hidden = play(world, row);
    const report = verifyDossier(await assembleDossier(hiding(world, hidden), options));
    expect(report.outcome).to.equal('HOLDS');
    expect(claimOf(report, 'C17').facts.join()).to.match(
      /of \d+ records from before machine version 2 no number shows whether steps that led back/,
    );
    expect(report.limits.join()).to.match(leftOut);
  });

  it('says which records are told whole, and which began before version 2', async () => {
    const world = await openMarket({ machineVersion: 2 });
    agree(world, deal);
    const { facts } = claimOf(verifyDossier(await assembleDossier(world, options)), 'C17');
    expect(facts.join('; ')).to.match(/of \d+ records every event is here, by their numbers/);
    // The operator is of genesis.
    expect(facts.join('; ')).to.match(/of 3 records from before .*: .*organisation\/operator/);
  });
});

describe('numbered events that the operator rewrites', function () {
  this.timeout(coldBuildMs);

  it('fail where a record is not what the next event names as before', async () => {
    const world = await openMarket({ machineVersion: 2 });
    agree(world, deal);
    handOver(world, tradeId);
    const evidenceCommitment = commitment(saltOf('evidence'), utf8('Other rows.'));
    world.submit('buyer', [
      'trading.reject-delivery',
      { tradeId, ground: 'INCOMPLETE', evidenceCommitment },
    ]);
    const bytes = await assembleDossier(world, options);
    expect(failing(bytes)).to.deep.equal([]);
    const forged = rewritten(world, parsed(bytes), {
      'trading.delivered trade-file': (record: { changedAtMs: number }) => {
        record.changedAtMs += 1;
      },
    });
    const { reasons } = claimOf(verifyDossier(forged), 'C17');
    expect(reasons.join('; ')).to.match(/trade\/trade-file\) does not follow the event before it/);
  });
});
