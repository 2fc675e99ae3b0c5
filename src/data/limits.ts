/** Bounds on what a table may be: each is named by the refusal that it leads to. */
export const limits = {
  /** As a registration holds at most. */
  columns: 10_000,
  /** As a registration holds at most. */
  rows: 1_000_000_000,
  /** Bytes of one row in UTF-8, line ends within quotes included. */
  rowBytes: 2 ** 24,
  /** Bytes from which a dialect is proposed. */
  sniffedBytes: 2 ** 18,
} as const;
