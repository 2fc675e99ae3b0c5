/** What it costs to try one passphrase against a stolen key file. */
export interface PassphraseCost {
  /** Passes over the memory. */
  readonly operations: number;
  readonly memoryBytes: number;
}

/** libsodium's MODERATE: 256 MiB and roughly a second. For keys on the disk of a person's machine. */
export const moderateCost: PassphraseCost = { operations: 3, memoryBytes: 268_435_456 };

/** The least that Argon2id takes: protects nothing. For tests and throw-away demonstrations. */
export const leastCost: PassphraseCost = { operations: 1, memoryBytes: 8192 };

const operationsMax = 16;
const memoryBytesMax = 1_073_741_824;

/** Bounds on what a file may ask for, so that opening a forged one cannot exhaust the machine. */
export const isAcceptableCost = ({ operations, memoryBytes }: PassphraseCost): boolean =>
  Number.isSafeInteger(operations) &&
  Number.isSafeInteger(memoryBytes) &&
  operations >= leastCost.operations &&
  operations <= operationsMax &&
  memoryBytes >= leastCost.memoryBytes &&
  memoryBytes <= memoryBytesMax;
