/** Results on standard output: for people, or as JSON for programs. */

/** Left-aligned columns, two spaces apart; empty where there are no rows. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
    }
  }
  return rows.map((row) => `${tableLine(row, widths)}\n`).join('');
}

const tableLine = (row: readonly string[], widths: readonly number[]): string =>
  row
    .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - displayWidth(cell)))
    .join('  ')
    .trimEnd();

/** Terminal columns: a Chinese character takes two. */
const displayWidth = (cell: string): number =>
  [...cell].reduce((width, character) => width + (wide.test(character) ? 2 : 1), 0);

const wide = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\uff60]/;

/** Name and value per line; nested values as indented JSON. */
export function fields(value: Readonly<Record<string, unknown>>): string {
  return table(Object.entries(value).map(([name, item]) => [name, cellOf(item)]));
}

/** One line of any value, with what would steer a terminal made visible. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return printable(typeof value === 'string' ? value : JSON.stringify(value, bigintAsText));
}

const bigintAsText = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

/** What others wrote may hold escape sequences: they are shown, not obeyed. */
export const printable = (text: string): string =>
  text.replace(
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Two columns to the right, but for empty lines. */
export const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

export const print = (text: string): void => {
  process.stdout.write(text);
};

/** One JSON document on one line. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, bigintAsText)}\n`);
};

/** Remarks that are no result go to standard error, so that output can be piped. */
export const remark = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Resolves when standard output has taken what was printed. Rejects where nobody reads it. */
export const printed = (): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write('', (error) => (error ? reject(error) : resolve()));
  });
