/** How a cell's text is to be read: the forms that a table's description states. */

/** What a form says of a cell. */
export const verdicts = {
  /** It cannot be read so. */
  other: 0,
  /** It can, and is written in another way than the type is written at its best. */
  readable: 1,
  /** It can, and is written so. */
  canonical: 2,
} as const;
export type Verdict = (typeof verdicts)[keyof typeof verdicts];

/** Looks at the bytes from `start` to `end`, which are the UTF-8 of one cell that is not missing. */
export type Form = (bytes: Uint8Array, start: number, end: number) => Verdict;

export const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Where the run of digits that begins at `from` ends. */
export function digitsEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(bytes[at])) at += 1;
  return at;
}
