import { expect } from 'chai';
import fc from 'fast-check';
import { assert } from '../../src/base/assert.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { toBase64url } from '../../src/base/base64url.ts';
import type { DossierReport } from '../../src/dossier/report.ts';
import type { Dossier } from '../../src/dossier/schema.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { failing, flipped, parsed, resealed, type Draft } from './forge.ts';
import { playedDossier } from './sample-dossier.ts';
import { scenarioTrades } from './scenario.ts';
import { keyOf } from './world.ts';

describe('verifyDossier on a whole trade', () => {
  let bytes: Uint8Array;
  let dossier: Dossier;
  let report: DossierReport;

  before(async function () {
    this.timeout(coldBuildMs);
    ({ bytes } = await playedDossier());
    dossier = parsed(bytes);
    report = verifyDossier(bytes);
  });

  it('finds that every claim holds, but for what nothing here can show', () => {
    const others = report.claims.filter(({ outcome }) => outcome !== 'HOLDS');
    expect(others.map(({ id, outcome, reasons }) => [id, outcome, reasons.join()])).to.deep.equal([
      [
        'C10',
        'NOT SHOWN',
        'the proof verifies, but under a development key of circuit k-anonymity-16-k3: anybody can forge one',
      ],
      [
        'C14',
        'NOT SHOWN',
        'trade-compute: nothing compares what was computed on with the registered rows',
      ],
    ]);
    expect(report.outcome).to.equal('HOLDS');
    expect(report.notShown).to.equal(2);
    expect(report.concerns).to.deep.equal([]);
    expect(report.trades).to.deep.equal(scenarioTrades);
  });

  /** What a claim's sentence leaves open, its facts say: who said it, when, and beside what. */
  const facts: readonly (readonly [string, RegExp])[] = [
    ['C06', /registrar: admitted by operator on 2026-.*; first signed on 2026-/],
    ['C07', /public from 2026-.* to 2026-.*, [0-9]+ seconds by the block signer’s clock/],
    [
      'C11',
      /trade-file: appraiser valued it at CNY .*; the price is CNY 100,000\.00, [01]\.[0-9]+ times/,
    ],
    ['C11', /trade-file: buyer ran the method on the inputs and got CNY /],
    ['C11', /appraiser’s word \(totalCostFen 12000000, .*quality 0\.9.*completeness 9000/],
    ['C11', /trade-compute names no valuation/],
    [
      'C14',
      /trade-file: seller declared as delivered.*whether its machine compared anything is not/,
    ],
    [
      'C16',
      /worker-a stated result .* for everybody to read; worker-b .* after the first was public/,
    ],
    ['C18', /sealed by a key registered by buyer, a party of these trades/],
  ];
  for (const [id, said] of facts) {
    it(`tells with ${id}: ${said.source.slice(0, 50)}`, () => {
      const claim = report.claims.find((one) => one.id === id);
      expect(claim?.facts.join('; ')).to.match(said);
    });
  }

  it('says of who sealed it that it is no party, where it is none', () => {
    const foreign = resealed(dossier, () => undefined, 'registrar');
    const claim = verifyDossier(foreign).claims.find(({ id }) => id === 'C18');
    expect(claim?.facts.join()).to.equal(
      'sealed by a key registered by registrar, no party of these trades',
    );
  });

  it('warns of development keys and of a genesis hash that nobody trusts', () => {
    expect(report.warnings.join(' ')).to.match(/development mode.*no ceremony/);
    expect(report.warnings[0]).to.match(/compared with none/);
    expect(report.limits.join()).to.include('Its first events carry no number');
    expect(report.limits).to.have.lengthOf(10);
  });

  it('holds against the genesis hash and block signer that are trusted, and no others', () => {
    const trusted = {
      trustedGenesisHash: report.genesisHash ?? '',
      trustedBlockSigner: keyOf('block-signer').publicKey,
    };
    expect(verifyDossier(bytes, trusted).outcome).to.equal('HOLDS');
    const other = verifyDossier(bytes, {
      trustedGenesisHash: '00'.repeat(32),
      trustedBlockSigner: '00'.repeat(32),
    });
    const failed = other.claims.filter(({ outcome }) => outcome === 'FAILS');
    expect(failed.map(({ id }) => id)).to.deep.equal(['C02', 'C03']);
  });

  it('fails for one changed byte anywhere in the file', function () {
    this.timeout(300_000);
    const anyChange = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(anyChange, ([at, mask]) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ mask;
        expect(verifyDossier(changed).outcome).to.equal('FAILS');
      }),
      { numRuns: 40 },
    );
  });

  /** Where a bit is flipped by a party that seals the file anew, and the claim that must say so. */
  const flips: readonly (readonly [string, string, (content: Draft, at: number) => void])[] = [
    ['genesis', 'C02', (it, at) => (it.genesis = flipped(it.genesis, at))],
    ['header', 'C03', ({ checkpoint }, at) => (checkpoint.header = flipped(checkpoint.header, at))],
    [
      'block signature',
      'C03',
      ({ checkpoint }, at) => {
        assert('signatures' in checkpoint, 'it is of the present format');
        checkpoint.signatures = checkpoint.signatures.map((it) => flipped(it, at));
      },
    ],
    [
      'leaf',
      'C04',
      ({ leaves }, at) => change(leaves, at, (it) => (it.leaf = flipped(it.leaf, at))),
    ],
    [
      'proof',
      'C04',
      ({ leaves }, at) =>
        change(leaves, at, ({ proof }) => proof.splice(0, 1, flipped(proof[0] ?? '', at))),
    ],
    ['log index', 'C04', ({ leaves }, at) => change(leaves, at, (it) => (it.logIndex += 1))],
    ['proof cut short', 'C04', ({ leaves }, at) => change(leaves, at, (it) => it.proof.pop())],
    [
      'envelope',
      'C05',
      ({ envelopes }, at) => {
        const index = at % envelopes.length;
        envelopes[index] = flipped(envelopes[index] ?? '', at);
      },
    ],
    [
      'verification key',
      'C10',
      ({ verificationKeys }) =>
        change(verificationKeys, 0, ({ key }) => ([key.beta, key.gamma] = [key.gamma, key.beta])),
    ],
    [
      'valuation inputs',
      'C11',
      ({ openings }, at) =>
        change(openings.valuations, 0, (it) => (it.content = flipped(it.content, at))),
    ],
    [
      'valuation salt',
      'C11',
      ({ openings }, at) =>
        change(openings.valuations, 0, (it) => (it.salt = flipped(it.salt, at))),
    ],
    [
      'job specification',
      'C16',
      ({ openings }, at) =>
        change(openings.computations, 0, (it) => (it.spec = flipped(it.spec, at))),
    ],
    [
      'release',
      'C16',
      ({ openings }, at) =>
        change(openings.computations, 0, (it) => (it.release = flipped(it.release, at))),
    ],
    [
      'release salt',
      'C16',
      ({ openings }, at) =>
        change(openings.computations, 0, (it) => (it.salt = flipped(it.salt, at))),
    ],
    [
      'disclosed evidence',
      'C17',
      ({ openings }, at) =>
        change(openings.contents, 0, (it) => (it.content = flipped(it.content, at))),
    ],
  ];

  function change<Item>(items: Item[], at: number, edit: (item: Item) => unknown): void {
    const item = items[at % items.length];
    assert(item !== undefined, 'there is an item');
    edit(item);
  }

  for (const [part, claim, flip] of flips) {
    it(`fails ${claim} for a bit of the ${part} under a new seal`, () => {
      fc.assert(
        fc.property(fc.nat(100_000), (at) => {
          const forged = resealed(dossier, (content) => flip(content, at));
          expect(failing(forged)).to.include(claim).and.not.to.include('C18');
        }),
        { numRuns: 2 },
      );
    });
  }

  const swaps: readonly (readonly [string, string, (content: Draft) => void])[] = [
    ['two leaves in exchanged order', 'C04', ({ leaves }) => leaves.reverse()],
    ['an event left out', 'C05', ({ leaves }) => leaves.splice(40, 1)],
    ['the last event left out', 'C05', ({ leaves }) => leaves.pop()],
    ['an envelope left out', 'C05', ({ envelopes }) => envelopes.splice(7, 1)],
    ['an envelope twice', 'C05', ({ envelopes }) => envelopes.push(envelopes[0] ?? '')],
    ['a trade left out', 'C17', ({ trades }) => trades.pop()],
    ['a trade that is not there', 'C12', ({ trades }) => trades.push('trade-other')],
    ['a state proof left out', 'C19', ({ state = [] }) => state.splice(9, 1)],
    ['no verification key', 'C10', ({ verificationKeys }) => verificationKeys.pop()],
    [
      'an opening of nothing here',
      'C17',
      ({ openings }) =>
        openings.contents.push({
          commitment: 'ab'.repeat(32),
          content: toBase64url(utf8('made up')),
          salt: toBase64url(new Uint8Array(32)),
        }),
    ],
  ];

  for (const [what, claim, swap] of swaps) {
    it(`fails ${claim} for ${what}`, () => {
      expect(failing(resealed(dossier, swap))).to.include(claim);
    });
  }

  it('fails the seal alone where a stranger to the chain sealed it', () => {
    expect(failing(resealed(dossier, () => undefined, 'nobody'))).to.deep.equal(['C17', 'C18']);
  });

  it('leaves undisclosed inputs as not shown, which is no failure', () => {
    const bare = resealed(dossier, ({ openings }) => {
      openings.valuations.pop();
      openings.computations.pop();
    });
    const { outcome, notShown, claims } = verifyDossier(bare);
    const open = claims.filter((claim) => claim.outcome === 'NOT SHOWN').map(({ id }) => id);
    expect({ outcome, notShown, open }).to.deep.equal({
      outcome: 'HOLDS',
      notShown: 4,
      open: ['C10', 'C11', 'C14', 'C16'],
    });
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (junk) => {
        expect(verifyDossier(junk).outcome).to.equal('FAILS');
      }),
    );
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(verifyDossier(utf8(text)).outcome).to.equal('FAILS');
      }),
    );
    expect(verifyDossier(utf8('['.repeat(100_000))).outcome).to.equal('FAILS');
  });
});
