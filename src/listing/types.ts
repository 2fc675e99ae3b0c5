import type { ResultCode } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import type { RulePack } from '../base/rules.ts';
import { isInGoodStanding } from '../identity/state.ts';
import { readRegistration } from '../rights/state.ts';
import { listingResults } from './results.ts';
import type { Column, Listing } from './schema.ts';

/** One thing that must hold of a listing before people review it, and when they pass it. */
export interface ListingCheck {
  /** Kebab-case, stable: stands in the review. */
  readonly name: string;
  /** What a submission is refused with where it does not hold. */
  readonly result: ResultCode;
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
export const listingChecks: readonly ListingCheck[] = [
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
    name: 'direct-identifiers-kept-out',
    result: listingResults.LISTING_FORBIDDEN_MEANING,
    holds: keepsForbiddenOut,
  },
  {
    name: 'sample-proved',
    result: listingResults.LISTING_SAMPLE_UNPROVED,
    holds: (_ledger, { sampleProof }) => sampleProof !== null,
  },
];
