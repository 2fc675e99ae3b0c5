import { expect } from 'chai';
import {
  buildCircuit,
  defaultCacheDirectory,
  type CircuitArtefacts,
} from '../../src/privacy/zk/build/build-circuit.ts';
import { hashFile } from '../../src/privacy/zk/build/file-hash.ts';
import { loadCircuitEntry, loadDevelopmentKey } from '../../src/privacy/zk/catalogue.ts';
import { kAnonymityCommitment } from '../../src/privacy/zk/prover/poseidon.ts';
import { prove } from '../../src/privacy/zk/prover/prove.ts';
import { selectAnonymousRows } from '../support/select-rows.ts';
import {
  kAnonymityPublics,
  listingBinding,
  prepareKAnonymity,
  quasiIdentifierElement,
} from '../../src/privacy/zk/statements/k-anonymity.ts';
import { verifyProof } from '../../src/privacy/zk/verifier/verify.ts';
import { coldBuildMs, smallArtefacts, smallArtefactsAtO1 } from '../privacy/zk/small-proof.ts';

const circuitId = 'k-anonymity-512-k5';
const parameters = { rows: 512, k: 5 };

/** 1,200 rows of (state, year, size); some classes are below 5. */
const table = Array.from({ length: 1200 }, (_, row) => [
  `state ${(row * row) % 11}`,
  String(1990 + ((row * 7) % 5)),
  row % 97 === 0 ? 'large' : 'small',
]);

describe('k-anonymity of 512 rows, from the table to the verified proof', () => {
  let artefacts: CircuitArtefacts;

  before(async function () {
    this.timeout(coldBuildMs);
    // On a cold cache the other builds of this suite run beside the longest one.
    [artefacts] = await Promise.all([
      buildCircuit({ circuitId, cacheDir: defaultCacheDirectory }),
      smallArtefacts(),
      smallArtefactsAtO1(),
    ]);
  });

  it('is the circuit that circuits.json pins, with its rows and k', async () => {
    const entry = await loadCircuitEntry(circuitId);
    expect(entry.parameters).to.deep.equal(parameters);
    expect(await hashFile(artefacts.r1csPath)).to.equal(entry.r1csHash);
  });

  it('selects, proves, verifies, and the buyer recomputes the commitment', async function () {
    this.timeout(300_000);
    const selected = selectAnonymousRows(table, parameters);
    if (!selected.ok) throw new Error(selected.detail);
    const column = selected.value.map((row) => quasiIdentifierElement(table[row] ?? []));
    const scope = { chainId: 'dxl-test', circuitId, listingId: 'listing-1', sellerOrgId: 'org-1' };
    const binding = listingBinding({ ...scope, revision: 1n });
    const prepared = prepareKAnonymity(parameters, { binding, salt: 31n, column });
    if (!prepared.ok) throw new Error(prepared.detail);

    const phases: string[] = [];
    const { proof, publics } = await prove({
      circuitId,
      artefacts,
      inputs: { ...prepared.value },
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(phases).to.deep.equal(['witness', 'prove']);
    expect(proof.length).to.equal(256);

    const delivered = selected.value.map((row) => quasiIdentifierElement(table[row] ?? []));
    const commitment = kAnonymityCommitment(parameters, 31n, delivered);
    expect(publics).to.deep.equal(kAnonymityPublics({ commitment, binding }));

    const key = await loadDevelopmentKey(circuitId);
    expect(verifyProof(key, publics, proof).ok).to.equal(true);
    const elsewhere = listingBinding({ ...scope, revision: 2n });
    expect(verifyProof(key, [commitment, elsewhere], proof).ok).to.equal(false);

    const altered = delivered.map((element, row) => (row === 200 ? element + 1n : element));
    const other = kAnonymityCommitment(parameters, 31n, altered);
    expect(verifyProof(key, [other, binding], proof).ok).to.equal(false);
  });
});
