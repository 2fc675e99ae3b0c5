import { expect } from 'chai';
import fc from 'fast-check';
import { groth16 } from 'snarkjs';
import { zkResults } from '../../../../src/privacy/zk/results.ts';
import { baseFieldOrder, scalarFieldOrder } from '../../../../src/privacy/zk/verifier/field.ts';
import { invertModulo } from '../../../../src/privacy/zk/verifier/field.ts';
import {
  encodeProof,
  encodePublics,
  parseProof,
  parsePublics,
  type Proof,
} from '../../../../src/privacy/zk/verifier/proof.ts';
import {
  proofToSnarkjs,
  verificationKeyToSnarkjs,
} from '../../../../src/privacy/zk/verifier/snarkjs-json.ts';
import { makeVerificationKey } from '../../../../src/privacy/zk/verifier/verification-key.ts';
import { combinePublics, verifyProof } from '../../../../src/privacy/zk/verifier/verify.ts';
import { g1, g2, withCoordinate } from '../points.ts';
import { coldBuildMs, smallProof, type SmallProof } from '../small-proof.ts';

describe('verifyProof', () => {
  let valid: SmallProof;
  let parsed: Proof;

  before(async function () {
    this.timeout(coldBuildMs);
    valid = await smallProof();
    const outcome = parseProof(valid.proof);
    if (!outcome.ok) throw new Error(outcome.detail);
    parsed = outcome.value;
  });

  const result = (proof: Uint8Array, publics: readonly bigint[] = valid.publics): string => {
    const outcome = verifyProof(valid.key, publics, proof);
    return outcome.ok ? 'ok' : outcome.result.name;
  };

  const zeroed = (from: number, to: number): Uint8Array => valid.proof.slice().fill(0, from, to);

  const rows: readonly [name: string, proof: () => Uint8Array, expected: string][] = [
    ['the proof itself', () => valid.proof, 'ok'],
    ['no bytes', () => new Uint8Array(), 'ZK_PROOF_LENGTH'],
    ['255 bytes', () => valid.proof.subarray(1), 'ZK_PROOF_LENGTH'],
    ['257 bytes', () => new Uint8Array([...valid.proof, 0]), 'ZK_PROOF_LENGTH'],
    ['all bytes 255', () => new Uint8Array(256).fill(255), 'ZK_COORDINATE_RANGE'],
    [
      'a coordinate equal to q',
      () => withCoordinate(valid.proof, 0, baseFieldOrder),
      'ZK_COORDINATE_RANGE',
    ],
    ['A at infinity', () => zeroed(0, 64), 'ZK_POINT_AT_INFINITY'],
    ['B at infinity', () => zeroed(64, 192), 'ZK_POINT_AT_INFINITY'],
    ['C at infinity', () => zeroed(192, 256), 'ZK_POINT_AT_INFINITY'],
    ['A off the curve', () => withCoordinate(valid.proof, 1, 1n), 'ZK_POINT_NOT_ON_CURVE'],
    ['B off the curve', () => withCoordinate(valid.proof, 4, 1n), 'ZK_POINT_NOT_ON_CURVE'],
    ['C off the curve', () => withCoordinate(valid.proof, 7, 1n), 'ZK_POINT_NOT_ON_CURVE'],
    ['A negated', () => encodeProof({ ...parsed, a: parsed.a.negate() }), 'ZK_PROOF_INVALID'],
    ['B negated', () => encodeProof({ ...parsed, b: parsed.b.negate() }), 'ZK_PROOF_INVALID'],
    ['C moved by G', () => encodeProof({ ...parsed, c: parsed.c.add(g1(1n)) }), 'ZK_PROOF_INVALID'],
    [
      'A and C exchanged',
      () => encodeProof({ ...parsed, a: parsed.c, c: parsed.a }),
      'ZK_PROOF_INVALID',
    ],
  ];
  for (const [name, proof, expected] of rows) {
    it(`${name}: ${expected}`, () => {
      expect(result(proof())).to.equal(expected);
    });
  }

  it('refuses the proof for any other public signals', () => {
    const [commitment = 0n, binding = 0n] = valid.publics;
    for (const publics of [
      [commitment + 1n, binding],
      [commitment, binding + 1n],
      [binding, commitment],
      [commitment, 0n],
      [scalarFieldOrder - 1n, binding],
    ]) {
      expect(result(valid.proof, publics)).to.equal('ZK_PROOF_INVALID');
    }
  });

  it('refuses every mutation of the bytes, and never throws', () => {
    const mutation = fc.array(
      fc.record({ at: fc.nat({ max: 255 }), flip: fc.integer({ min: 1, max: 255 }) }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(mutation, (flips) => {
        const proof = valid.proof.slice();
        for (const { at, flip } of flips) proof[at] = (proof[at] ?? 0) ^ flip;
        fc.pre(proof.some((byte, index) => byte !== valid.proof[index]));
        expect(result(proof)).to.not.equal('ok');
      }),
      { numRuns: 500 },
    );
  });

  it('refuses random bytes of any length, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.bigInt()), (proof, publics) => {
        expect(result(proof, publics)).to.not.equal('ok');
      }),
    );
  });

  it('agrees with snarkjs on re-randomised proofs and on near misses', async () => {
    const key = verificationKeyToSnarkjs(valid.key);
    const scalar = fc.bigInt({ min: 1n, max: scalarFieldOrder - 1n });
    const shift = fc.constantFrom(0n, 0n, 1n, scalarFieldOrder - 1n);
    await fc.assert(
      fc.asyncProperty(scalar, shift, async (factor, offset) => {
        const proof = encodeProof({
          a: parsed.a.multiplyUnsafe(factor),
          b: parsed.b.multiplyUnsafe(invertModulo(factor, scalarFieldOrder)),
          c: parsed.c.add(g1(offset)),
        });
        const theirs = await groth16.verify(key, valid.publics.map(String), proofToSnarkjs(proof));
        expect(result(proof) === 'ok').to.equal(theirs);
        expect(theirs).to.equal(offset === 0n);
      }),
      { numRuns: 12 },
    );
  });

  it('takes a combination of publics that vanishes as the neutral element', () => {
    const points = { alpha: g1(2n), beta: g2(3n), gamma: g2(5n), delta: g2(7n) };
    const made = makeVerificationKey({ ...points, ic: [g1(1n), g1(1n).negate()] });
    if (!made.ok) throw new Error(made.detail);
    expect(combinePublics(made.value, [1n]).is0()).to.equal(true);
    // 2·10 = 2·3 + 0·5 + 2·7.
    const proof = encodeProof({ a: g1(2n), b: g2(10n), c: g1(2n) });
    expect(verifyProof(made.value, [1n], proof).ok).to.equal(true);
    expect(verifyProof(made.value, [2n], proof)).to.include({ result: zkResults.ZK_PROOF_INVALID });
  });
});

describe('parsePublics', () => {
  it('reads back what encodePublics wrote and nothing at or above r', () => {
    const signals = [0n, 1n, scalarFieldOrder - 1n];
    expect(parsePublics(encodePublics(signals), 3)).to.deep.equal({ ok: true, value: signals });
    for (const signal of [scalarFieldOrder, (1n << 256n) - 1n]) {
      const outcome = parsePublics(encodePublics([signal]), 1);
      expect(outcome).to.include({ result: zkResults.ZK_PUBLIC_RANGE });
    }
    expect(parsePublics(encodePublics(signals), 2)).to.include({
      result: zkResults.ZK_PUBLIC_COUNT,
    });
  });
});
