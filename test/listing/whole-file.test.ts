/** From machine version 2 on: every tagged column is in the statement, and the whole file is told of. */
import { expect } from 'chai';
import { edit } from '../../src/listing/edit.ts';
import { proveSample } from '../../src/listing/prove-sample.ts';
import { listingResults } from '../../src/listing/results.ts';
import type { Column, ListingFacts, WholeFile } from '../../src/listing/schema.ts';
import { stateProfile } from '../../src/listing/state-profile.ts';
import { listingProfileRecord } from '../../src/listing/state.ts';
import { submitForReview } from '../../src/listing/submit-for-review.ts';
import { checksAt } from '../../src/listing/types.ts';
import { drafted, facts, listingId, proof, proved, wholeFile } from './fixture.ts';

type Changed = Partial<ListingFacts>;

/** A proved draft by these rules. */
function provedBy(machineVersion: number, changed: Changed = {}) {
  const all = proved(changed);
  all.ledger.machineVersion = machineVersion;
  return all;
}

const submitted = (machineVersion: number, changed: Changed, file: WholeFile | null): string => {
  const all = provedBy(machineVersion, changed);
  if (file !== null) all.ledger.accept(stateProfile, all.seller, { listingId, ...file });
  const outcome = all.ledger.apply(submitForReview, all.seller, { listingId });
  return outcome.ok ? 'ok' : outcome.result.name;
};

const tagged = (name: string, meaning: string): Column => ({
  ...{ name, type: 'TEXT', meaning },
  sensitivity: 'QUASI_IDENTIFIER',
});
/** As the clinic of the cases: three columns tagged that the rule pack has no word for. */
const clinic: Column[] = [
  tagged('Age', 'person.age'),
  tagged('Sex', 'person.sex'),
  tagged('Postcode', 'place.postcode'),
  { name: 'Fee', type: 'INTEGER', meaning: 'money.fee', sensitivity: 'GENERAL' },
];
const without = (columns: Column[]): Column[] =>
  columns.map((column) => ({ ...column, sensitivity: 'GENERAL' }));
const sampleOf = (...quasiIdentifiers: string[]) => ({ ...facts.sample, quasiIdentifiers });
const offer = { computeOffer: null, delivery: ['FILE'] } satisfies Changed;
const fileOf = (columns: string[]): WholeFile => ({
  ...wholeFile,
  anonymity:
    columns.length > 0
      ? { ...wholeFile.anonymity, columns }
      : { columns, leftOut: 0, k: null, uniqueRows: null, smallest: [] },
});
const statistics: Column[] = [
  { name: 'Province', type: 'TEXT', meaning: 'place.province', sensitivity: 'GENERAL' },
  { name: 'Output', type: 'INTEGER', meaning: 'money.output', sensitivity: 'GENERAL' },
];
const people = { contains: true, sensitive: false, peopleCount: 800 };

const rows: readonly (readonly [
  what: string,
  changed: Changed,
  file: WholeFile | null,
  byOne: string,
  byTwo: string,
])[] = [
  ['all tagged columns in the statement, and the whole file', {}, wholeFile, 'ok', 'ok'],
  ['nothing said of the whole file', {}, null, 'ok', 'LISTING_PROFILE_MISSING'],
  [
    'tagged columns that the pack does not know, left out of the statement',
    { ...offer, columns: clinic, sample: sampleOf() },
    fileOf([]),
    'ok',
    'LISTING_QUASI_IDENTIFIER_MISSING',
  ],
  [
    'one of them left out',
    { ...offer, columns: clinic, sample: sampleOf('Age', 'Sex') },
    fileOf(['Age', 'Sex']),
    'ok',
    'LISTING_QUASI_IDENTIFIER_MISSING',
  ],
  [
    'all of them in it',
    { ...offer, columns: clinic, sample: sampleOf('Age', 'Sex', 'Postcode') },
    fileOf(['Age', 'Sex', 'Postcode']),
    'ok',
    'ok',
  ],
  [
    'meanings of persons and no column tagged',
    { ...offer, columns: without(clinic), sample: sampleOf() },
    fileOf([]),
    'ok',
    'LISTING_QUASI_IDENTIFIERS_NONE',
  ],
  [
    'personal information declared and no column tagged',
    { ...offer, columns: statistics, sample: sampleOf(), personalInformation: people },
    fileOf([]),
    'ok',
    'LISTING_QUASI_IDENTIFIERS_NONE',
  ],
  [
    'statistics of nobody, without quasi-identifiers',
    { ...offer, columns: statistics, sample: sampleOf() },
    fileOf([]),
    'ok',
    'ok',
  ],
];

