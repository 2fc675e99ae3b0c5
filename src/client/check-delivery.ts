/** What the buyer's own machine checks of a delivery before it accepts. */
import { compareText } from '../base/bytes.ts';
import type { Anonymity } from '../data/anonymity/anonymity.ts';
import type { Verdict } from '../data/difference.ts';
import { differenceSentence } from '../data/difference-text.ts';
import { plainColumn, type TableDescription } from '../data/description/table.ts';
import {
  checkAgainstRegistration,
  checkAgainstVersion1,
  type CheckOptions,
} from '../data/shell/check.ts';
import { asVersion2, type RegisteredFingerprint } from '../data/shell/read-registration.ts';
import { TableFault } from '../data/table-fault.ts';
import type { SampleSize } from '../base/rules.ts';
import type { Listing, ListingProfile } from '../listing/schema.ts';
import type { DeliveryOpening } from './delivery-package.ts';
import { commitmentHex, sizeOfSample } from './listed-sample.ts';
import { sampleColumn } from './sample-rows.ts';

/** The ground on which a dispute can rest, as `trading.reject-delivery` names it; null: in order. */
export type DeliveryFault =
  'FINGERPRINT_MISMATCH' | 'PROOF_COMMITMENT_MISMATCH' | 'QUALITY_BELOW_REPORT' | null;

export interface DeliveryCheck {
  readonly fault: DeliveryFault;
  /** Of the file with the registered fingerprint: what differs, by which version, what is not covered. */
  readonly verdict: Verdict;
  readonly detail: string;
}

export interface Delivered {
  /** Path of the file. */
  readonly file: string;
  readonly opening: DeliveryOpening;
  readonly registered: RegisteredFingerprint;
  readonly listing: Listing;
  /** That the rules list: rows and k of the listing's sample are one of them. */
  readonly sizes: readonly SampleSize[];
  /** What was stated of the whole file of the traded revision; null where nothing was. */
  readonly profile: ListingProfile | null;
}

/**
 * Compares a delivered file with the registered fingerprint, recomputes the commitment that was proved of
 * the sample, and measures again how far the rows of the whole file can be told apart. Throws OperationalError
 * INPUT_FILE, DATA_ROOM, CANCELLED, SAMPLE_NOT_ADMITTED.
 */
export async function checkDelivery(
  delivered: Delivered,
  options: CheckOptions = {},
): Promise<DeliveryCheck> {
  const verdict = await compareTable(delivered, options);
  const { difference, notCovered } = verdict;
  if (!verdict.agrees) {
    const detail = difference ? differenceSentence(difference) : 'The table is another.';
    return { fault: 'FINGERPRINT_MISMATCH', verdict, detail };
  }
  if (!(await opensSample(delivered))) {
    const detail = 'The sample’s rows do not open the commitment that was proved.';
    return { fault: 'PROOF_COMMITMENT_MISMATCH', verdict, detail };
  }
  const other = otherAnonymity(delivered, verdict.anonymity);
  if (other !== null) return { fault: 'QUALITY_BELOW_REPORT', verdict, detail: other };
  const more = notCovered.length === 0 ? '' : ` Not covered: ${notCovered.join('; ')}.`;
  return { fault: null, verdict, detail: `Every row and the proved sample are in order.${more}` };
}

async function compareTable(
  { file, opening, registered }: Delivered,
  options: CheckOptions,
): Promise<Verdict> {
  if (opening.version === 1) {
    if (registered.version === 1) {
      return checkAgainstVersion1(file, registered.fingerprint, opening.tableSalt, options);
    }
    return disagreement(
      'the delivery brings an opening of version 1, and version 2 is registered.',
    );
  }
  const { table } = opening;
  const fingerprint =
    registered.version === 2
      ? registered.fingerprint
      : asVersion2(registered.fingerprint, table.table);
  try {
    return await checkAgainstRegistration(file, fingerprint, table, options);
  } catch (error) {
    if (!(error instanceof TableFault)) throw error;
    return disagreement(`the delivery’s opening ${error.message}`);
  }
}

const disagreement = (detail: string): Verdict => ({
  agrees: false,
  difference: { kind: 'UNREADABLE', detail, line: null, column: null },
  version: 2,
  notCovered: [],
  anonymity: null,
});

/** Where the whole file is not what the listing states of it; null where it is, or nothing can be compared. */
function otherAnonymity({ profile }: Delivered, found: Anonymity | null): string | null {
  if (profile === null || found === null) return null;
  const stated = profile.anonymity;
  const sorted = (names: readonly string[]): string => [...names].sort(compareText).join(', ');
  if (sorted(stated.columns) !== sorted(found.columns)) {
    return (
      `The listing’s statement is over ${sorted(stated.columns) || 'no column'}; the registered ` +
      `description tags ${sorted(found.columns) || 'none'}.`
    );
  }
  const [told, measured] = [stated, found].map(anonymityText);
  return told === measured
    ? null
    : `The listing states of the whole file ${told}; it has ${measured}.`;
}

const anonymityText = ({
  k,
  uniqueRows,
  leftOut,
  smallest,
}: ListingProfile['anonymity'] | Anonymity) =>
  `k ${k ?? 'none'}, ${uniqueRows ?? 'no'} unique rows, ${leftOut} left out, smallest classes ` +
  (smallest.map(({ rows, classes }) => `${classes} of ${rows}`).join(', ') || 'none');

async function opensSample({ file, opening, listing, sizes }: Delivered): Promise<boolean> {
  const { sample } = opening;
  if (sample === null) return listing.sampleProof === null;
  const { rows, salt } = sample;
  const size = sizeOfSample(sizes, listing.sample);
  if (rows.length !== size.rows || new Set(rows).size !== rows.length) return false;
  const columns = listing.sample.quasiIdentifiers;
  const table = opening.version === 2 ? opening.table.table : asListed(listing);
  const part = opening.version === 2 ? (opening.table.file?.part ?? null) : null;
  try {
    const column = await sampleColumn({ path: file, table, part, columns }, rows);
    if (column === null) return false;
    return commitmentHex(size, salt, column) === listing.sample.commitment;
  } catch (error) {
    if (error instanceof TableFault) return false;
    throw error;
  }
}

/** What version 1 knew of a table: names, and nothing that is missing. */
const asListed = ({ columns }: Listing): TableDescription => ({
  columns: columns.map(({ name }) => ({ ...plainColumn(name), missing: [] })),
});
