import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { hashFile } from '../../src/privacy/zk/build/file-hash.ts';
import { loadCircuitEntry } from '../../src/privacy/zk/catalogue.ts';
import { kAnonymityCommitment } from '../../src/privacy/zk/prover/poseidon.ts';
import { scalarFieldOrder as r } from '../../src/privacy/zk/verifier/field.ts';
import {
  calculateWitness,
  coldBuildMs,
  holds,
  readConstraints,
  smallArtefacts,
  smallArtefactsAtO1,
  smallCircuitId,
  smallColumn,
  smallInputs,
  smallParameters,
  type Constraint,
} from '../privacy/zk/small-proof.ts';

type Runs = readonly (readonly [element: bigint, size: number])[];

const columnOf = (runs: Runs): bigint[] =>
  runs.flatMap(([element, size]) => Array.from({ length: size }, () => element));

const satisfied: readonly [name: string, runs: Runs][] = [
  ['one class', [[7n, 16]]],
  [
    'classes of exactly k',
    [
      [1n, 3],
      [2n, 3],
      [3n, 3],
      [4n, 3],
      [5n, 4],
    ],
  ],
  [
    'a last run of exactly k',
    [
      [1n, 13],
      [2n, 3],
    ],
  ],
  [
    'the element 0',
    [
      [0n, 8],
      [1n, 8],
    ],
  ],
  [
    'a class in two runs, each of k',
    [
      [1n, 5],
      [2n, 5],
      [1n, 6],
    ],
  ],
  [
    'r - 1 and r - 5 as two opaque elements',
    [
      [r - 1n, 8],
      [r - 5n, 8],
    ],
  ],
];

const violated: readonly [name: string, runs: Runs][] = [
  [
    'a first class below k',
    [
      [1n, 2],
      [2n, 14],
    ],
  ],
  [
    'a middle class below k',
    [
      [1n, 7],
      [2n, 2],
      [3n, 7],
    ],
  ],
  [
    'a middle class of one row',
    [
      [1n, 7],
      [2n, 1],
      [3n, 8],
    ],
  ],
  [
    'a last run of k - 1',
    [
      [1n, 14],
      [2n, 2],
    ],
  ],
  [
    'a last run of one row',
    [
      [1n, 15],
      [2n, 1],
    ],
  ],
  [
    'a large class whose rows are apart',
    [
      [1n, 2],
      [2n, 6],
      [1n, 2],
      [3n, 6],
    ],
  ],
  ['alternating rows of two classes', Array.from({ length: 16 }, (_, i) => [BigInt(i % 2), 1])],
  ['all rows different', Array.from({ length: 16 }, (_, i) => [BigInt(i), 1])],
  [
    'r - 1 and r - 5 in classes below k',
    [
      [r - 1n, 2],
      [r - 5n, 14],
    ],
  ],
];

