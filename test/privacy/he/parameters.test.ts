import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, toHex } from '../../../src/base/bytes.ts';
import { chunkLeaf, merkleRoot } from '../../../src/privacy/he/merkle.ts';
import { hasNoiseMargin } from '../../../src/privacy/he/noise.ts';
import { findPreset, presetIds } from '../../../src/privacy/he/presets.ts';
import { heResults } from '../../../src/privacy/he/results.ts';
import { nameOf, taken } from './sample-job.ts';

const sha256 = (...parts: Uint8Array[]): Uint8Array =>
  new Uint8Array(
    createHash('sha256')
      .update(concat(...parts))
      .digest(),
  );

describe('presets and noise', () => {
  it('takes parameters from its own table only', () => {
    const other = 'ab'.repeat(32);
    expect(presetIds).to.deep.equal(['sum-4k']);
    expect(nameOf(findPreset('sum-4k'))).to.equal('ok');
    expect(nameOf(findPreset('sum-4k', other))).to.equal('HE_PARAMS_NOT_PRESET');
    expect(nameOf(findPreset('sum-2k'))).to.equal('HE_PARAMS_NOT_PRESET');
    expect(nameOf(findPreset('ckks-8k'))).to.equal('HE_CKKS_RELEASE_FORBIDDEN');
  });

  it('has primes that make slots', () => {
    const { polyDegree, plainModulus, dataModuli } = taken(findPreset('sum-4k'));
    for (const prime of [plainModulus, ...dataModuli]) {
      expect(prime % BigInt(2 * polyDegree)).to.equal(1n);
    }
    expect(plainModulus.toString(2)).to.have.length(40);
  });

  it('keeps ten bits of margin for a million rows in one group, and not for all numbers', () => {
    const preset = taken(findPreset('sum-4k'));
    expect(hasNoiseMargin(preset, Math.ceil(1_000_000 / 4096))).to.equal(true);
    const most = Array.from({ length: 1000 }, (_, index) => index + 1).filter((count) =>
      hasNoiseMargin(preset, count),
    );
    expect(most).to.have.length(386);
    expect(most.at(-1)).to.equal(386);
  });

  it('numbers its refusals once, between 7100 and 7199', () => {
    const codes = Object.values(heResults).map(({ code }) => code);
    expect(codes).to.deep.equal(codes.map((_, index) => 7100 + index));
    for (const { name } of Object.values(heResults)) expect(name).to.match(/^HE_[A-Z_]+$/);
  });
});

describe('tree of chunks', () => {
  it('has the leaves and nodes of RFC 6962, with the index in the leaf', () => {
    const leaves = [0, 1, 2].map((index) => chunkLeaf(index, Uint8Array.of(9)));
    const [first, second, third] = leaves;
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    const index = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2);
    expect(third).to.deep.equal(sha256(Uint8Array.of(0), index, Uint8Array.of(9)));
    const left = sha256(Uint8Array.of(1), first, second);
    expect(merkleRoot(leaves)).to.equal(toHex(sha256(Uint8Array.of(1), left, third)));
    expect(merkleRoot([first])).to.equal(toHex(first));
  });

  it('changes with any chunk, and with their order', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 4 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(chunks, fc.nat(), (contents, choice) => {
        const root = (list: Uint8Array[]): string =>
          merkleRoot(list.map((content, index) => chunkLeaf(index, content)));
        const at = choice % contents.length;
        const changed = contents.map((content, index) =>
          index === at ? concat(content, Uint8Array.of(1)) : content,
        );
        expect(root(changed)).to.not.equal(root(contents));
      }),
    );
  });
});
