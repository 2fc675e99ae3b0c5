import { expect } from 'chai';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InvariantError } from '../../src/base/assert.ts';
import { fromHex, toHex, type Hex } from '../../src/base/bytes.ts';
import {
  leafHash,
  MerkleLog,
  rootFromInclusionProof,
  verifyConsistency,
  verifyInclusion,
} from '../../src/base/merkle.ts';

/** The reference tree of Certificate Transparency (merkle_tree_test of its first implementation). */
const leaves: readonly Hex[] = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const emptyRoot = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const roots: readonly Hex[] = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** Index, size, path. */
const paths: readonly (readonly [number, number, readonly Hex[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

/** Old size, size, proof. */
const consistencies: readonly (readonly [number, number, readonly Hex[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const sha256 = (...parts: Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, 2.1, word by word. */
function naiveRoot(entries: readonly Uint8Array[]): Buffer {
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0]!);
  const split = naiveSplit(entries.length);
  return sha256(Buffer.of(1), naiveRoot(entries.slice(0, split)), naiveRoot(entries.slice(split)));
}

function naivePath(index: number, entries: readonly Uint8Array[]): Buffer[] {
  if (entries.length === 1) return [];
  const split = naiveSplit(entries.length);
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return index < split
    ? [...naivePath(index, left), naiveRoot(right)]
    : [...naivePath(index - split, right), naiveRoot(left)];
}

function naiveConsistency(size: number, entries: readonly Uint8Array[], whole: boolean): Buffer[] {
  if (size === entries.length) return whole ? [] : [naiveRoot(entries)];
  const split = naiveSplit(entries.length);
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return size <= split
    ? [...naiveConsistency(size, left, whole), naiveRoot(right)]
    : [...naiveConsistency(size - split, right, false), naiveRoot(left)];
}

const naiveSplit = (size: number): number => {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
};

function logOf(entries: readonly Uint8Array[]): MerkleLog {
  const log = new MerkleLog();
  for (const entry of entries) log.append(leafHash(entry));
  return log;
}

const hexes = (hashes: readonly Uint8Array[]): Hex[] => hashes.map(toHex);
const flip = (hash: Uint8Array): Uint8Array => hash.map((byte, at) => (at === 3 ? byte ^ 1 : byte));

describe('merkle: the reference tree of Certificate Transparency', () => {
  const log = logOf(leaves.map(fromHex));

  it('the root of nothing', () => expect(toHex(new MerkleLog().root())).to.equal(emptyRoot));

  for (const [index, root] of roots.entries()) {
    it(`the root of ${index + 1}`, () => {
      expect(toHex(log.root(index + 1))).to.equal(root);
      expect(toHex(logOf(leaves.slice(0, index + 1).map(fromHex)).root())).to.equal(root);
    });
  }
  for (const [index, size, path] of paths) {
    it(`the path of leaf ${index} of ${size}`, () => {
      expect(hexes(log.inclusionProof(index, size))).to.deep.equal(path);
      const leaf = leafHash(fromHex(leaves[index]!));
      const root = fromHex(roots[size - 1]!);
      expect(verifyInclusion(leaf, index, size, path.map(fromHex), root)).to.equal(true);
    });
  }
  for (const [oldSize, size, proof] of consistencies) {
    it(`the consistency of ${oldSize} with ${size}`, () => {
      expect(hexes(log.consistencyProof(oldSize, size))).to.deep.equal(proof);
      const [oldRoot, root] = [fromHex(roots[oldSize - 1]!), fromHex(roots[size - 1]!)];
      expect(verifyConsistency(oldSize, oldRoot, size, root, proof.map(fromHex))).to.equal(true);
    });
  }
});

describe('merkle: against RFC 6962 word by word', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 70 });

  it('roots, paths and consistency proofs are equal, and verify', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), (list, a, b) => {
        const log = logOf(list);
        const [index, oldSize] = [a % list.length, (b % list.length) + 1];
        const root = log.root();
        expect(toHex(root)).to.equal(naiveRoot(list).toString('hex'));
        const path = log.inclusionProof(index);
        expect(hexes(path)).to.deep.equal(hexes(naivePath(index, list)));
        expect(verifyInclusion(leafHash(list[index]!), index, list.length, path, root)).to.equal(
          true,
        );
        const proof = log.consistencyProof(oldSize);
        expect(hexes(proof)).to.deep.equal(hexes(naiveConsistency(oldSize, list, true)));
        expect(verifyConsistency(oldSize, log.root(oldSize), list.length, root, proof)).to.equal(
          true,
        );
      }),
      { numRuns: 150 },
    );
  });

  it('refuses every mutated inclusion proof', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, a) => {
        const log = logOf(list);
        const [index, size, root] = [a % list.length, list.length, log.root()];
        const [leaf, path] = [leafHash(list[index]!), log.inclusionProof(index)];
        const refused = (...args: Parameters<typeof verifyInclusion>) =>
          expect(verifyInclusion(...args)).to.equal(false);
        refused(flip(leaf), index, size, path, root);
        refused(leaf, index, size, path, flip(root));
        refused(leaf, index, size, [...path, root], root);
        refused(leaf, size, size, path, root);
        refused(leaf, -1, size, path, root);
        refused(leaf, index + 0.5, size, path, root);
        for (const place of path.keys()) {
          refused(leaf, index, size, path.with(place, flip(path[place]!)), root);
          refused(leaf, index, size, path.toSpliced(place, 1), root);
          refused(leaf, index, size, path.with(place, path[place]!.subarray(1)), root);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('refuses every mutated consistency proof', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, a) => {
        const log = logOf(list);
        const [oldSize, size, root] = [(a % list.length) + 1, list.length, log.root()];
        const [oldRoot, proof] = [log.root(oldSize), log.consistencyProof(oldSize)];
        const refused = (...args: Parameters<typeof verifyConsistency>) =>
          expect(verifyConsistency(...args)).to.equal(false);
        refused(oldSize, flip(oldRoot), size, root, proof);
        refused(oldSize, oldRoot, size, flip(root), proof);
        refused(oldSize, oldRoot, size, root, [...proof, root]);
        refused(0, oldRoot, size, root, proof);
        refused(size + 1, oldRoot, size, root, proof);
        refused(oldSize - 0.5, oldRoot, size, root, proof);
        refused(Number.NaN, oldRoot, size, root, proof);
        for (const place of proof.keys()) {
          refused(oldSize, oldRoot, size, root, proof.with(place, flip(proof[place]!)));
          refused(oldSize, oldRoot, size, root, proof.toSpliced(place, 1));
          refused(oldSize, oldRoot, size, root, proof.with(place, proof[place]!.subarray(1)));
        }
      }),
      { numRuns: 80 },
    );
  });

  it('refuses the consistency of a size that is no whole number', () => {
    const log = logOf([Uint8Array.of(1), Uint8Array.of(2)]);
    const [first, second] = [log.leafHashAt(0), log.leafHashAt(1)];
    expect(verifyConsistency(1.5, first, 2, log.root(), [first, second])).to.equal(false);
    expect(verifyConsistency(1, first, 2, log.root(), [second])).to.equal(true);
  });

  it('forgets what is truncated', () => {
    fc.assert(
      fc.property(entries, entries, fc.nat(), (first, second, a) => {
        const size = a % (first.length + 1);
        const log = logOf(first);
        log.truncate(size);
        for (const entry of second) log.append(leafHash(entry));
        expect(toHex(log.root())).to.equal(
          naiveRoot([...first.slice(0, size), ...second]).toString('hex'),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('asks for leaves that are there', () => {
    const log = logOf([Uint8Array.of(1)]);
    expect(() => log.root(2)).to.throw(InvariantError);
    expect(() => log.inclusionProof(1)).to.throw(InvariantError);
    expect(() => log.consistencyProof(0)).to.throw(InvariantError);
    expect(rootFromInclusionProof(leafHash(Uint8Array.of(1)), 0, 1, [])).not.to.equal(null);
  });
});

describe('merkle: the vectors of transparency-dev/merkle (RFC 6962)', () => {
  type Row = [string, number, number, string, string, readonly string[], boolean];
  const file = new URL('../vectors/rfc6962.json', import.meta.url);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Record<string, readonly Row[]>;
  const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

  it('of inclusion: takes what is right and nothing else', () => {
    for (const [name, index, size, leaf, root, proof, refused] of vectors['inclusion']!) {
      const found = verifyInclusion(bytes(leaf), index, size, proof.map(bytes), bytes(root));
      expect(found, name).to.equal(!refused);
    }
    expect(vectors['inclusion']).to.have.length(98);
  });

  it('of consistency: takes what is right and nothing else', () => {
    for (const [name, first, second, before, after, proof, refused] of vectors['consistency']!) {
      const roots = [bytes(before), bytes(after)] as const;
      const found = verifyConsistency(first, roots[0], second, roots[1], proof.map(bytes));
      expect(found, name).to.equal(!refused);
    }
    expect(vectors['consistency']).to.have.length(98);
  });
});
