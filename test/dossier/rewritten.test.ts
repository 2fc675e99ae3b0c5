import { expect } from 'chai';
import { creditCodeId } from '../../src/identity/credit-code.ts';
import { creditCodeOf } from '../support/credit-code.ts';
import type { Dossier } from '../../src/dossier/schema.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { failing, parsed, rewritten, type Edit } from './forge.ts';
import { playedDossier } from './sample-dossier.ts';
import { keyOf, type World } from './world.ts';

/** What a rewritten log leaves in order: its operator signed it anew. */
const untouched = ['C02', 'C03', 'C04', 'C18'];

/** In several events of the trade, so that no step of it looks wrong by itself. */
const throughout = (names: readonly string[], edit: Edit): Record<string, Edit> =>
  Object.fromEntries(names.map((name) => [`trading.${name} trade-file`, edit]));
const afterSettlement = ['settled', 'certified', 'paid-out'];
const fundedElsewhere = throughout(
  ['funded', 'delivery-started', 'delivered', 'delivery-accepted', ...afterSettlement],
  (it) => (it.funding.bank = 'stranger'),
);
const otherFee = throughout(
  afterSettlement,
  (it) => (it.settlement.feeNetFen = BigInt(it.settlement.feeNetFen) + 1n),
);

describe('verifyDossier on a log that its operator rewrote', () => {
  let world: World;
  let dossier: Dossier;

  before(async function () {
    this.timeout(coldBuildMs);
    const played = await playedDossier();
    world = played.world;
    dossier = parsed(played.bytes);
  });

  const codeOf = (party: string) => creditCodeId('CN', creditCodeOf(party));
  const key = (party: string) => `identity.key-added ${keyOf(party).keyId}`;

  /** What an operator who signs a rewritten log would have to get past. */
  const rewrites: readonly (readonly [string, string, Record<string, Edit>])[] = [
    ['a key that was revoked', 'C05', { [key('seller')]: (it) => (it.state = 'REVOKED') }],
    [
      'a signature by another key',
      'C05',
      { [key('bank')]: (it) => (it.publicKey = keyOf('x').publicKey) },
    ],
    [
      'other money than the bank confirmed',
      'C05',
      {
        'trading.funded trade-file': (it) =>
          (it.funding.amountFen = BigInt(it.funding.amountFen) + 1n),
      },
    ],
    ['united duties', 'C06', { 'identity.admitted reviewer-a': (it) => it.roles.push('SELLER') }],
    [
      'a role that the key did not hold',
      'C06',
      { [key('appraiser')]: (it) => (it.roles = ['ADMIN']) },
    ],
    [
      'an operator who is not of genesis',
      'C06',
      { 'identity.admitted operator': (it) => (it.name = 'X') },
    ],
    [
      'a registrar who is the applicant',
      'C07',
      { 'rights.registered registration-1': (it) => (it.registrar = 'seller') },
    ],
    [
      'publicity cut short',
      'C07',
      { 'rights.registered registration-1': (it) => (it.publicityEndsAtMs = 2e12) },
    ],
    [
      'an objection that was upheld',
      'C07',
      { 'rights.objection-dismissed objection-1': (it) => (it.state = 'UPHELD') },
    ],
    [
      'a step out of turn',
      'C07',
      { 'rights.review-begun registration-1': (it) => (it.state = 'ACTIVE') },
    ],
    [
      'a listing changed after its review',
      'C08',
      { 'listing.listed listing-1': (it) => (it.title = 'Other') },
    ],
    [
      'a decision that was not committed to',
      'C09',
      {
        'compliance.review-passed review-1': (it) => (it.decisions[1].commitment = 'ab'.repeat(32)),
      },
    ],
    [
      'one reviewer twice',
      'C09',
      {
        'compliance.review-passed review-1': (it) =>
          (it.decisions[1].organisationId = 'reviewer-a'),
      },
    ],
    [
      'a reviewer of the seller’s owner',
      'C09',
      { 'identity.admitted reviewer-b': (it) => (it.beneficialOwner = 'Li Hua') },
    ],
    [
      'the same owner, spelled otherwise',
      'C09',
      { 'identity.admitted reviewer-b': (it) => (it.beneficialOwner = '  ＬＩ  hua ') },
    ],
    [
      'a reviewer that the seller owns',
      'C09',
      { 'identity.admitted reviewer-b': (it) => (it.beneficialOwner = 'organisation SELLER') },
    ],
    [
      'a registrar that the applicant owns',
      'C07',
      { 'identity.admitted registrar': (it) => (it.beneficialOwner = 'Organisation seller') },
    ],
    [
      'an appraiser of the seller’s owner',
      'C11',
      { 'identity.admitted appraiser': (it) => (it.beneficialOwner = 'LI HUA') },
    ],
    [
      'a clearance by the buyer’s house',
      'C12',
      { 'identity.admitted reviewer-a': (it) => (it.beneficialOwner = 'WANG  FANG') },
    ],
    [
      'workers of one owner',
      'C16',
      {
        'identity.admitted worker-a': (it) => (it.beneficialOwner = 'Zhao Min'),
        'identity.admitted worker-b': (it) => (it.beneficialOwner = 'zhao min'),
      },
    ],
    [
      'a failed automatic check',
      'C09',
      { 'compliance.review-passed review-1': (it) => (it.automatic[0].passed = false) },
    ],
    [
      'another value',
      'C11',
      {
        'pricing.valuation-confirmed valuation-1': (it) =>
          (it.resultFen = BigInt(it.resultFen) + 1n),
      },
    ],
    [
      'another price than was signed',
      'C12',
      { 'trading.agreed trade-file': (it) => (it.priceFen = BigInt(it.priceFen) + 1n) },
    ],
    [
      'another terms hash',
      'C12',
      { 'trading.agreed trade-file': (it) => (it.agreement.termsHash = 'ab'.repeat(32)) },
    ],
    [
      'a clearance by a party',
      'C12',
      { 'trading.agreed trade-file': (it) => (it.clearedBy = 'seller') },
    ],
    [
      'a bank that was none',
      'C12',
      { 'identity.admitted bank': (it) => (it.roles = ['ADMIN', 'WORKER']) },
    ],
    [
      'a bank of the buyer’s owner',
      'C12',
      { 'identity.admitted bank': (it) => (it.beneficialOwner = 'Wang Fang') },
    ],
    [
      'another bank than both signed for',
      'C12',
      { 'trading.agreed trade-file': (it) => (it.bank = 'stranger') },
    ],
    [
      'a party that was suspended when it agreed',
      'C12',
      { 'identity.admitted seller': (it) => (it.state = 'SUSPENDED') },
    ],
    [
      'a licence for somebody else',
      'C12',
      { 'licence.issued trade-file': (it) => (it.licensee = 'stranger') },
    ],
    [
      'a licence on wider terms than were signed',
      'C12',
      { 'licence.issued trade-file': (it) => it.terms.territory.push('ZZ') },
    ],
    ['another fee in the trade than was posted', 'C13', otherFee],
    [
      'an account of another kind than its name',
      'C13',
      { 'trading.account-moved fee-income': (it) => (it.kind = 'OUTPUT_VAT') },
    ],
    [
      'a posting dated otherwise than its block',
      'C13',
      { 'trading.posted trade-file-posting-2': (it) => (it.height = 1) },
    ],
    ['money held by another bank than the agreed one', 'C13', fundedElsewhere],
    [
      'a valuation confirmed by who had no inputs',
      'C11',
      { 'pricing.valuation-confirmed valuation-1': (it) => (it.holders = ['stranger']) },
    ],
    [
      'a credit code of somebody else',
      'C06',
      { [`identity.credit-code-claimed ${codeOf('seller')}`]: (it) => (it.organisationId = 'x-1') },
    ],
    [
      'an unbalanced posting',
      'C13',
      {
        'trading.posted trade-file-posting-2': (it) =>
          (it.lines[0].amountFen = BigInt(it.lines[0].amountFen) - 1n),
      },
    ],
    [
      'fee for somebody else',
      'C13',
      {
        'trading.posted trade-file-posting-2': (it) =>
          (it.lines[2].accountId = 'seller-payable-stranger'),
      },
    ],
    [
      'money left in escrow',
      'C13',
      {
        'trading.account-moved escrow-trade-file': (it) =>
          (it.balanceFen = BigInt(it.balanceFen) + 1n),
      },
    ],
    [
      'other rows delivered',
      'C14',
      { 'trading.delivered trade-file': (it) => (it.delivery.rowsRoot = 'ab'.repeat(32)) },
    ],
    [
      'acceptance of another digest',
      'C14',
      { 'trading.delivered trade-file': (it) => (it.delivery.ciphertextDigest = 'ab'.repeat(32)) },
    ],
    [
      'another certificate number',
      'C15',
      { 'trading.certified trade-file': (it) => (it.certificate.number = 'TC-1') },
    ],
    [
      'workers who differ',
      'C16',
      { 'job.released job-1': (it) => (it.attestations[1].resultDigest = 'ab'.repeat(32)) },
    ],
    [
      'one worker twice',
      'C16',
      { 'job.released job-1': (it) => (it.attestations[1].organisationId = 'worker-a') },
    ],
    [
      'a use of the licence not counted',
      'C16',
      { 'licence.used trade-compute': (it) => (it.uses = 0) },
    ],
    ['an approval by a party', 'C16', { 'job.released job-1': (it) => (it.reviewer = 'seller') }],
    [
      'a record that is not there',
      'C17',
      { 'trading.certified trade-file': (it) => (it.valuationId = 'valuation-2') },
    ],
  ];

  for (const [what, claim, edits] of rewrites) {
    it(`fails ${claim} for ${what}`, () => {
      const failed = failing(rewritten(world, dossier, edits));
      expect(failed).to.include(claim);
      expect(failed.filter((id) => untouched.includes(id))).to.deep.equal([]);
    });
  }

  const reasonsOf = (bytes: Uint8Array, claim: string): string =>
    verifyDossier(bytes)
      .claims.find(({ id }) => id === claim)
      ?.reasons.join('; ') ?? '';

  it('fails C04 for two times in one block', () => {
    const later: Edit = (_record, leaf) => Object.assign(leaf, { timeMs: leaf.timeMs + 1 });
    const bytes = rewritten(world, dossier, { [key('seller')]: later });
    expect(reasonsOf(bytes, 'C04')).to.match(/^leaf [0-9]+ has another time than its block/);
  });

  it('fails C09 for a commitment that is a copy of the other’s', () => {
    const bytes = rewritten(world, dossier, {
      'compliance.review-passed review-1': ({ decisions: [one, two] }) => {
        Object.assign(two, { ...one, organisationId: two.organisationId });
      },
    });
    expect(reasonsOf(bytes, 'C09')).to.include('one commitment is a copy of another');
  });

  it('fails C13 for money that is paid out twice', () => {
    const payOut: Edit = (posting) => {
      posting.kind = 'PAY_OUT';
      posting.lines = [
        { accountId: 'seller-payable-seller', side: 'DEBIT', amountFen: 1n },
        { accountId: 'client-money-bank', side: 'CREDIT', amountFen: 1n },
      ];
    };
    const ids = [2, 3].map((number) => `trading.posted trade-file-posting-${number}`);
    const bytes = rewritten(world, dossier, Object.fromEntries(ids.map((id) => [id, payOut])));
    expect(reasonsOf(bytes, 'C13')).to.include('posting-3 pays out again what was paid out');
  });

  it('fails C10 for the proof of another listing', () => {
    const other: Edit = (record) => {
      record.sampleProof = flipHex(record.sampleProof as string | null);
    };
    const names = ['sample-proved', 'submitted', 'review-opened', 'listed'];
    const edits = Object.fromEntries(names.map((name) => [`listing.${name} listing-1`, other]));
    expect(failing(rewritten(world, dossier, edits))).to.include('C10');
  });
});

const flipHex = (hex: string | null): string | null =>
  hex === null ? null : `${hex.slice(128)}${hex.slice(0, 128)}`;
