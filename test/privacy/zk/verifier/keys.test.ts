import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { zKey } from 'snarkjs';
import { sha256Hex } from '../../../../src/base/hash.ts';
import {
  developmentKeyFile,
  loadCatalogue,
  loadCircuitEntry,
  loadDevelopmentKey,
} from '../../../../src/privacy/zk/catalogue.ts';
import { zkResults } from '../../../../src/privacy/zk/results.ts';
import {
  developmentTrapdoor,
  keyClass,
} from '../../../../src/privacy/zk/verifier/development-key.ts';
import { invertModulo, scalarFieldOrder } from '../../../../src/privacy/zk/verifier/field.ts';
import { encodeProof } from '../../../../src/privacy/zk/verifier/proof.ts';
import {
  verificationKeyFromSnarkjs,
  verificationKeyToSnarkjs,
} from '../../../../src/privacy/zk/verifier/snarkjs-json.ts';
import {
  encodeVerificationKey,
  makeVerificationKey,
  parseVerificationKey,
  verificationKeyHash,
  verificationKeyToJson,
  type VerificationKey,
} from '../../../../src/privacy/zk/verifier/verification-key.ts';
import { combinePublics, verifyProof } from '../../../../src/privacy/zk/verifier/verify.ts';
import { g1, g2, outsideSubgroup } from '../points.ts';
import { coldBuildMs, smallArtefacts, smallCircuitId } from '../small-proof.ts';

describe('verification keys', () => {
  let key: VerificationKey;
  let r1csHash: string;

  before(async () => {
    key = await loadDevelopmentKey(smallCircuitId);
    r1csHash = (await loadCircuitEntry(smallCircuitId)).r1csHash;
  });

  it('every committed key is a development key with the hash of circuits.json', async () => {
    for (const entry of (await loadCatalogue()).circuits) {
      const committed = await loadDevelopmentKey(entry.id);
      expect(verificationKeyHash(committed)).to.equal(entry.developmentKeyHash);
      expect(keyClass(committed, entry.r1csHash)).to.equal('development');
      expect(committed.publicCount).to.equal(entry.publics.length);
    }
  });

  it('the proving key that snarkjs reads carries the same verification key', async function () {
    this.timeout(coldBuildMs);
    const exported = await zKey.exportVerificationKey((await smallArtefacts()).zkeyPath);
    expect(exported).to.deep.include({ ...verificationKeyToSnarkjs(key) });
  });

  it('survives JSON, bytes and snarkjs’s form unchanged', () => {
    const again = parseVerificationKey(JSON.parse(JSON.stringify(verificationKeyToJson(key))));
    if (!again.ok) throw new Error(again.detail);
    expect(encodeVerificationKey(again.value)).to.deep.equal(encodeVerificationKey(key));
    const points = verificationKeyFromSnarkjs(verificationKeyToSnarkjs(key));
    expect(verificationKeyHash(points)).to.equal(verificationKeyHash(key));
    expect(verificationKeyHash(key)).to.equal(sha256Hex(encodeVerificationKey(key)));
  });

  const otherPoint = 'ab'.repeat(64);
  const malformed: readonly [name: string, change: (json: Record<string, unknown>) => unknown][] = [
    ['null', () => null],
    ['a text', () => 'key'],
    ['another format', (json) => ({ ...json, format: 'groth16' })],
    ['an unknown field', (json) => ({ ...json, note: '' })],
    ['a missing field', ({ alpha: _, ...json }) => json],
    ['upper case', (json) => ({ ...json, alpha: String(json['alpha']).toUpperCase() })],
    ['a short point', (json) => ({ ...json, beta: String(json['beta']).slice(2) })],
    ['a point off the curve', (json) => ({ ...json, alpha: otherPoint })],
    ['a point at infinity', (json) => ({ ...json, delta: '00'.repeat(128) })],
    ['no ic', (json) => ({ ...json, ic: [] })],
    ['an ic at infinity', (json) => ({ ...json, ic: ['00'.repeat(64), '00'.repeat(64)] })],
    ['a number in ic', (json) => ({ ...json, ic: [1, 2] })],
    ['a beta outside the subgroup', (json) => ({ ...json, beta: outsideHex() })],
  ];
  for (const [name, change] of malformed) {
    it(`refuses ${name}`, () => {
      const outcome = parseVerificationKey(change({ ...verificationKeyToJson(key) }));
      expect(outcome).to.include({ result: zkResults.ZK_KEY_MALFORMED });
    });
  }

  function outsideHex(): string {
    const { x, y } = outsideSubgroup().toAffine();
    return [x.c1, x.c0, y.c1, y.c0].map((part) => part.toString(16).padStart(64, '0')).join('');
  }

  it('the key file differs by one byte: refused, or another key', async () => {
    const text = await readFile(developmentKeyFile(smallCircuitId), 'utf8');
    const changed = JSON.parse(
      text.replace(/[0-9](?="\n\s+\]\n)/, (digit) => `${9 - Number(digit)}`),
    );
    const outcome = parseVerificationKey(changed);
    if (outcome.ok)
      expect(verificationKeyHash(outcome.value)).to.not.equal(verificationKeyHash(key));
    else expect(outcome.result).to.equal(zkResults.ZK_KEY_MALFORMED);
  });

  describe('classes', () => {
    it('a key of other secrets is not the development key', () => {
      const points = { alpha: g1(2n), beta: g2(3n), gamma: g2(5n), delta: g2(7n), ic: key.ic };
      expect(keyClass(points, r1csHash)).to.equal('ceremony');
    });

    it('one development point is enough, whatever a later contribution did to delta', () => {
      for (const kept of ['alpha', 'beta', 'gamma', 'delta'] as const) {
        const points = { alpha: g1(2n), beta: g2(3n), gamma: g2(5n), delta: g2(7n), ic: key.ic };
        expect(keyClass({ ...points, [kept]: key[kept] }, r1csHash)).to.equal('development');
      }
    });

    it('another circuit has other secrets', () => {
      expect(keyClass(key, '00'.repeat(32))).to.equal('ceremony');
      expect(developmentTrapdoor('00'.repeat(32))).to.not.deep.equal(developmentTrapdoor(r1csHash));
    });
  });

  it('refuses a key whose γ and δ are one point, or opposite ones: phase 2 is missing', () => {
    for (const delta of [key.gamma, key.gamma.negate()]) {
      const points = { ...key, delta };
      const refused = { result: zkResults.ZK_KEY_NOT_ALLOWED };
      expect(makeVerificationKey(points)).to.include(refused);
      expect(parseVerificationKey(verificationKeyToJson(points))).to.include(refused);
    }
  });

  /** Stays for ever: it shows what a development key is worth. */
  describe('forgeries', () => {
    const publics = [42n, 43n];

    it('with the development seed anybody proves anything, without a witness', () => {
      const { alpha, beta, gamma, delta } = developmentTrapdoor(r1csHash);
      const r = scalarFieldOrder;
      const byDelta = invertModulo(delta, r);
      const [a, b] = [12345n, 67890n];
      const known = ((((a * b - alpha * beta) % r) + r) * byDelta) % r;
      const vkX = combinePublics(key, publics);
      const c = g1(known).subtract(vkX.multiplyUnsafe((gamma * byDelta) % r));
      const forged = encodeProof({ a: g1(a), b: g2(b), c });
      expect(verifyProof(key, publics, forged).ok).to.equal(true);
      expect(verifyProof(key, [42n, 44n], forged).ok).to.equal(false);
    });
  });
});
