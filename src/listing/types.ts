import { isOfPerson } from '../base/columns.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success, type Outcome, type ResultCode } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import type { RulePack } from '../base/rules.ts';
import { neededSize, sampleSizes, sizeNamed } from '../base/sample-sizes.ts';
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
  /** What it would take, in a sentence; the name of the refusal says it all unless there is more. */
  asks?(ledger: Ledger, listing: Listing): string;
}

/** What a policy looks at of a column, listed or described. */
type Tagged = Pick<Column, 'name' | 'sensitivity'> & { readonly meaning: string | null };

/** Columns that the policy counts as quasi-identifiers, in the policy's order. */
export const policyColumns = <Of extends Tagged>(rules: RulePack, columns: readonly Of[]): Of[] =>
  rules.sample.quasiIdentifierMeanings.flatMap((meaning) =>
    columns.filter((column) => column.meaning === meaning),
  );

/** Names of the columns of a sample's statement: the policy's in its order, then what else is tagged. */
export function statementColumns(rules: RulePack, columns: readonly Tagged[]): string[] {
  const policy = policyColumns(rules, columns);
  const others = columns.filter(
    (column) => column.sensitivity === 'QUASI_IDENTIFIER' && !policy.includes(column),
  );
  return [...policy, ...others].map(({ name }) => name);
}

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

/** What the rules of this block ask of the sample of a listing, whose file is the registered one. */
export function sampleAsked(ledger: Ledger, { registrationId, sample }: Listing) {
  const sizes = sampleSizes(ledger.rules, ledger.machineVersion);
  const fileRows = readRegistration(ledger, registrationId)?.fingerprint.rows ?? 0;
  const needed = neededSize(sizes, fileRows);
  const named = sizeNamed(sizes, sample);
  // By version 1 nobody compared a sample with its file.
  const isLate = ledger.machineVersion >= sinceMachineVersion.sampleSizes;
  const fits = named !== null && (!isLate || named.rows <= fileRows);
  return { named, needed, fileRows, isMet: fits && needed !== null && named.rows >= needed.rows };
}

/** The sample that is there, and the one that is needed. */
export function sampleSentence(ledger: Ledger, listing: Listing): string {
  const { needed, fileRows } = sampleAsked(ledger, listing);
  const { circuitId, rows } = listing.sample;
  const { rules } = ledger;
  const asked = needed
    ? `for a file of ${fileRows} rows rule pack ${rules.id} asks for ${needed.circuitId} over ` +
      `${needed.rows} rows, k ${needed.k}, or a larger one of its sizes`
    : `rule pack ${rules.id} has no sample for a file of ${fileRows} rows`;
  return `The sample is ${circuitId} over ${rows} rows; ${asked}.`;
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
    holds: (ledger, listing) => sampleAsked(ledger, listing).isMet,
    asks: sampleSentence,
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

/** Refuses with the first that does not hold of a listing on its way to the market. */
export function checkListing(ledger: Ledger, listing: Listing): Outcome {
  const failed = checksAt(ledger).find((check) => !check.holds(ledger, listing));
  if (!failed) return success;
  const asked = failed.asks ? ` ${failed.asks(ledger, listing)}` : '';
  return refuse(failed.result, `Listing ${listing.id}, revision ${listing.revision}.${asked}`);
}

/** Those that are asked by the rules of this block. */
export const checksAt = ({ machineVersion }: Pick<Ledger, 'machineVersion'>): ListingCheck[] =>
  listingChecks.filter(({ since = 1 }) => since <= machineVersion);
