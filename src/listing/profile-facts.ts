import type { Listing, WholeFile } from './schema.ts';

const criteria = [
  'completeness',
  'accuracy',
  'consistency',
  'regularity',
  'timeliness',
  'accessibility',
] as const;

/**
 * Where a profile contradicts the listing, its registration or itself, as a JSON pointer and a
 * sentence; null where it does not. It says nothing of whether the figures are true.
 */
export function findContradiction(
  facts: WholeFile,
  { quality, sample }: Pick<Listing, 'quality' | 'sample'>,
  rowsRegistered: number,
): string | null {
  if (facts.rows !== rowsRegistered || facts.rows !== quality.rows) {
    return `/rows: ${facts.rows}; ${rowsRegistered} are registered and ${quality.rows} listed.`;
  }
  const other = criteria.find((name) => (facts.quality[name] ?? 0) !== quality[name]);
  if (other !== undefined) {
    return `/quality/${other}: ${facts.quality[other] ?? 'null'}; ${quality[other]} is listed.`;
  }
  const { columns } = facts.anonymity;
  if (columns.join('\n') !== sample.quasiIdentifiers.join('\n')) {
    return `/anonymity/columns: the sample names ${sample.quasiIdentifiers.join(', ') || 'none'}.`;
  }
  return findInClasses(facts);
}

/** The smallest classes make k and the unique rows, and all classes and what is left out the rows. */
function findInClasses({ rows, anonymity }: WholeFile): string | null {
  const { columns, leftOut, k, uniqueRows, smallest } = anonymity;
  const inClasses = columns.length === 0 ? 0 : rows - leftOut;
  if (inClasses < 0 || (columns.length === 0 && leftOut > 0)) {
    return `/anonymity/leftOut: ${leftOut} of ${rows} rows.`;
  }
  const [first] = smallest;
  if ((first === undefined) !== (inClasses === 0)) {
    return `/anonymity/smallest: ${smallest.length} sizes for ${inClasses} rows in classes.`;
  }
  const unordered = smallest.find((size, at) => size.rows <= (smallest[at - 1]?.rows ?? 0));
  if (unordered) return `/anonymity/smallest: ${unordered.rows} does not come after a smaller one.`;
  const told = smallest.reduce((sum, size) => sum + size.rows * size.classes, 0);
  // Fewer sizes than are told at most are all that there are.
  if (told > inClasses || (smallest.length < sizesMax && told !== inClasses)) {
    return `/anonymity/smallest: ${told} rows in these classes, ${inClasses} in all.`;
  }
  if (k !== (first?.rows ?? null)) {
    return `/anonymity/k: ${k ?? 'null'}; the smallest class has ${first?.rows ?? 'no'} rows.`;
  }
  const alone = first === undefined ? null : first.rows === 1 ? first.classes : 0;
  if (uniqueRows === alone) return null;
  return `/anonymity/uniqueRows: ${uniqueRows ?? 'null'}; ${alone ?? 'null'} by the smallest class.`;
}

const sizesMax = 5;
