import { baseFieldOrder, scalarFieldOrder } from '../verifier/field.ts';
import { writeLittleEndian, writeSections } from './binary-sections.ts';
import { visitCoefficients, type R1cs } from './r1cs.ts';

/** Affine points in Montgomery form, little-endian, one after another; infinity is zero bytes. */
export interface ZkeyPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
  readonly ic: Uint8Array;
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
  readonly c: Uint8Array;
  readonly h: Uint8Array;
}

const groth16 = 1;
/** Circuit hash of 64 zero bytes and no contributions: there was no phase 2. */
const noContributions = new Uint8Array(68);

/** A Groth16 proving key in the zkey format, version 1, as snarkjs 0.7 and rapidsnark read it. */
export function encodeZkey(r1cs: R1cs, domainSize: number, points: ZkeyPoints): Uint8Array {
  return writeSections('zkey', 1, [
    [1, Uint8Array.of(groth16, 0, 0, 0)],
    [2, encodeHeader(r1cs, domainSize, points)],
    [3, points.ic],
    [4, encodeCoefficients(r1cs)],
    [5, points.a],
    [6, points.b1],
    [7, points.b2],
    [8, points.c],
    [9, points.h],
    [10, noContributions],
  ]);
}

function encodeHeader(r1cs: R1cs, domainSize: number, points: ZkeyPoints): Uint8Array {
  const { alpha1, beta1, beta2, gamma2, delta1, delta2 } = points;
  const keys = [alpha1, beta1, beta2, gamma2, delta1, delta2];
  const header = new Uint8Array(84 + keys.reduce((sum, key) => sum + key.length, 0));
  const view = new DataView(header.buffer);
  view.setUint32(0, 32, true);
  writeLittleEndian(view, 4, baseFieldOrder);
  view.setUint32(36, 32, true);
  writeLittleEndian(view, 40, scalarFieldOrder);
  view.setUint32(72, r1cs.signalCount, true);
  view.setUint32(76, r1cs.publicCount, true);
  view.setUint32(80, domainSize, true);
  let offset = 84;
  for (const key of keys) {
    header.set(key, offset);
    offset += key.length;
  }
  return header;
}

const coefficientLength = 44;

/** A and B only; the values carry the factor 2^512 that the prover's two reductions remove. */
function encodeCoefficients(r1cs: R1cs): Uint8Array {
  const publicRows = r1cs.publicCount + 1;
  let count = publicRows;
  visitCoefficients(r1cs, (_constraint, side) => {
    if (side !== 2) count += 1;
  });
  const section = new Uint8Array(4 + count * coefficientLength);
  const view = new DataView(section.buffer);
  view.setUint32(0, count, true);
  const factor = (1n << 512n) % scalarFieldOrder;
  let offset = 4;
  const write = (side: number, constraint: number, signal: number, value: bigint): void => {
    view.setUint32(offset, side, true);
    view.setUint32(offset + 4, constraint, true);
    view.setUint32(offset + 8, signal, true);
    writeLittleEndian(view, offset + 12, (value * factor) % scalarFieldOrder);
    offset += coefficientLength;
  };
  visitCoefficients(r1cs, (constraint, side, signal, value) => {
    if (side !== 2) write(side, constraint, signal, value);
  });
  for (let signal = 0; signal < publicRows; signal += 1) {
    write(0, r1cs.constraintCount + signal, signal, 1n);
  }
  return section;
}
