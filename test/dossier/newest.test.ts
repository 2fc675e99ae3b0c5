/** C19: whoever seals a dossier cannot leave out what came later to its records. */
import { expect } from 'chai';
import { assert } from '../../src/base/assert.ts';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import { canonicalJson } from '../../src/base/canonical-json.ts';
import { commitment } from '../../src/base/hash.ts';
import { decodeLeaf } from '../../src/chain/machine/leaf.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import type { Dossier } from '../../src/dossier/schema.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import {
  asVersion1,
  failing,
  flipped,
  parsed,
  resealed,
  rewritten,
  type Draft,
  type Edit,
} from './forge.ts';
import { hiding, newestEnvelope } from './hide.ts';
import { playedDossier, scenarioDossier } from './sample-dossier.ts';
import { agree, fileTerms, handOver, playScenario, scenarioTrades } from './scenario.ts';
import { keyOf, saltOf, type Step, type World } from './world.ts';

const openTrade = 'trade-open';
const reason = 'As ordered.';

/** What comes later, by whom, and the record that a dossier without it would show as it was. */
const laterSteps: readonly {
  readonly what: string;
  readonly party: string;
  readonly step: Step;
  readonly record: string;
  readonly trades?: readonly string[];
}[] = [
  {
    what: 'a trade as it was before its delivery was rejected',
    party: 'buyer',
    step: [
      'trading.reject-delivery',
      {
        tradeId: openTrade,
        ground: 'INCOMPLETE',
        evidenceCommitment: commitment(saltOf('rejection'), utf8('Half of the rows.')),
      },
    ],
    record: `trade/${openTrade}`,
    trades: [openTrade],
  },
  {
    what: 'the same before it was disputed',
    party: 'seller',
    step: ['trading.dispute', { tradeId: openTrade }],
    record: `trade/${openTrade}`,
    trades: [openTrade],
  },
  {
    what: 'a registration as it was before it was struck off',
    party: 'registrar',
    step: ['rights.deregister', { registrationId: 'registration-1', reason }],
    record: 'registration/registration-1',
  },
  {
    what: 'a licence as it was before it was revoked',
    party: 'operator',
    step: ['licence.revoke', { licenceId: 'trade-file', reason }],
    record: 'licence/trade-file',
  },
  {
    what: 'a key as it was before it was revoked',
    party: 'operator',
    step: ['identity.revoke-key', { keyId: keyOf('appraiser').keyId, reason }],
    record: `key/${keyOf('appraiser').keyId}`,
  },
  {
    what: 'an organisation as it was before it was suspended',
    party: 'operator',
    step: ['identity.suspend', { organisationId: 'worker-a', reason }],
    record: 'organisation/worker-a',
  },
  {
    what: 'a pay-out that was reversed, without the posting',
    party: 'bank',
    step: [
      'trading.reverse-pay-out',
      {
        postingId: 'trade-file-posting-3',
        referenceCommitment: commitment(saltOf('reversal'), utf8('Returned.')),
      },
    ],
    record: 'posting/trade-file-posting-4',
  },
];

const judgeNewest = (bytes: Uint8Array) => {
  const found = verifyDossier(bytes).claims.find(({ id }) => id === 'C19');
  assert(found, 'C19 is judged');
  return found;
};

describe('a dossier that leaves out what came later', function () {
  this.timeout(coldBuildMs);

  let world: World;
  /** Of the scenario, before anything came later. */
  let earlier: Dossier;
  const hidden: Hex[] = [];

  before(async () => {
    world = await playScenario();
    const deal = { terms: fileTerms, priceFen: 5_000_000n, valuationId: null };
    agree(world, { ...deal, tradeId: openTrade, purpose: 'DELIVERY' });
    handOver(world, openTrade);
    earlier = parsed(await scenarioDossier(world));
  });

  const options = (trades: readonly string[]) => ({ trades, key: keyOf('buyer') });

  for (const [at, { what, party, step, record, trades = scenarioTrades }] of laterSteps.entries()) {
    it(`is refused: ${what}`, async () => {
      world.submit(party, step);
      hidden[at] = newestEnvelope(world);
      const honest = await assembleDossier(world, options(trades));
      expect(failing(honest)).to.deep.equal([]);
      expect(judgeNewest(honest).outcome).to.equal('HOLDS');
      const forged = await assembleDossier(hiding(world, [hidden[at]]), options(trades));
      expect(failing(forged)).to.deep.equal(['C19']);
      expect(judgeNewest(forged).reasons.join()).to.include(`${record}: the state at height`);
    });
  }

  it('is refused with the proofs of an older or of a newer state', async () => {
    const now = parsed(await scenarioDossier(world));
    const newer = resealed(earlier, (content) => (content.state = now.state ?? []));
    const hiddenNow = hidden.at(-1) ?? '';
    const forged = parsed(
      await assembleDossier(hiding(world, [hiddenNow]), options(scenarioTrades)),
    );
    const older = resealed(forged, (content) => (content.state = earlier.state ?? []));
    expect(failing(newer)).to.deep.equal(['C19']);
    expect(failing(older)).to.deep.equal(['C19']);
  });

  it('is a dossier of its own time, with the checkpoint of then', () => {
    const report = verifyDossier(resealed(earlier, () => undefined));
    expect(report.outcome).to.equal('HOLDS');
    expect(report.checkpoint?.height).to.be.lessThan(world.machine.head.height);
    expect(report.limits.join()).to.include('What came after the checkpoint');
  });
});

