/** The circuit of 64 rows, built if it is not: what holds of that of 16 holds of another size. */
import { expect } from 'chai';
import {
  buildCircuit,
  defaultCacheDirectory,
  isBuilt,
  type CircuitArtefacts,
} from '../../src/privacy/zk/build/build-circuit.ts';
import { hashFile } from '../../src/privacy/zk/build/file-hash.ts';
import { loadCircuitEntry } from '../../src/privacy/zk/catalogue.ts';
import { kAnonymityCommitment } from '../../src/privacy/zk/prover/poseidon.ts';
import { calculateWitness, coldBuildMs } from '../privacy/zk/small-proof.ts';

const circuitId = 'k-anonymity-64-k5';
const parameters = { rows: 64, k: 5 };
const [binding, salt] = [7n, 8n];

const columnOf = (...sizes: readonly number[]): bigint[] =>
  sizes.flatMap((size, index) => Array.from({ length: size }, () => BigInt(index + 1)));

describe('circuit KAnonymity(64, 5)', () => {
  let artefacts: CircuitArtefacts;

  before(async function () {
    this.timeout(coldBuildMs);
    artefacts = await buildCircuit({ circuitId, cacheDir: defaultCacheDirectory });
  });

  const publicsOf = async (column: readonly bigint[]): Promise<bigint[]> =>
    (await calculateWitness(artefacts.wasmPath, { binding, salt, column })).slice(1, 3);

  it('compiles to the r1cs that circuits.json pins, and is then built', async () => {
    const { r1csHash } = await loadCircuitEntry(circuitId);
    expect(await hashFile(artefacts.r1csPath)).to.equal(r1csHash);
    expect(await isBuilt(circuitId, defaultCacheDirectory)).to.equal(true);
    expect(await isBuilt(circuitId, `${defaultCacheDirectory}/none`)).to.equal(false);
  });

  const satisfied: readonly (readonly number[])[] = [[64], [5, 59], [59, 5], [20, 5, 5, 34]];
  for (const sizes of satisfied) {
    it(`is satisfied by classes of ${sizes.join(', ')}, with the commitment computed outside`, async () => {
      const column = columnOf(...sizes);
      const commitment = kAnonymityCommitment(parameters, salt, column);
      expect(await publicsOf(column)).to.deep.equal([commitment, binding]);
    });
  }

  const violated: readonly (readonly number[])[] = [
    [4, 60],
    [60, 4],
    [30, 4, 30],
    [63, 1],
    [63],
    [65],
  ];
  for (const sizes of violated) {
    it(`has no witness for classes of ${sizes.join(', ')}`, async () => {
      const thrown = await publicsOf(columnOf(...sizes)).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(Error);
    });
  }
});
