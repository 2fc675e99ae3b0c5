/** How far rows can be told apart: of the sample, which is proved, and of the whole file, which is stated. */
import { isOfPerson } from '../../base/columns.ts';
import type { Listing, ListingProfile } from '../../listing/schema.ts';

/** Why the statement of a sample says less than a reader thinks; null where it does not. */
export function statementGap({ columns, sample, personalInformation }: Listing): string | null {
  const named = sample.quasiIdentifiers;
  const leftOut = columns.filter(
    ({ name, sensitivity }) => sensitivity === 'QUASI_IDENTIFIER' && !named.includes(name),
  );
  if (leftOut.length > 0) {
    const names = leftOut.map(({ name }) => name).join(', ');
    return `its seller tags quasi-identifiers that the statement leaves out: ${names}`;
  }
  const isOfPeople =
    personalInformation.contains || columns.some(({ meaning }) => isOfPerson(meaning));
  return named.length === 0 && isOfPeople
    ? 'the rows are about people, and the statement is over no column at all'
    : null;
}

/**
 * @param profile of the traded revision; null where none is here
 * @param k of the sample, at least
 */
export function anonymityFacts(
  { sample }: Listing,
  profile: ListingProfile | null,
  k: number,
): string[] {
  const columns = sample.quasiIdentifiers;
  const over =
    columns.length === 0
      ? 'over no column: none is stated to be a quasi-identifier, so that k says nothing'
      : `over ${columns.join(', ')}`;
  return [
    `the sample: ${sample.rows} rows, k at least ${k}, ${over}`,
    profile === null
      ? 'the whole file: nothing is stated of its k here'
      : `the whole file, as ${profile.seller} measured it: ${wholeFileText(profile)}`,
  ];
}

function wholeFileText({ rows, anonymity }: ListingProfile): string {
  const { columns, leftOut, k, uniqueRows, smallest } = anonymity;
  if (columns.length === 0) return `${rows} rows, no quasi-identifiers, so that k says nothing`;
  const missing =
    `${leftOut} of ${rows} rows miss a quasi-identifier and are left out ` +
    `(${percent(leftOut, rows)} %)`;
  if (k === null) return `no row is in a class; ${missing}`;
  const sizes = smallest.map(({ rows: size, classes }) => `${classes} of ${size}`).join(', ');
  return `k ${k}, ${uniqueRows ?? 0} of ${rows} rows unique, smallest classes ${sizes}; ${missing}`;
}

/** Two digits behind the point, rounded down. */
function percent(part: number, whole: number): string {
  const hundredths = (BigInt(part) * 10_000n) / BigInt(whole);
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')}`;
}
