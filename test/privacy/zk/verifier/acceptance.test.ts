import { expect } from 'chai';
import { groth16 } from 'snarkjs';
import { zkResults } from '../../../../src/privacy/zk/results.ts';
import { baseFieldOrder, scalarFieldOrder } from '../../../../src/privacy/zk/verifier/field.ts';
import { encodeG1, encodeG2 } from '../../../../src/privacy/zk/verifier/points.ts';
import { encodePublics, parsePublics } from '../../../../src/privacy/zk/verifier/proof.ts';
import {
  proofFromSnarkjs,
  proofToSnarkjs,
  verificationKeyToSnarkjs,
} from '../../../../src/privacy/zk/verifier/snarkjs-json.ts';
import {
  makeVerificationKey,
  parseVerificationKey,
  verificationKeyToJson,
} from '../../../../src/privacy/zk/verifier/verification-key.ts';
import { combinePublics, verifyProof } from '../../../../src/privacy/zk/verifier/verify.ts';
import { concat } from '../../../../src/base/bytes.ts';
import { coordinateOf, g1, g2, outsideSubgroup, withCoordinate } from '../points.ts';
import { coldBuildMs, smallProof, type SmallProof } from '../small-proof.ts';

/** What snarkjs 0.7.6 does with input that is not canonical, and that the ledger refuses it. */
describe('acceptance, against snarkjs', () => {
  let valid: SmallProof;

  before(async function () {
    this.timeout(coldBuildMs);
    valid = await smallProof();
  });

  const snarkjsAccepts = (publics: readonly unknown[], proof: unknown): Promise<boolean> =>
    groth16.verify(verificationKeyToSnarkjs(valid.key), publics, proof);
  const texts = (): string[] => valid.publics.map(String);
  const hex = (decimal: string): string => `0x${BigInt(decimal).toString(16)}`;

  it('both accept the valid proof', async () => {
    expect(await snarkjsAccepts(texts(), valid.json)).to.equal(true);
    expect(verifyProof(valid.key, valid.publics, valid.proof).ok).to.equal(true);
    expect(proofFromSnarkjs(proofToSnarkjs(valid.proof))).to.deep.equal(valid.proof);
  });

  const textual: readonly [name: string, change: (text: string) => string][] = [
    ['hexadecimal', hex],
    ['leading zeros', (text) => `000${text}`],
  ];
  for (const [name, change] of textual) {
    it(`${name}: snarkjs accepts in proof and publics, the ledger has no such form`, async () => {
      const proof = { ...valid.json, pi_a: [...valid.json.pi_a.slice(0, 2).map(change), '1'] };
      expect(await snarkjsAccepts(texts().map(change), proof)).to.equal(true);
      expect(() => proofFromSnarkjs(proof)).to.throw(RangeError);
    });
  }

  it('a zero byte before a canonical proof or public changes its length and is refused', () => {
    const longer = concat(Uint8Array.of(0), valid.proof);
    expect(verifyProof(valid.key, valid.publics, longer)).to.include({ ok: false });
    const publics = concat(Uint8Array.of(0), encodePublics(valid.publics));
    expect(parsePublics(publics, 2)).to.deep.include({ result: zkResults.ZK_PUBLIC_COUNT });
  });

  it('a dropped trailing zero public: snarkjs accepts, the ledger counts', async () => {
    const { key, publics, proof, json } = await smallProof(0n);
    expect(publics[1]).to.equal(0n);
    expect(verifyProof(key, publics, proof).ok).to.equal(true);
    const dropped = publics.slice(0, 1);
    expect(await snarkjsAccepts(dropped.map(String), json)).to.equal(true);
    expect(verifyProof(key, dropped, proof)).to.include({ result: zkResults.ZK_PUBLIC_COUNT });
  });

  it('an extra public: snarkjs throws, the ledger counts', async () => {
    const thrown = await snarkjsAccepts([...texts(), '0'], valid.json).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(TypeError);
    const outcome = verifyProof(valid.key, [...valid.publics, 0n], valid.proof);
    expect(outcome).to.include({ result: zkResults.ZK_PUBLIC_COUNT });
  });

  for (let index = 0; index < 8; index += 1) {
    it(`coordinate ${index} plus q: snarkjs accepts, the ledger refuses`, async () => {
      const shifted = coordinateOf(valid.proof, index) + baseFieldOrder;
      const proof = withCoordinate(valid.proof, index, shifted);
      expect(await snarkjsAccepts(texts(), proofToSnarkjs(proof))).to.equal(true);
      const outcome = verifyProof(valid.key, valid.publics, proof);
      expect(outcome).to.include({ result: zkResults.ZK_COORDINATE_RANGE });
    });
  }

  it('wrong labels: snarkjs accepts, the converter refuses, bytes have none', async () => {
    for (const label of [{ protocol: 'plonk' }, { curve: 'bls12381' }]) {
      const proof = { ...valid.json, ...label };
      expect(await snarkjsAccepts(texts(), proof)).to.equal(true);
      expect(() => proofFromSnarkjs(proof)).to.throw(RangeError);
    }
    const key = { ...verificationKeyToJson(valid.key), format: 'groth16' };
    expect(parseVerificationKey(key)).to.include({ result: zkResults.ZK_KEY_MALFORMED });
  });

  it('projective coordinates: snarkjs accepts, the converter refuses', async () => {
    const [x = '', y = ''] = valid.json.pi_c;
    const scaled = [(BigInt(x) * 4n) % baseFieldOrder, (BigInt(y) * 8n) % baseFieldOrder, 2n];
    const proof = { ...valid.json, pi_c: scaled.map(String) };
    expect(await snarkjsAccepts(texts(), proof)).to.equal(true);
    expect(() => proofFromSnarkjs(proof)).to.throw(RangeError);
  });

  it('a point B outside the subgroup: snarkjs accepts where the ledger refuses', async () => {
    const [alpha, gamma, delta, beta] = [g1(11n), g2(5n), g2(7n), outsideSubgroup()];
    const made = makeVerificationKey({ alpha, beta, gamma, delta, ic: [g1(14n), g1(21n)] });
    if (!made.ok) throw new Error(made.detail);
    // C = −(γ/δ)·vk_x with vk_x = (14 + 21·3)·G = 77·G, so C = −55·G.
    expect(combinePublics(made.value, [3n]).equals(g1(77n))).to.equal(true);
    const proof = concat(encodeG1(alpha), encodeOutside(), encodeG1(g1(55n).negate()));
    const json = proofToSnarkjs(proof);
    expect(await groth16.verify(verificationKeyToSnarkjs(made.value), ['3'], json)).to.equal(true);
    const outcome = verifyProof(made.value, [3n], proof);
    expect(outcome).to.include({ result: zkResults.ZK_POINT_NOT_IN_SUBGROUP });
    expect(() => encodeG2(beta)).to.throw();
  });

  function encodeOutside(): Uint8Array {
    const { x, y } = outsideSubgroup().toAffine();
    return encodePublics([x.c1, x.c0, y.c1, y.c0]);
  }

  it('a public plus r: both refuse', async () => {
    const [commitment = 0n, binding = 0n] = valid.publics;
    const shifted = [commitment + scalarFieldOrder, binding];
    expect(await snarkjsAccepts(shifted.map(String), valid.json)).to.equal(false);
    const outcome = verifyProof(valid.key, shifted, valid.proof);
    expect(outcome).to.include({ result: zkResults.ZK_PUBLIC_RANGE });
    const negative = verifyProof(valid.key, [commitment - scalarFieldOrder, binding], valid.proof);
    expect(negative).to.include({ result: zkResults.ZK_PUBLIC_RANGE });
  });
});
