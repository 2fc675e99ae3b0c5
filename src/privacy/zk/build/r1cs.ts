import { scalarFieldOrder } from '../verifier/field.ts';
import { readLittleEndian, readSections } from './binary-sections.ts';

/** The header of a rank-1 constraint system in the iden3 format, version 1. */
export interface R1cs {
  /** Number of signals with the constant 1, which is signal 0; publics follow it. */
  readonly signalCount: number;
  /** Outputs, then public inputs. */
  readonly publicCount: number;
  readonly constraintCount: number;
  readonly constraints: Uint8Array;
}

/** Which side of ⟨A,w⟩ · ⟨B,w⟩ = ⟨C,w⟩ a coefficient stands on. */
export type Side = 0 | 1 | 2;

export function readR1cs(file: Uint8Array): R1cs {
  const sections = readSections(file, 'r1cs', 1);
  const header = sections.get(1);
  const constraints = sections.get(2);
  if (header === undefined || constraints === undefined) {
    throw new RangeError('the r1cs file has no header or no constraints');
  }
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== 32 || readLittleEndian(view, 4) !== scalarFieldOrder) {
    throw new RangeError('the r1cs file is not over the scalar field of BN254');
  }
  return {
    signalCount: view.getUint32(36, true),
    publicCount: view.getUint32(40, true) + view.getUint32(44, true),
    constraintCount: view.getUint32(60, true),
    constraints,
  };
}

/**
 * Visits each coefficient in file order without building objects: the 512-row circuit has about
 * 620,000 of them.
 */
export function visitCoefficients(
  r1cs: R1cs,
  visit: (constraint: number, side: Side, signal: number, coefficient: bigint) => void,
): void {
  const { buffer, byteOffset, byteLength } = r1cs.constraints;
  const view = new DataView(buffer, byteOffset, byteLength);
  let offset = 0;
  for (let constraint = 0; constraint < r1cs.constraintCount; constraint += 1) {
    for (const side of [0, 1, 2] as const) {
      const terms = view.getUint32(offset, true);
      offset += 4;
      for (let term = 0; term < terms; term += 1) {
        visit(constraint, side, view.getUint32(offset, true), readLittleEndian(view, offset + 4));
        offset += 36;
      }
    }
  }
}
