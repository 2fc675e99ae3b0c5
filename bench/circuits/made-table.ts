/** Rows by state, year and size: the same in every run, and enough for a sample of so many rows with k 5. */
export const madeTable = (sampleRows: number): string[][] =>
  Array.from({ length: 4 * sampleRows }, (_, row) => [
    `state ${(row * row) % 11}`,
    String(1990 + ((row * 7) % 5)),
    row % 97 === 0 ? 'large' : 'small',
  ]);