describe('circuit KAnonymity(16, 3)', () => {
  let wasmPath: string;
  let r1csPath: string;
  let symPath: string;

  before(async function () {
    this.timeout(coldBuildMs);
    ({ wasmPath, r1csPath, symPath } = await smallArtefacts());
  });

  const publicsOf = async (column: readonly bigint[]): Promise<bigint[]> =>
    (await calculateWitness(wasmPath, { ...smallInputs, column })).slice(1, 3);

  it('compiles to the r1cs that circuits.json pins', async () => {
    const entry = await loadCircuitEntry(smallCircuitId);
    const { r1cs, constraints } = await readConstraints(r1csPath);
    expect(await hashFile(r1csPath)).to.equal(entry.r1csHash);
    expect(constraints.length).to.equal(entry.constraints);
    expect(r1cs.publicCount).to.equal(2);
  });

  for (const [name, runs] of satisfied) {
    it(`is satisfied by ${name}, with the commitment computed outside`, async () => {
      const column = columnOf(runs);
      const commitment = kAnonymityCommitment(smallParameters, smallInputs.salt, column);
      expect(await publicsOf(column)).to.deep.equal([commitment, smallInputs.binding]);
    });
  }

  for (const [name, runs] of violated) {
    it(`has no witness for ${name}`, async () => {
      const thrown = await publicsOf(columnOf(runs)).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(Error).with.property('message').that.includes('Assert');
    });
  }

  it('is satisfied exactly where every run has k rows', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 16, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(sizes, async (given) => {
        const column = columnOf(given.map((size, index) => [BigInt(index), size])).slice(0, 16);
        const runs = [...new Set(column)].map((one) => column.filter((x) => x === one).length);
        const accepted = await publicsOf(column).then(
          () => true,
          () => false,
        );
        expect(accepted).to.equal(runs.every((size) => size >= smallParameters.k));
      }),
      { numRuns: 30 },
    );
  });

  it('takes x + r as x: an element has no second form', async () => {
    const shifted = smallColumn.map((element, index) => (index % 2 === 0 ? element + r : element));
    expect(await publicsOf(shifted)).to.deep.equal(await publicsOf(smallColumn));
  });

  it('has no witness for another number of rows', async () => {
    for (const column of [smallColumn.slice(1), [...smallColumn, 4n]]) {
      const thrown = await publicsOf(column).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(Error);
    }
  });

  it('a changed signal breaks a constraint, but for the hints that nothing depends on', async () => {
    const { constraints, r1cs } = await readConstraints(r1csPath);
    const witness = await calculateWitness(wasmPath, smallInputs);
    expect(constraints.every((constraint) => holds(constraint, witness))).to.equal(true);
    const names = await signalNames(symPath);
    const using = constraintsBySignal(constraints, r1cs.signalCount);
    const free: string[] = [];
    for (let signal = 1; signal < r1cs.signalCount; signal += 1) {
      const value = witness[signal] ?? 0n;
      const random = (value * 7919n + BigInt(signal) * 104729n + 15485863n) % r;
      for (const changed of [(value + 1n) % r, (value + r - 1n) % r, random]) {
        witness[signal] = changed;
        const broken = using[signal]?.some((constraint) => !holds(constraint, witness));
        if (broken !== true) free.push(names.get(signal) ?? `signal ${signal}`);
      }
      witness[signal] = value;
    }
    // IsZero's hint is free where its input is 0: at the rows that equal the one before.
    const equalRows = smallColumn.flatMap((x, i) => (i > 0 && x === smallColumn[i - 1] ? [i] : []));
    const hints = equalRows.map((row) => `main.runs.same[${row}].isz.inv`);
    expect([...new Set(free)].sort()).to.deep.equal([...hints].sort());
  });

  it('builds at O1 and O2 agree on every vector', async function () {
    this.timeout(coldBuildMs);
    const simple = await smallArtefactsAtO1();
    const { constraints } = await readConstraints(simple.r1csPath);
    for (const [, runs] of satisfied) {
      const column = columnOf(runs);
      const witness = await calculateWitness(simple.wasmPath, { ...smallInputs, column });
      expect(witness.slice(1, 3)).to.deep.equal(await publicsOf(column));
      expect(constraints.every((constraint) => holds(constraint, witness))).to.equal(true);
    }
    for (const [, runs] of violated) {
      const inputs = { ...smallInputs, column: columnOf(runs) };
      const thrown = await calculateWitness(simple.wasmPath, inputs).catch((e: unknown) => e);
      expect(thrown).to.be.instanceOf(Error);
    }
  });
});

/** Lines of the sym file are label, signal or -1, component, name. */
async function signalNames(symPath: string): Promise<Map<number, string>> {
  const names = new Map<number, string>();
  for (const line of (await readFile(symPath, 'utf8')).split('\n')) {
    const [, signal = '-1', , name = ''] = line.split(',');
    if (signal !== '-1' && !names.has(Number(signal))) names.set(Number(signal), name);
  }
  return names;
}

function constraintsBySignal(
  constraints: readonly Constraint[],
  signalCount: number,
): readonly (readonly Constraint[])[] {
  const using = Array.from({ length: signalCount }, () => new Set<Constraint>());
  for (const constraint of constraints) {
    for (const [signal] of constraint.flat()) using[signal]?.add(constraint);
  }
  return using.map((set) => [...set]);
}
