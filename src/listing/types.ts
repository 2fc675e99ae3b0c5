import { isOfPerson } from '../base/columns.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import type { ResultCode } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import type { RulePack } from '../base/rules.ts';
import { isInGoodStanding } from '../identity/state.ts';
import { readRegistration } from '../rights/state.ts';
import { listingResults } from './results.ts';
import type { Column, Listing } from './schema.ts';
import { readProfile } from './state.ts';

/** One thing that must hold of a listing before people review it, and when they pass it. */
export interface ListingCheck {
  /** Kebab-case, stable: stands in the review. */
  readonly name: string;
  /** What a submission is refused with where it does not hold. */
  readonly result: ResultCode;
  /** Before this version of the machine's rules nobody asks; 1 unless it says. */
  readonly since?: number;
  holds(ledger: Ledger, listing: Listing): boolean;
}

/** Columns that the policy counts as quasi-identifiers, in the policy's order. */
export const policyColumns = (rules: RulePack, columns: readonly Column[]): Column[] =>
  rules.sample.quasiIdentifierMeanings.flatMap((meaning) =>
    columns.filter((column) => column.meaning === meaning),
  );

/** The policy's columns are tagged and lead the sample's list; what follows is tagged too. */
function namesQuasiIdentifiers({ rules }: Ledger, { columns, sample }: Listing): boolean {
  const policy = policyColumns(rules, columns);
  const named = sample.quasiIdentifiers;
  const tagged = columns.filter(({ sensitivity }) => sensitivity === 'QUASI_IDENTIFIER');
  return (
    policy.every((column, index) => tagged.includes(column) && named[index] === column.name) &&
    named.every((name) => tagged.some((column) => column.name === name))
  );
}

/** The pack's meanings are a floor: what a seller tags beside them is in the statement too. */
const namesAllTagged = ({ columns, sample }: Listing): boolean =>
  columns.every(
    ({ name, sensitivity }) =>
      sensitivity !== 'QUASI_IDENTIFIER' || sample.quasiIdentifiers.includes(name),
  );

/** Without quasi-identifiers any table is as anonymous as one likes, and nobody has looked. */
const isOfNobody = ({ columns, personalInformation }: Listing): boolean =>
  !personalInformation.contains && !columns.some(({ meaning }) => isOfPerson(meaning));

function keepsForbiddenOut({ rules }: Ledger, { columns, sample }: Listing): boolean {
  const forbidden = columns.filter(({ meaning }) =>
    rules.sample.forbiddenMeanings.includes(meaning),
  );
  return forbidden.every(
    ({ name, sensitivity }) =>
      sensitivity === 'DIRECT_IDENTIFIER' && !sample.quasiIdentifiers.includes(name),
  );
}

/** In order of precedence. */
const listingChecks: readonly ListingCheck[] = [
  {
    name: 'seller-in-good-standing',
    result: listingResults.LISTING_SELLER_STANDING,
    holds: (ledger, { seller }) => isInGoodStanding(ledger, seller),
  },
  {
    name: 'registration-in-force',
    result: listingResults.LISTING_REGISTRATION_NOT_ACTIVE,
    holds: (ledger, { registrationId }) =>
      readRegistration(ledger, registrationId)?.state === 'ACTIVE',
  },
  {
    name: 'right-to-operate',
    result: listingResults.LISTING_RIGHT_MISSING,
    holds(ledger, { registrationId, seller }) {
      const registration = readRegistration(ledger, registrationId);
      return registration?.applicant === seller && registration.rights.operate;
    },
  },
  {
    name: 'level-tradable',
    result: listingResults.LISTING_LEVEL_UNTRADABLE,
    holds: (_ledger, { level }) => level === 'GENERAL',
  },
  {
    name: 'legal-opinion-valid',
    result: listingResults.LISTING_LEGAL_OPINION_MISSING,
    holds: ({ rules, timeMs }, { legalOpinion }) =>
      legalOpinion ? legalOpinion.validUntilMs >= timeMs : !rules.review.legalOpinionRequired,
  },
  {
    name: 'sample-as-policy',
    result: listingResults.LISTING_SAMPLE_POLICY,
    holds: ({ rules }, { sample }) =>
      sample.circuitId === rules.sample.circuitId && sample.rows === rules.sample.rows,
  },
  {
    name: 'quasi-identifiers-named',
    result: listingResults.LISTING_QUASI_IDENTIFIER_MISSING,
    holds: namesQuasiIdentifiers,
  },
  {
    name: 'quasi-identifiers-all-named',
    result: listingResults.LISTING_QUASI_IDENTIFIER_MISSING,
    since: sinceMachineVersion.wholeFileProfiles,
    holds: (_ledger, listing) => namesAllTagged(listing),
  },
  {
    name: 'people-have-quasi-identifiers',
    result: listingResults.LISTING_QUASI_IDENTIFIERS_NONE,
    since: sinceMachineVersion.wholeFileProfiles,
    holds: (_ledger, listing) => listing.sample.quasiIdentifiers.length > 0 || isOfNobody(listing),
  },
  {
    name: 'direct-identifiers-kept-out',
    result: listingResults.LISTING_FORBIDDEN_MEANING,
    holds: keepsForbiddenOut,
  },
  {
    name: 'sample-proved',
    result: listingResults.LISTING_SAMPLE_UNPROVED,
    holds: (_ledger, { sampleProof }) => sampleProof !== null,
  },
  {
    name: 'whole-file-profiled',
    result: listingResults.LISTING_PROFILE_MISSING,
    since: sinceMachineVersion.wholeFileProfiles,
    holds: (ledger, listing) => readProfile(ledger, listing) !== null,
  },
];

/** Those that are asked by the rules of this block. */
export const checksAt = ({ machineVersion }: Pick<Ledger, 'machineVersion'>): ListingCheck[] =>
  listingChecks.filter(({ since = 1 }) => since <= machineVersion);
