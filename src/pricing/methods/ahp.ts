import { refuse, successWith, type Outcome } from '../../base/result.ts';
import { compare, floor, multiply, one, rational, zero, type Rational } from '../rational.ts';
import { pricingResults } from '../results.ts';

/** Weights, λ and CR are integers in units of 10^-12, rounded down. */
export const ahpScale = 10n ** 12n;

export interface AhpWeights {
  /** One per criterion. */
  readonly weights: readonly bigint[];
  /** Principal eigenvalue λ. */
  readonly eigenvalue: bigint;
  readonly consistencyRatio: bigint;
}

/** Random index RI by the number of criteria, in hundredths (Saaty 1980). */
const randomIndex: readonly bigint[] = [0n, 0n, 0n, 58n, 90n, 112n, 124n, 132n, 141n, 145n];
const criteriaMax = 9;

/** Digits carried through the iteration, and steps: part of the method, as the result hangs on it. */
const workingScale = 10n ** 40n;
const steps = 128;

/**
 * Weights of the analytic hierarchy process: the principal eigenvector of a matrix of pairwise
 * comparisons, by 128 steps of power iteration in fixed point of 40 digits, rounding down.
 * @param matrix 1 to 9 criteria; positive, reciprocal, with ones on the diagonal
 * @returns PRICING_MATRIX_INVALID; PRICING_MATRIX_INCONSISTENT where CR >= 0.1
 */
export function ahpWeights(matrix: readonly (readonly Rational[])[]): Outcome<AhpWeights> {
  const size = matrix.length;
  const invalid = findInvalid(matrix);
  if (invalid !== null) return refuse(pricingResults.PRICING_MATRIX_INVALID, invalid);
  const scaled = matrix.map((row) =>
    row.map((entry) => floor(multiply(entry, rational(workingScale)))),
  );
  let weights = scaled.map(() => workingScale / BigInt(size));
  let eigenvalue = 0n;
  for (let step = 0; step < steps; step += 1) {
    const image = scaled.map((row) => dot(row, weights) / workingScale);
    eigenvalue = image.reduce((sum, entry) => sum + entry, 0n);
    const total = eigenvalue;
    weights = image.map((entry) => (entry * workingScale) / total);
  }
  const consistencyRatio = ratioOf(eigenvalue, size);
  if (consistencyRatio * 10n >= ahpScale) {
    return refuse(
      pricingResults.PRICING_MATRIX_INCONSISTENT,
      `CR is ${consistencyRatio} in units of 10^-12; it must be below ${ahpScale / 10n}.`,
    );
  }
  const published = (value: bigint): bigint => (value * ahpScale) / workingScale;
  return successWith({
    weights: weights.map(published),
    eigenvalue: published(eigenvalue),
    consistencyRatio,
  });
}

const dot = (left: readonly bigint[], right: readonly bigint[]): bigint =>
  left.reduce((sum, entry, index) => sum + entry * (right[index] ?? 0n), 0n);

/** CR = CI/RI with CI = (λ − n)/(n − 1); of one or two criteria every comparison is consistent. */
function ratioOf(eigenvalue: bigint, size: number): bigint {
  const index = randomIndex[size] ?? 0n;
  const excess = eigenvalue - BigInt(size) * workingScale;
  if (index === 0n || excess <= 0n) return 0n;
  return (excess * ahpScale * 100n) / (BigInt(size - 1) * index * workingScale);
}

/** What is wrong with the matrix, or null. */
function findInvalid(matrix: readonly (readonly Rational[])[]): string | null {
  const size = matrix.length;
  if (size < 1 || size > criteriaMax) return `${size} criteria; 1 to ${criteriaMax} may be.`;
  for (const [index, row] of matrix.entries()) {
    if (row.length !== size) return `Row ${index} has ${row.length} entries, not ${size}.`;
    for (const [column, entry] of row.entries()) {
      if (compare(entry, zero) <= 0) return `Entry ${index}, ${column} is not positive.`;
      const mirrored = matrix[column]?.[index];
      if (!mirrored || compare(multiply(entry, mirrored), one) !== 0) {
        return `Entries ${index}, ${column} and ${column}, ${index} are not reciprocal.`;
      }
    }
  }
  return null;
}
