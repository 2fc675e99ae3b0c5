import { expect } from 'chai';
import { groth16 } from 'snarkjs';
import { concat } from '../../../../src/base/bytes.ts';
import { zkResults } from '../../../../src/privacy/zk/results.ts';
import { baseFieldOrder, scalarFieldOrder } from '../../../../src/privacy/zk/verifier/field.ts';
import { encodeG2 } from '../../../../src/privacy/zk/verifier/points.ts';
import { encodePublics, parsePublics } from '../../../../src/privacy/zk/verifier/proof.ts';
import {
  proofFromSnarkjs,
  proofToSnarkjs,
  verificationKeyToSnarkjs,
  type SnarkjsProof,
} from '../../../../src/privacy/zk/verifier/snarkjs-json.ts';
import {
  parseVerificationKey,
  verificationKeyToJson,
} from '../../../../src/privacy/zk/verifier/verification-key.ts';
import { verifyProof } from '../../../../src/privacy/zk/verifier/verify.ts';
import { outsideSubgroup, withCoordinate } from '../points.ts';
import { coldBuildMs, smallProof, type SmallProof } from '../small-proof.ts';

/** A proof has one form in bytes: what is not it is refused before anything is computed with it. */
describe('the one form of a proof', () => {
  let valid: SmallProof;

  before(async function () {
    this.timeout(coldBuildMs);
    valid = await smallProof();
  });

  it('is made of what the prover writes, and back', async () => {
    const key = verificationKeyToSnarkjs(valid.key);
    expect(await groth16.verify(key, valid.publics.map(String), valid.json)).to.equal(true);
    expect(verifyProof(valid.key, valid.publics, valid.proof).ok).to.equal(true);
    expect(proofFromSnarkjs(proofToSnarkjs(valid.proof))).to.deep.equal(valid.proof);
  });

  /** Of the right form, and no proof of anything. */
  const made: SnarkjsProof = {
    protocol: 'groth16',
    curve: 'bn128',
    pi_a: ['1', '2', '1'],
    pi_b: [
      ['3', '4'],
      ['5', '6'],
      ['1', '0'],
    ],
    pi_c: ['7', '8', '1'],
  };

  it('takes canonical decimal coordinates', () => {
    expect(proofFromSnarkjs(made)).to.deep.equal(encodePublics([1n, 2n, 4n, 3n, 6n, 5n, 7n, 8n]));
  });

  const notCanonical = ['0x1', '01', '+1', '-1', '1.0', '1e0', ' 1', '1 ', '', 'one'];
  for (const text of [...notCanonical, String(2n ** 256n)]) {
    it(`has no coordinate that is written ${JSON.stringify(text)}`, () => {
      expect(() => proofFromSnarkjs({ ...made, pi_a: [text, '2', '1'] })).to.throw(RangeError);
      const inTwist = [['3', text], ...made.pi_b.slice(1)];
      expect(() => proofFromSnarkjs({ ...made, pi_b: inTwist })).to.throw(RangeError);
    });
  }

  const otherForms: readonly [name: string, change: Partial<SnarkjsProof>][] = [
    ['another protocol', { protocol: 'plonk' }],
    ['another curve', { curve: 'bls12381' }],
    ['z = 2 in A', { pi_a: ['1', '2', '2'] }],
    ['z = 0 in C', { pi_c: ['7', '8', '0'] }],
    ['no z', { pi_c: ['7', '8'] }],
    ['a fourth coordinate', { pi_a: ['1', '2', '1', '1'] }],
    [
      'z = 2 in B',
      {
        pi_b: [
          ['3', '4'],
          ['5', '6'],
          ['2', '0'],
        ],
      },
    ],
    ['a missing coordinate in B', { pi_b: [['3'], ['5', '6'], ['1', '0']] }],
  ];
  for (const [name, change] of otherForms) {
    it(`is not made of ${name}`, () => {
      expect(() => proofFromSnarkjs({ ...made, ...change })).to.throw(RangeError);
    });
  }

  it('has 256 bytes: a zero byte before it is refused, before a public too', () => {
    const longer = concat(Uint8Array.of(0), valid.proof);
    expect(verifyProof(valid.key, valid.publics, longer)).to.include({ ok: false });
    const publics = concat(Uint8Array.of(0), encodePublics(valid.publics));
    expect(parsePublics(publics, 2)).to.deep.include({ result: zkResults.ZK_PUBLIC_COUNT });
  });

  it('has as many publics as its key says', async () => {
    const { key, publics, proof } = valid;
    for (const other of [[], publics.slice(0, 1), publics.slice(1), [...publics, 0n]]) {
      const refused = { result: zkResults.ZK_PUBLIC_COUNT };
      expect(verifyProof(key, other, proof), `${other.length}`).to.include(refused);
    }
    // A public that adds nothing to the equation counts as any other.
    const ofZero = await smallProof(0n);
    expect(verifyProof(ofZero.key, ofZero.publics, ofZero.proof).ok).to.equal(true);
  });

  for (let index = 0; index < 8; index += 1) {
    it(`has coordinate ${index} below the field’s order`, () => {
      for (const value of [baseFieldOrder, baseFieldOrder + 1n, 2n ** 256n - 1n]) {
        const outcome = verifyProof(
          valid.key,
          valid.publics,
          withCoordinate(valid.proof, index, value),
        );
        expect(outcome).to.include({ result: zkResults.ZK_COORDINATE_RANGE });
      }
    });
  }

  it('has publics from 0 to below the order of the group', () => {
    const [, binding = 0n] = valid.publics;
    for (const other of [scalarFieldOrder, scalarFieldOrder + 1n, 2n ** 256n - 1n, -1n]) {
      const outcome = verifyProof(valid.key, [other, binding], valid.proof);
      expect(outcome, String(other)).to.include({ result: zkResults.ZK_PUBLIC_RANGE });
    }
  });

  it('has its B in the subgroup', () => {
    const outside = outsideSubgroup();
    const { x, y } = outside.toAffine();
    const proof = concat(
      valid.proof.subarray(0, 64),
      encodePublics([x.c1, x.c0, y.c1, y.c0]),
      valid.proof.subarray(192),
    );
    const outcome = verifyProof(valid.key, valid.publics, proof);
    expect(outcome).to.include({ result: zkResults.ZK_POINT_NOT_IN_SUBGROUP });
    expect(() => encodeG2(outside)).to.throw();
  });

  it('has a key of one label', () => {
    const key = { ...verificationKeyToJson(valid.key), format: 'groth16' };
    expect(parseVerificationKey(key)).to.include({ result: zkResults.ZK_KEY_MALFORMED });
  });
});
