import { dateOfDay, dayOfDate } from '../base/calendar.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import type { Ledger } from '../base/room.ts';
import type { RulePack } from '../base/rules.ts';
import { listingResults } from './results.ts';
import type { ListingFacts } from './schema.ts';

/** Whether YYYY-MM-DD is a day of the Gregorian calendar. */
export function isRealDate(text: string): boolean {
  const [year, month, day] = text.split('-').map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  if (month < 1 || month > 12) return false;
  const found = dateOfDay(dayOfDate(year, month, day));
  return found.year === year && found.month === month && found.day === day;
}

const repeated = (values: readonly string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index);

/** Whether what a seller says of a product is consistent in itself and within the rule pack. */
export function checkFacts(ledger: Ledger, facts: ListingFacts): Outcome {
  for (const check of [checkColumns, checkLists, checkCoverage, checkPersonalInformation]) {
    const outcome = check(facts);
    if (!outcome.ok) return outcome;
  }
  const offer = checkComputeOffer(facts);
  if (!offer.ok) return offer;
  const deliverable = checkDelivery(ledger, facts);
  return deliverable.ok ? checkPrices(ledger.rules, facts) : deliverable;
}

/** Ways of delivery that have a step on the ledger; the others come with theirs. */
const workingModes: readonly string[] = ['FILE', 'COMPUTE'];

/** By version 1 a product could be listed, reviewed and never delivered. */
function checkDelivery({ machineVersion }: Ledger, { delivery }: ListingFacts): Outcome {
  if (machineVersion < sinceMachineVersion.deliveryModesThatWork) return success;
  const without = delivery.find((mode) => !workingModes.includes(mode));
  return without === undefined
    ? success
    : refuse(listingResults.LISTING_DELIVERY_UNAVAILABLE, `/delivery: ${without}.`);
}

function checkColumns({ columns, sample, computeOffer }: ListingFacts): Outcome {
  const names = columns.map(({ name }) => name);
  const twice = repeated(names);
  if (twice !== undefined) {
    return refuse(listingResults.LISTING_COLUMN_REPEATED, `Column ${twice}.`);
  }
  const offered = computeOffer ? [computeOffer.valueColumn, computeOffer.groupColumn] : [];
  const unknown = [...sample.quasiIdentifiers, ...offered].find((name) => !names.includes(name));
  return unknown === undefined
    ? success
    : refuse(listingResults.LISTING_COLUMN_UNKNOWN, `Column ${unknown}.`);
}

function checkLists({ delivery, sample, terms }: ListingFacts): Outcome {
  const lists = [
    delivery,
    sample.quasiIdentifiers,
    terms.purposes,
    terms.permissions,
    terms.territory,
  ];
  const twice = lists.map((values) => repeated(values)).find((value) => value !== undefined);
  return twice === undefined
    ? success
    : refuse(listingResults.LISTING_VALUE_REPEATED, `${twice} is named twice.`);
}

/** ISO dates have one length, so that their text order is their order in time. */
function checkCoverage({ coverage: { from, to } }: ListingFacts): Outcome {
  if (isRealDate(from) && isRealDate(to) && from <= to) return success;
  return refuse(listingResults.LISTING_COVERAGE, `From ${from} to ${to}.`);
}

function checkPersonalInformation({ personalInformation }: ListingFacts): Outcome {
  const { contains, sensitive, peopleCount } = personalInformation;
  if (contains ? peopleCount > 0 : !sensitive && peopleCount === 0) return success;
  return refuse(
    listingResults.LISTING_PERSONAL_INFORMATION,
    contains
      ? 'It is contained, but of no people.'
      : `None is contained, but it is sensitive or of ${peopleCount} people.`,
  );
}

function checkComputeOffer({ computeOffer, columns, delivery }: ListingFacts): Outcome {
  if ((computeOffer !== null) !== delivery.includes('COMPUTE')) {
    return refuse(
      listingResults.LISTING_COMPUTE_OFFER,
      'A compute offer and the delivery mode COMPUTE come together.',
    );
  }
  const grouped = columns.find(({ name }) => name === computeOffer?.groupColumn);
  if (grouped?.sensitivity === 'DIRECT_IDENTIFIER') {
    // Labels of groups are in the clear for workers and buyer.
    const detail = `Column ${grouped.name} is a direct identifier: no groups by it.`;
    return refuse(listingResults.LISTING_COMPUTE_OFFER, detail);
  }
  const summed = columns.find(({ name }) => name === computeOffer?.valueColumn);
  if (!summed || summed.type === 'INTEGER' || summed.type === 'DECIMAL') return success;
  return refuse(
    listingResults.LISTING_COMPUTE_OFFER,
    `Column ${summed.name} is ${summed.type}; needs INTEGER or DECIMAL.`,
  );
}

function checkPrices({ money }: RulePack, { price, computeOffer }: ListingFacts): Outcome {
  const { model, amountFen } = price;
  if ((model === 'FREE') !== (amountFen === 0n)) {
    return refuse(listingResults.LISTING_PRICE, `${model} at ${amountFen} fen.`);
  }
  const highest = [amountFen, computeOffer?.amountFen ?? 0n].find(
    (amount) => amount > money.priceMaxFen,
  );
  return highest === undefined
    ? success
    : refuse(
        listingResults.LISTING_PRICE,
        `${highest} fen; at most ${money.priceMaxFen} fen are allowed.`,
      );
}
