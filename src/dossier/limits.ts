/** What no dossier can show, in sentences of a report. */

const alwaysBefore: readonly string[] = [
  'That the data are authentic, lawful or of worth: the ledger holds only digests of them and ' +
    'what parties signed about them.',
  'That a file was sent, opened or compared: the seller signs what it delivered and the buyer that ' +
    'it accepts; no record says whether the buyer’s machine checked anything.',
  'That money moved: the settlement bank signs what it took in and paid out.',
  'Whose the operator is: genesis states no owner for it.',
  'That nobody was shown another history: one block signer signs the checkpoint, or more than two ' +
    'thirds of validators commit to it, and no outside witness has cosigned it.',
  'What came after the checkpoint: a later revocation, suspension or dispute. Compare its height ' +
    'with the chain’s present one, or ask for a newer dossier.',
];

const unnumbered =
  'What came between two steps that are here and led back to where it began, of a record that began ' +
  'before machine version 2: a suspension that was lifted, an earlier offer, a review that failed ' +
  'before the next. Its first events carry no number by which a gap would show.';

const alwaysAfter: readonly string[] = [
  'Records that none here names, such as a cancelled job.',
  'That a compute job was evaluated at all, or on the registered rows: each worker states a digest ' +
    'that the next one can read before it states its own, and the seller decrypts the totals.',
  'What a valuation’s inputs, a column’s meaning or a document are worth: their makers wrote them.',
];

/** @param isWhole whether of every record that is told here each event is, by their numbers (C17) */
export const limitsOf = (isWhole: boolean): readonly string[] => [
  ...alwaysBefore,
  ...(isWhole ? [] : [unnumbered]),
  ...alwaysAfter,
];
