/** The kept proofs of all sizes (`npm run bench -- circuits`), under the committed keys; no circuit is built. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { madeTable } from '../../bench/circuits/made-table.ts';
import { fromHex } from '../../src/base/bytes.ts';
import { loadCatalogue, loadDevelopmentKey } from '../../src/privacy/zk/catalogue.ts';
import { kAnonymityCommitment } from '../../src/privacy/zk/prover/poseidon.ts';
import { quasiIdentifierElement } from '../../src/privacy/zk/statements/k-anonymity.ts';
import { keyClass } from '../../src/privacy/zk/verifier/development-key.ts';
import { verificationKeyHash } from '../../src/privacy/zk/verifier/verification-key.ts';
import { verifyProof } from '../../src/privacy/zk/verifier/verify.ts';
import { selectAnonymousRows } from '../support/select-rows.ts';

interface Measured {
  readonly id: string;
  readonly rows: number;
  readonly k: number;
  readonly constraints: number;
  readonly kept: { readonly proof: string; readonly publics: readonly string[] };
}

const file = new URL('../../bench/results/circuits.json', import.meta.url);
const { raw } = JSON.parse(await readFile(file, 'utf8')) as { raw: readonly Measured[] };
const { circuits } = await loadCatalogue();

describe('the circuits of circuits.json', () => {
  it('are all measured, each with a kept proof', () => {
    expect(raw.map(({ id, rows, k, constraints }) => ({ id, rows, k, constraints }))).to.deep.equal(
      circuits.map(({ id, parameters, constraints }) => ({ id, ...parameters, constraints })),
    );
  });

  for (const { id, r1csHash, developmentKeyHash } of circuits) {
    it(`${id}: the committed key is the one of its r1cs, and of development`, async () => {
      const key = await loadDevelopmentKey(id);
      expect(verificationKeyHash(key)).to.equal(developmentKeyHash);
      expect(keyClass(key, r1csHash)).to.equal('development');
    });
  }

  for (const { id, rows, k, kept } of raw) {
    const table = madeTable(rows);
    const publics = kept.publics.map(BigInt);
    const proof = fromHex(kept.proof);

    /** As a buyer recomputes it of the rows, for other numbers of rows and k as well. */
    function commitmentOf(parameters: { rows: number; k: number }): bigint {
      const selected = selectAnonymousRows(table, { rows, k });
      if (!selected.ok) throw new Error(selected.detail);
      const column = selected.value.map((row) => quasiIdentifierElement(table[row] ?? []));
      return kAnonymityCommitment(parameters, 20_261_201n, column);
    }

    it(`${id}: commitment and binding are its public signals, and the proof holds`, async () => {
      expect(publics).to.deep.equal([commitmentOf({ rows, k }), BigInt(rows)]);
      const key = await loadDevelopmentKey(id);
      expect(verifyProof(key, publics, proof).ok).to.equal(true);
      const [commitment = 0n, binding = 0n] = publics;
      expect(verifyProof(key, [commitment, binding + 1n], proof).ok).to.equal(false);
    });

    it(`${id}: holds for no other rows, no other k and under no key of another size`, async () => {
      const key = await loadDevelopmentKey(id);
      for (const other of [
        { rows: rows + 1, k },
        { rows, k: k + 1 },
      ]) {
        const altered = [commitmentOf(other), BigInt(rows)];
        expect(verifyProof(key, altered, proof).ok).to.equal(false);
      }
      for (const { id: otherId } of circuits.filter((circuit) => circuit.id !== id)) {
        const otherKey = await loadDevelopmentKey(otherId);
        expect(verifyProof(otherKey, publics, proof).ok, otherId).to.equal(false);
      }
    });
  }
});