describe('a listing and its whole file', () => {
  for (const [what, changed, file, byOne, byTwo] of rows) {
    it(`${what}: ${byOne} by version 1, ${byTwo} by version 2`, () => {
      expect([submitted(1, changed, file), submitted(2, changed, file)]).to.deep.equal([
        byOne,
        byTwo,
      ]);
    });
  }

  it('asks nothing new by version 1, so that old reviews come to the same bytes', () => {
    const names = (machineVersion: number): string[] =>
      checksAt({ machineVersion }).map(({ name }) => name);
    expect(names(1)).to.deep.equal([
      ...['seller-in-good-standing', 'registration-in-force', 'right-to-operate'],
      ...['level-tradable', 'legal-opinion-valid', 'sample-as-policy'],
      ...['quasi-identifiers-named', 'direct-identifiers-kept-out', 'sample-proved'],
    ]);
    expect(names(2).filter((name) => !names(1).includes(name))).to.deep.equal([
      ...['quasi-identifiers-all-named', 'people-have-quasi-identifiers', 'whole-file-profiled'],
    ]);
  });

  it('is of the revision that it was stated for', () => {
    const { ledger, seller } = provedBy(2);
    ledger.accept(stateProfile, seller, { listingId, ...wholeFile });
    ledger.accept(edit, seller, { listingId, ...facts, title: 'Another title' });
    expect(ledger.get(listingProfileRecord, listingId)).to.include({ revision: 1 });
    ledger.accept(proveSample, seller, { listingId, proof });
    ledger.refuse(listingResults.LISTING_PROFILE_MISSING, submitForReview, seller, { listingId });
    ledger.accept(stateProfile, seller, { listingId, ...wholeFile });
    ledger.accept(submitForReview, seller, { listingId });
    expect(ledger.get(listingProfileRecord, listingId)).to.include({ revision: 2 });
  });

  const { quality, anonymity } = wholeFile;
  const lies: readonly (readonly [string, Partial<WholeFile>, RegExp])[] = [
    ['more rows', { rows: 10_001 }, /^\/rows: 10001; 10000 are registered and 10000 listed/],
    [
      'another measure',
      { quality: { ...quality, accuracy: 9001 } },
      /^\/quality\/accuracy: 9001; 9000/,
    ],
    [
      'a measure left open',
      { quality: { ...quality, timeliness: null } },
      /^\/quality\/timeliness: null/,
    ],
    [
      'fewer columns',
      { anonymity: { ...anonymity, columns: ['State'] } },
      /^\/anonymity\/columns: the sample names State, Phase/,
    ],
    [
      'more left out than there are',
      { anonymity: { ...anonymity, leftOut: 10_001 } },
      /leftOut: 10001/,
    ],
    [
      'another k',
      { anonymity: { ...anonymity, k: 5 } },
      /^\/anonymity\/k: 5; the smallest class has 1/,
    ],
    ['no k', { anonymity: { ...anonymity, k: null } }, /^\/anonymity\/k: null/],
    ['fewer unique rows', { anonymity: { ...anonymity, uniqueRows: 0 } }, /uniqueRows: 0; 5000/],
    [
      'unique rows hidden',
      { anonymity: { ...anonymity, k: 4, uniqueRows: 0, smallest: [{ rows: 4, classes: 1_000 }] } },
      /^\/anonymity\/smallest: 4000 rows in these classes, 9000 in all/,
    ],
    [
      'classes out of order',
      { anonymity: { ...anonymity, smallest: [...anonymity.smallest].reverse() } },
      /^\/anonymity\/smallest: 1 does not come after a smaller one/,
    ],
    ['no class', { anonymity: { ...anonymity, smallest: [] } }, /^\/anonymity\/smallest: 0 sizes/],
  ];
  for (const [what, changed, says] of lies) {
    it(`is refused where it contradicts: ${what}`, () => {
      const { ledger, seller } = provedBy(2);
      const outcome = ledger.apply(stateProfile, seller, { listingId, ...wholeFile, ...changed });
      expect(outcome.ok ? '' : outcome.result.name).to.equal('LISTING_PROFILE_CONTRADICTS');
      expect(outcome.ok ? '' : outcome.detail).to.match(says);
    });
  }

  it('may be of no class at all, where every row misses a quasi-identifier', () => {
    const { ledger, seller } = drafted();
    const none = { k: null, uniqueRows: null, smallest: [], leftOut: 10_000 };
    const file = { ...wholeFile, anonymity: { ...anonymity, ...none } };
    ledger.accept(stateProfile, seller, { listingId, ...file });
  });

  it('may say that a criterion is not measurable, where the listing says 0', () => {
    const listed = { ...facts.quality, timeliness: 0 };
    const { ledger, seller } = drafted({ quality: listed });
    const open = { ...wholeFile, quality: { ...quality, timeliness: null } };
    ledger.accept(stateProfile, seller, { listingId, ...open });
  });
});
