import { assert } from '../../../base/assert.ts';
import { compareBytes } from '../../../base/bytes.ts';
import { encodeCbor } from '../../../base/cbor.ts';
import { refuse, successWith, type Outcome } from '../../../base/result.ts';
import { zkResults } from '../results.ts';
import type { KAnonymityParameters } from './k-anonymity.ts';

interface EquivalenceClass {
  readonly key: Uint8Array;
  readonly count: number;
  /** Row indices in the table, ascending: the first, as many as a sample can use. */
  readonly rows: readonly number[];
}

/** A class while its rows come. */
interface Gathered {
  count: number;
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
 * Rows are added as they come: memory grows with the number of classes, not of rows.
 */
export class AnonymousRows {
  readonly #rowsMax: number;
  readonly #classes = new Map<string, Gathered>();

  /** @param rowsMax of the largest sample that will be selected */
  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  /**
   * @param row its index in the table, above those before
   * @param quasiIdentifier as quasiIdentifierElement takes it
   */
  add(row: number, quasiIdentifier: readonly string[]): void {
    const name = JSON.stringify(quasiIdentifier);
    const found = this.#classes.get(name);
    if (found === undefined) {
      this.#classes.set(name, { count: 1, rows: [row] });
      return;
    }
    found.count += 1;
    if (found.rows.length < this.#rowsMax) found.rows.push(row);
  }

  /** @returns indices into the table, in the order for the column */
  select({ rows, k }: KAnonymityParameters): Outcome<number[]> {
    assert(k >= 1 && rows >= k, 'at least k rows are asked for');
    assert(rows <= this.#rowsMax, 'as many rows of a class are kept as a sample can use');
    const classes = this.#largeClasses(k);
    const chosen = chooseClasses(classes, rows, k);
    if (chosen !== undefined) return successWith(takeRows(chosen, rows, k));
    const available = classes.reduce((sum, { count }) => sum + count, 0);
    return refuse(
      zkResults.ZK_SELECTION_IMPOSSIBLE,
      `${rows} rows with k ${k} from ${classes.length} classes of at least k, ${available} rows`,
    );
  }

  #largeClasses(k: number): EquivalenceClass[] {
    return [...this.#classes]
      .filter(([, { count }]) => count >= k)
      .map(([name, gathered]) => ({ ...gathered, key: encodeCbor(JSON.parse(name) as string[]) }))
      .sort((left, right) => compareBytes(left.key, right.key));
  }
}

/** The first classes in byte order that suffice, else the largest ones that do, else none. */
function chooseClasses(
  classes: readonly EquivalenceClass[],
  rows: number,
  k: number,
): readonly EquivalenceClass[] | undefined {
  const bySize = [...classes].sort((left, right) => right.count - left.count);
  return sufficientPrefix(classes, rows, k) ?? sufficientPrefix(bySize, rows, k);
}

function sufficientPrefix(
  classes: readonly EquivalenceClass[],
  rows: number,
  k: number,
): readonly EquivalenceClass[] | undefined {
  let total = 0;
  for (const [index, { count }] of classes.entries()) {
    const used = index + 1;
    if (used * k > rows) return undefined;
    total += count;
    if (total >= rows) return classes.slice(0, used);
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