describe('the state proofs of a dossier', function () {
  this.timeout(coldBuildMs);
  let world: World;
  let dossier: Dossier;

  before(async () => {
    const played = await playedDossier();
    world = played.world;
    dossier = parsed(played.bytes);
  });

  it('are of every record but those that other trades move too, and of what is not there', () => {
    const keys = (dossier.state ?? []).map(({ key }) => key);
    const events = world.leaves
      .map(decodeLeaf)
      .flatMap((leaf) => (leaf.type === 'event' ? leaf : []));
    const names = new Set(events.map(({ kind, id }) => `${kind}/${id}`));
    const untold = [...names].filter((name) => !keys.includes(name));
    expect(untold).to.have.members([
      'account/client-money-bank',
      'account/fee-income',
      'account/output-vat',
      'account/seller-payable-seller',
      'certificate-series/311',
    ]);
    expect(keys).to.include.members([
      'account/escrow-trade-file',
      'job/job-1',
      'licence/trade-compute',
      'posting/trade-file-posting-4',
    ]);
    expect(names.has('posting/trade-file-posting-4')).to.equal(false);
  });

  const at = (state: Draft['state'], index: number) => {
    const shown = state?.[index % state.length];
    assert(shown, 'there are state proofs');
    return shown;
  };

  const forgeries: readonly (readonly [string, RegExp, (content: Draft) => void])[] = [
    [
      'of another key',
      /is not shown to hold it/,
      ({ state }) => {
        const [one, other] = [at(state, 3), at(state, 12)];
        [one.proof, other.proof] = [other.proof, one.proof];
      },
    ],
    [
      'with one changed bit',
      /is not shown to hold it/,
      ({ state }) => (at(state, 7).proof = flipped(at(state, 7).proof, 40)),
    ],
    ['under another name', /no state proof of/, ({ state }) => (at(state, 7).key += 'x')],
    ['left out', /no state proof of account\/escrow/, ({ state }) => state?.shift()],
    ['in another order', /is out of order/, ({ state }) => state?.reverse()],
    ['twice', /is out of order/, ({ state }) => state?.splice(5, 0, { ...at(state, 5) })],
    [
      'of what is told nowhere here',
      /belongs to nothing here/,
      ({ state }) => state?.push({ ...at(state, 5), key: 'trade/trade-none' }),
    ],
    [
      'of the absence of what is there',
      /is not shown to lack it/,
      ({ state = [] }) => {
        const absent = state.find(({ key }) => key === 'posting/trade-file-posting-4');
        const present = state.find(({ key }) => key === 'posting/trade-file-posting-3');
        assert(absent && present, 'both are here');
        absent.proof = present.proof;
      },
    ],
  ];
  for (const [what, why, forge] of forgeries) {
    it(`are refused ${what}`, () => {
      const forged = resealed(dossier, forge);
      expect(failing(forged)).to.deep.equal(['C19']);
      expect(judgeNewest(forged).reasons.join('; ')).to.match(why);
    });
  }

  it('are refused for a changed value, also where the log has it', () => {
    const raised: Edit = (it) => (it.uses = 0);
    const forged = rewritten(world, dossier, { 'licence.used trade-compute': raised });
    expect(failing(forged)).to.include('C19');
    expect(judgeNewest(forged).reasons.join()).to.include('licence/trade-compute: the state');
  });

  it('stand in no file of an older version, and in every one of the present', () => {
    const { state: _state, ...without } = dossier;
    for (const shape of [without, { ...dossier, state: [] }]) {
      const [first] = verifyDossier(utf8(canonicalJson(shape))).claims;
      expect(first).to.include({ id: 'C01', outcome: 'FAILS' });
    }
    const old = parsed(resealed(dossier, asVersion1));
    const [first] = verifyDossier(utf8(canonicalJson({ ...old, state: dossier.state }))).claims;
    expect(first).to.include({ id: 'C01', outcome: 'FAILS' });
  });

  it('are missed in a file of the first version, which is said and no failure', () => {
    const report = verifyDossier(resealed(dossier, asVersion1));
    expect(report).to.include({ outcome: 'HOLDS', notShown: 3 });
    expect(report.present.areNewest).to.equal(false);
    expect(report.warnings[0]).to.match(/^A file of format dxl-dossier\/1 has no state proofs/);
    expect(verifyDossier(resealed(dossier, () => undefined)).warnings.join()).to.not.match(
      /state proofs/,
    );
  });
});
