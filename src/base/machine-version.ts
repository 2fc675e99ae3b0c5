/**
 * M-130: the rules of the machine have a number. A chain begins with version 1 and goes up by one at a height
 * that it has decided itself, so that its old blocks are executed by the rules of their own height, for ever.
 * A rule that changes what a block comes to has its row here and asks `ledger.machineVersion`.
 */
export const sinceMachineVersion = {
  /** A compute job's preset and bounds are checked as its workers check them (`privacy/jobs`). */
  computeBounds: 2,
  /** A registration's table by version 2 of the fingerprint: `rights.state-table`. */
  statedTables: 2,
  /**
   * Every tagged column is in the sample's statement, people have quasi-identifiers, and what the whole
   * file comes to is stated: `listing.state-profile`.
   */
  wholeFileProfiles: 2,
  /** A rule pack lists the sizes of samples, by rows of the file (`base/sample-sizes`). */
  sampleSizes: 2,
  /** Names, owners, roles and sealing keys change, and lost keys are recovered (`identity`). */
  livingOrganisations: 2,
  /** Each event carries its number and the digest of its record before (M-134, `base/linked-record`). */
  linkedEvents: 2,
  /** A licence's term begins when it becomes active; one that ran out before a delivery refunds (`trading`). */
  termFromActivation: 2,
  /** What is offered free is traded at the price 0, without an escrow (`trading`). */
  freeTrades: 2,
  /** A listing names only ways of delivery that the exchange has (`listing`). */
  deliveryModesThatWork: 2,
  /** One fingerprint is registered once, as long as that registration is not ended (`rights`). */
  oneFingerprintOnce: 2,
  /** What a settlement owes is paid out by a deadline, or the bank is in default (`trading`). */
  payOutDeadline: 2,
  /** Rule packs and calendar years can be decided on, and hold from a height on (`governance`). */
  rulesDecided: 2,
  /** A working-day period that ends beyond the calendar is provisional (`governance/provisional.ts`). */
  provisionalDeadlines: 2,
} as const;

/** The highest version whose rules this program knows; by nothing else may it execute a block of a higher one. */
export const machineVersionMax = 2;
