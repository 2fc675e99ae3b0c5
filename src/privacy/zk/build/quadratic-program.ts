import { invertModulo, scalarFieldOrder as r } from '../verifier/field.ts';
import { visitCoefficients, type R1cs } from './r1cs.ts';

/** Each signal's polynomials of the QAP at τ, indexed by signal. */
export interface ProgramAtTau {
  readonly domainSize: number;
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
  readonly c: readonly bigint[];
  /** Lagrange polynomials of the doubled domain at τ, at its odd indices: the basis of h. */
  readonly odd: readonly bigint[];
}

/**
 * Evaluates the quadratic arithmetic program at τ in the layout that snarkjs proves with: a row
 * signal_s · 0 = 0 for each public signal and the constant follows the constraints, which makes the
 * public polynomials independent; h is given by its values on the odd half of the doubled domain.
 * @param rootOfUnity (log2 of size) => the generator of that domain, the transform's own choice
 */
export function programAtTau(
  r1cs: R1cs,
  tau: bigint,
  rootOfUnity: (logarithm: number) => bigint,
): ProgramAtTau {
  const logarithm = Math.ceil(Math.log2(r1cs.constraintCount + r1cs.publicCount + 1));
  const domainSize = 2 ** logarithm;
  const lagrange = lagrangeAt(tau, domainSize, rootOfUnity(logarithm));
  const sums = [0, 1, 2].map(() => new Array<bigint>(r1cs.signalCount).fill(0n));
  visitCoefficients(r1cs, (constraint, side, signal, coefficient) => {
    const sum = sums[side] as bigint[];
    sum[signal] = ((sum[signal] as bigint) + coefficient * (lagrange[constraint] as bigint)) % r;
  });
  const [a, b, c] = sums as [bigint[], bigint[], bigint[]];
  for (let signal = 0; signal <= r1cs.publicCount; signal += 1) {
    const row = lagrange[r1cs.constraintCount + signal] as bigint;
    a[signal] = ((a[signal] as bigint) + row) % r;
  }
  const doubled = lagrangeAt(tau, 2 * domainSize, rootOfUnity(logarithm + 1));
  return { domainSize, a, b, c, odd: doubled.filter((_, index) => index % 2 === 1) };
}

/** L_i(τ) = ωⁱ/n · (τⁿ − 1)/(τ − ωⁱ), with one inversion for all (Montgomery's trick). */
function lagrangeAt(tau: bigint, size: number, root: bigint): bigint[] {
  const powers: bigint[] = [];
  const prefixes: bigint[] = [];
  let [power, product] = [1n, 1n];
  for (let index = 0; index < size; index += 1) {
    powers.push(power);
    prefixes.push(product);
    product = (product * (tau - power + r)) % r;
    power = (power * root) % r;
  }
  let vanishing = tau;
  for (let length = 1; length < size; length *= 2) vanishing = (vanishing * vanishing) % r;
  const scale = ((vanishing - 1n + r) * invertModulo(BigInt(size), r)) % r;
  let inverse = invertModulo(product, r);
  const values = new Array<bigint>(size);
  for (let index = size - 1; index >= 0; index -= 1) {
    const point = powers[index] as bigint;
    const inverted = (inverse * (prefixes[index] as bigint)) % r;
    inverse = (inverse * (tau - point + r)) % r;
    values[index] = (((scale * point) % r) * inverted) % r;
  }
  return values;
}
