/** What a report says of tables: which fingerprint is registered, and how far rows can be told apart. */
import { expect } from 'chai';
import type { RulePack, SampleSize } from '../../src/base/rules.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import { judgeSampleProof } from '../../src/dossier/claims/sample-proof.ts';
import { readEvidence, type Evidence } from '../../src/dossier/evidence.ts';
import { parseDossier } from '../../src/dossier/format.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { agree, deliver, fileTerms, openMarket, settle, type MarketChanges } from './scenario.ts';
import { keyOf } from './world.ts';

const tradeId = 'trade-file';
const terms = { tradeId, purpose: 'DELIVERY', terms: fileTerms } as const;

interface Told {
  readonly what: string;
  readonly market?: MarketChanges;
  /** What a claim says: its outcome, and reasons and facts. */
  readonly claim: readonly [id: string, outcome: string, said: RegExp];
}

/** A file of 400 rows needs the first. */
const of16 = { circuitId: 'k-anonymity-16-k3', rows: 16, k: 3, fileRowsMin: 16 };
const of64 = { circuitId: 'k-anonymity-64-k5', rows: 64, k: 5, fileRowsMin: 500 };

const rows: readonly Told[] = [
  {
    what: 'tagged columns that the statement leaves out, which version 1 takes',
    market: {
      columns: {
        more: [
          ['Age', 'INTEGER', 'person.age', 'QUASI_IDENTIFIER'],
          ['Postcode', 'TEXT', 'place.postcode', 'QUASI_IDENTIFIER'],
        ],
      },
    },
    claim: [
      'C10',
      'NOT SHOWN',
      /tags quasi-identifiers that the statement leaves out: Age, Postcode/,
    ],
  },
  {
    what: 'people without a quasi-identifier, which version 1 takes',
    market: {
      columns: { without: true, more: [['Age', 'INTEGER', 'person.age', 'GENERAL']] },
    },
    claim: ['C10', 'NOT SHOWN', /about people, and the statement is over no column at all/],
  },
  {
    what: 'a table of nobody, without quasi-identifiers',
    market: { columns: { without: true } },
    claim: [
      'C10',
      'HOLDS',
      /over no column: none is stated to be a quasi-identifier, so that k says nothing/,
    ],
  },
  {
    what: 'nothing of the whole file, which version 1 does not ask for',
    claim: [
      'C10',
      'HOLDS',
      /k at least \d+, over place state, .*the whole file: nothing is stated of its k/,
    ],
  },
  {
    what: 'what the whole file comes to, beside the sample',
    market: { machineVersion: 2 },
    claim: [
      'C10',
      'HOLDS',
      /as seller measured it: k 1, 2 of 400 rows unique, smallest classes 2 of 1, 197 of 2; 4 of 400 rows miss .*\(1\.00 %\)/,
    ],
  },
  {
    what: 'rows and k of a sample that is one of the sizes of the pack',
    market: { machineVersion: 2, sizes: [of16, of64] },
    claim: ['C10', 'HOLDS', /circuit k-anonymity-16-k3.* the sample: 16 rows, k at least 3, over/],
  },
  {
    what: 'that a fingerprint of version 2 covers names and what is missing',
    market: { machineVersion: 2 },
    claim: [
      'C07',
      'HOLDS',
      /fingerprint of version 2, over names, .*: 400 rows, 3 columns, root [0-9a-f]{64}/,
    ],
  },
  {
    what: 'what a fingerprint of version 1 does not cover',
    claim: [
      'C14',
      'HOLDS',
      /of version 1, which does not cover names of columns.*missing values.*encoding/,
    ],
  },
];

describe('the report on a traded table', function () {
  this.timeout(coldBuildMs);

  for (const { what, market = {}, claim } of rows) {
    it(`tells ${what}`, async () => {
      const world = await openMarket({ keyClass: 'ceremony', ...market });
      agree(world, { ...terms, priceFen: 10_000_000n, valuationId: null });
      deliver(world, tradeId);
      settle(world, tradeId);
      const bytes = await assembleDossier(world, { trades: [tradeId], key: keyOf('buyer') });
      const { claims, outcome } = verifyDossier(bytes);
      const [id, wanted, said] = claim;
      const found = claims.find((each) => each.id === id);
      expect(found?.outcome).to.equal(wanted);
      expect([...(found?.reasons ?? []), ...(found?.facts ?? [])].join(' ')).to.match(said);
      expect(outcome).to.equal('HOLDS');
    });
  }
});

/** What the claim says where genesis and the rules by which the machine judged are not the same. */
describe('the sample of a dossier under other rules', function () {
  this.timeout(coldBuildMs);
  let evidence: Evidence;

  before(async () => {
    const sizes = [of16, of64];
    const world = await openMarket({ keyClass: 'ceremony', machineVersion: 2, sizes });
    agree(world, { ...terms, priceFen: 10_000_000n, valuationId: null });
    deliver(world, tradeId);
    settle(world, tradeId);
    const bytes = await assembleDossier(world, { trades: [tradeId], key: keyOf('buyer') });
    const parsed = parseDossier(bytes);
    if (!parsed.ok) throw new Error(parsed.detail);
    evidence = readEvidence(parsed.value);
  });

  const judgedBy = (change: Partial<RulePack>, sizes: readonly SampleSize[]) => {
    const { genesis } = evidence;
    const sample = { ...genesis.rules.sample, sizes: [...sizes] };
    const rules = { ...genesis.rules, ...change, sample };
    return judgeSampleProof({ ...evidence, genesis: { ...genesis, rules } });
  };

  it('holds under its own', () => {
    expect(judgedBy({}, [of16, of64]).problems).to.deep.equal([]);
  });

  const contradictions: readonly (readonly [string, readonly SampleSize[], RegExp])[] = [
    ['does not list it', [of64], /admits no circuit k-anonymity-16-k3 over 16 rows, k 3/],
    ['lists it with another k', [{ ...of16, k: 4 }], /admits no circuit .*16 rows, k 3/],
    [
      'asks for a larger one of such a file',
      [of16, { ...of64, fileRowsMin: 400 }],
      /asks for circuit k-anonymity-64-k5 over 64 rows, k 5 for 400 rows/,
    ],
  ];
  for (const [what, sizes, said] of contradictions) {
    it(`fails where the pack of the same name ${what}`, () => {
      expect(judgedBy({}, sizes).problems.join()).to.match(said);
    });
  }

  it('names the pack where it is another, which genesis cannot say anything of', () => {
    const { problems, facts } = judgedBy({ version: '2027-1' }, [of64]);
    expect(problems).to.deep.equal([]);
    expect(facts?.join()).to.match(/admitted by rule pack demo 2026-1, which is not the one of/);
  });
});
