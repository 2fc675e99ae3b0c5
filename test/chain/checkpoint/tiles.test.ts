import { expect } from 'chai';
import fc from 'fast-check';
import { toBase64 } from '../../../src/base/base64.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { verifyConsistency } from '../../../src/base/merkle.ts';
import {
  consistencyProofFrom,
  prefixProofFrom,
  rootFrom,
  rootsOfPrefixProof,
  subtreesOfPrefixProof,
  subtreesOfRoot,
} from '../../../src/chain/checkpoint/subtrees.ts';
import {
  hashTile,
  parseTilePath,
  subtreesIn,
  tilePath,
  tilesOf,
  widthOf,
  type Tile,
} from '../../../src/chain/checkpoint/tiles.ts';
import { makeLog, reader } from './tree.ts';
import { goVectors } from './vectors.ts';

const sizesMax = 700;
const whole = makeLog(sizesMax);
const read = reader(whole);

/** What a client fetches, by path. */
const fetched = (tiles: readonly Tile[]): Map<string, Uint8Array> =>
  new Map(tiles.map((tile) => [tilePath(tile), hashTile(tile, read)]));

const twoSizes = fc
  .tuple(fc.integer({ min: 1, max: sizesMax }), fc.integer({ min: 1, max: sizesMax }))
  .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);

describe('tiles', () => {
  for (const row of goVectors.paths) {
    it(`writes and reads ${row.path}`, () => {
      const { path, ...tile } = row;
      expect(tilePath(tile)).to.equal(path);
      expect(parseTilePath(path)).to.deep.equal(tile);
    });
  }

  for (const { level, index, width, path, sha256 } of goVectors.tiles) {
    it(`has the bytes of Go’s tile ${path}`, () => {
      const log = makeLog(600);
      expect(widthOf(level, index, 600)).to.equal(width);
      expect(tilePath({ level, index, width })).to.equal(path);
      expect(sha256Hex(hashTile({ level, index, width }, reader(log)))).to.equal(sha256);
    });
  }

  const wrong = [
    ...['tile/0/0', 'tile/0/00', 'tile/0/0000', 'tile/0/x000/001', 'tile/0/1/000', 'tile/00/000'],
    ...['tile/64/000', 'tile/-1/000', 'tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/000.p/01'],
    ...[
      'tile/0/000.p/',
      'tile/0/000.p',
      'tile/entry/000',
      'tile/0/x001',
      'tile/0/001/',
      '/tile/0/001',
    ],
    ...[
      'tile/0/x1/001',
      'tile/0/x001/x002',
      'tile/0/%30%30%31',
      'tile/0/x001/x001/x001/x001/x001/001',
    ],
  ];
  for (const path of wrong) {
    it(`knows no tile ${path}`, () => expect(parseTilePath(path)).to.equal(null));
  }

  it('has the widths of the specification’s example, a tree of 70,000 leaves', () => {
    const size = 70_000;
    const widths = (level: number): number[] =>
      Array.from({ length: 275 }, (_, index) => widthOf(level, index, size)).filter((w) => w > 0);
    expect(widths(0)).to.deep.equal([...Array<number>(273).fill(256), 112]);
    expect(widths(1)).to.deep.equal([256, 17]);
    expect(widths(2)).to.deep.equal([1]);
    expect(widths(3)).to.deep.equal([]);
    expect(widthOf('entries', 273, size)).to.equal(112);
    expect([widthOf(0, 0, 256), widthOf(1, 0, 256)]).to.deep.equal([256, 1]);
  });

  it('gives roots and consistency proofs that the tree gives, at every two sizes', () => {
    fc.assert(
      fc.property(twoSizes, ([oldSize, size]) => {
        const subtrees = [...subtreesOfPrefixProof(oldSize, size), ...subtreesOfRoot(size)];
        const from = subtreesIn(fetched(tilesOf(subtrees, size)), size);
        expect(rootFrom(size, from)).to.deep.equal(whole.root(size));
        const proof = consistencyProofFrom(oldSize, size, from);
        expect(proof).to.deep.equal(whole.consistencyProof(oldSize, size));
      }),
    );
  });

  it('asks for few tiles: at most two for each level', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.integer({ min: 1, max: 2 ** 40 }),
        (a, b) => {
          const [oldSize, size] = [Math.min(a, b), Math.max(a, b)];
          const tiles = tilesOf(subtreesOfPrefixProof(oldSize, size), size);
          expect(tiles.length).to.be.lessThanOrEqual(2 * 6);
          for (const { level, index, width } of tiles) {
            expect(width)
              .to.equal(widthOf(level, index, size))
              .and.greaterThan(0);
          }
        },
      ),
    );
  });

  it('gives a log of no leaves its root', () => {
    expect(rootFrom(0, read)).to.deep.equal(makeLog(0).root());
  });
});

describe('proofs between two sizes', () => {
  for (const { oldSize, size, proof } of goVectors.consistency) {
    it(`are Go’s from ${oldSize} to ${size}`, () => {
      expect(consistencyProofFrom(oldSize, size, read).map(toBase64)).to.deep.equal(proof);
    });
  }

  for (const { size, root } of goVectors.trees) {
    it(`lead to Go’s root of ${size}`, () => {
      expect(toBase64(rootFrom(size, read))).to.equal(root);
    });
  }

  it('lead to both roots where the hash of a complete old tree is not left out', () => {
    fc.assert(
      fc.property(twoSizes, ([oldSize, size]) => {
        const proof = prefixProofFrom(oldSize, size, read);
        const roots = { oldRoot: whole.root(oldSize), root: whole.root(size) };
        expect(rootsOfPrefixProof(oldSize, size, proof)).to.deep.equal(roots);
        expect(rootsOfPrefixProof(oldSize, size, proof.slice(1))).to.equal(null);
        expect(rootsOfPrefixProof(oldSize, size, [...proof, whole.root(1)])).to.equal(null);
        expect(rootsOfPrefixProof(oldSize - 0.5, size, proof)).to.equal(null);
      }),
    );
  });

  it('show of a forked tree that its prefix is another, or do not verify', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(sizesMax - 1), ([oldSize, size], forkAt) => {
        fc.pre(forkAt < oldSize);
        const forked = makeLog(size, forkAt);
        const roots = rootsOfPrefixProof(
          oldSize,
          size,
          prefixProofFrom(oldSize, size, reader(forked)),
        );
        expect(roots?.root).to.deep.equal(forked.root());
        expect(roots?.oldRoot).not.to.deep.equal(whole.root(oldSize));
        const proof = consistencyProofFrom(oldSize, size, reader(forked));
        expect(
          verifyConsistency(oldSize, whole.root(oldSize), size, forked.root(), proof),
        ).to.equal(false);
      }),
      { numRuns: 40 },
    );
  });

  it('are refused with a hash changed', () => {
    fc.assert(
      fc.property(twoSizes, fc.nat(), fc.nat(255), ([oldSize, size], which, byte) => {
        const proof = consistencyProofFrom(oldSize, size, read);
        fc.pre(proof.length > 0);
        const at = which % proof.length;
        const changed = proof.map((hash, index) =>
          index === at
            ? hash.map((value, place) => (place === byte % 32 ? value ^ 1 : value))
            : hash,
        );
        const roots = [whole.root(oldSize), whole.root(size)] as const;
        expect(verifyConsistency(oldSize, roots[0], size, roots[1], proof)).to.equal(true);
        expect(verifyConsistency(oldSize, roots[0], size, roots[1], changed)).to.equal(false);
      }),
    );
  });
});
