import { assert } from '../../../base/assert.ts';
import { compareBytes } from '../../../base/bytes.ts';
import { encodeCbor } from '../../../base/cbor.ts';
import { refuse, successWith, type Outcome } from '../../../base/result.ts';
import { zkResults } from '../results.ts';
import type { KAnonymityParameters } from './k-anonymity.ts';

interface EquivalenceClass {
  readonly key: Uint8Array;
  /** Row indices in the table, ascending. */
  readonly rows: number[];
}

/**
 * Chooses `rows` rows of a table and orders them so that each equivalence class among them has at
 * least k rows, its rows neighbours. The same table gives the same choice everywhere.
 *
 * Classes of k rows or more are taken whole, in byte order of their canonical CBOR, until the rows
 * are used up. Where the last class would be cut below k, it still gets k, and the classes before
 * it, from the last backwards, give up rows above their own k. Where they have too few to give up,
 * the largest classes are chosen instead (ties in byte order) and again put in byte order.
 *
 * The refusal is exact: m classes can give any number of rows from m·k to their total, and the m
 * largest have the largest total.
 *
 * @param table the quasi-identifier of each row, as quasiIdentifierElement takes it
 * @returns indices into the table, in the order for the column
 */
export function selectAnonymousRows(
  table: readonly (readonly string[])[],
  parameters: KAnonymityParameters,
): Outcome<number[]> {
  const { rows, k } = parameters;
  assert(k >= 1 && rows >= k, 'at least k rows are asked for');
  const classes = largeClasses(table, k);
  const chosen = chooseClasses(classes, rows, k);
  if (chosen === undefined) {
    const available = classes.reduce((sum, { rows: members }) => sum + members.length, 0);
    return refuse(
      zkResults.ZK_SELECTION_IMPOSSIBLE,
      `${rows} rows with k ${k} from ${classes.length} classes of at least k, ${available} rows`,
    );
  }
  return successWith(takeRows(chosen, rows, k));
}

function largeClasses(table: readonly (readonly string[])[], k: number): EquivalenceClass[] {
  const classes = new Map<string, EquivalenceClass>();
  for (const [row, quasiIdentifier] of table.entries()) {
    const name = JSON.stringify(quasiIdentifier);
    const found = classes.get(name);
    if (found === undefined) classes.set(name, { key: encodeCbor(quasiIdentifier), rows: [row] });
    else found.rows.push(row);
  }
  return [...classes.values()]
    .filter(({ rows }) => rows.length >= k)
    .sort((left, right) => compareBytes(left.key, right.key));
}

/** The first classes in byte order that suffice, else the largest ones that do, else none. */
function chooseClasses(
  classes: readonly EquivalenceClass[],
  rows: number,
  k: number,
): readonly EquivalenceClass[] | undefined {
  const bySize = [...classes].sort((left, right) => right.rows.length - left.rows.length);
  return sufficientPrefix(classes, rows, k) ?? sufficientPrefix(bySize, rows, k);
}

function sufficientPrefix(
  classes: readonly EquivalenceClass[],
  rows: number,
  k: number,
): readonly EquivalenceClass[] | undefined {
  let total = 0;
  for (const [index, { rows: members }] of classes.entries()) {
    const count = index + 1;
    if (count * k > rows) return undefined;
    total += members.length;
    if (total >= rows) return classes.slice(0, count);
  }
  return undefined;
}

/** Gives each class k rows, then fills the classes from the first on. Sum of sizes ≥ rows ≥ m·k. */
function takeRows(chosen: readonly EquivalenceClass[], rows: number, k: number): number[] {
  const inOrder = [...chosen].sort((left, right) => compareBytes(left.key, right.key));
  let spare = rows - inOrder.length * k;
  const taken: number[] = [];
  for (const { rows: members } of inOrder) {
    const more = Math.min(spare, members.length - k);
    spare -= more;
    taken.push(...members.slice(0, k + more));
  }
  assert(spare === 0 && taken.length === rows, 'the chosen classes hold exactly enough rows');
  return taken;
}
