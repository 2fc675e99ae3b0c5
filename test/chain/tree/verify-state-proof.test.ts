import { expect } from 'chai';
import fc from 'fast-check';
import { concat, equalBytes, utf8 } from '../../../src/base/bytes.ts';
import { sha256 } from '../../../src/base/hash.ts';
import {
  bitAt,
  emptyNode,
  leafMark,
  leafNode,
  pathOf,
  stateRootOf,
  valueHashOf,
} from '../../../src/chain/tree/state-hash.ts';
import { decodeStateProof, encodeStateProof } from '../../../src/chain/tree/state-proof.ts';
import { StateTree } from '../../../src/chain/tree/state-tree.ts';
import { verifyStateProof } from '../../../src/chain/tree/verify-state-proof.ts';

const valueOf = (at: number): Uint8Array => utf8(`value ${at}`);
const keyOf = (at: number): string => `licence/${at}`;

function treeOf(count: number): StateTree {
  const tree = new StateTree();
  const numbers = Array.from({ length: count }, (_, at) => at);
  tree.stage(numbers.map((at) => ({ key: keyOf(at), value: valueOf(at) })));
  tree.commit();
  return tree;
}

const sizes = [0, 1, 2, 3, 7, 64, 1_000];

describe('chain/tree: proofs of state', () => {
  for (const size of sizes) {
    it(`of ${size} keys: shows every key that is there and none that is not`, () => {
      const tree = treeOf(size);
      const root = tree.root();
      for (let at = 0; at < size; at += 1) {
        const proof = tree.prove(keyOf(at));
        expect(verifyStateProof(root, keyOf(at), valueOf(at), proof)).to.equal(true);
        expect(verifyStateProof(root, keyOf(at), null, proof)).to.equal(false);
        expect(verifyStateProof(root, keyOf(at), valueOf(at + 1), proof)).to.equal(false);
      }
      for (let at = size; at < size + 200; at += 1) {
        const proof = tree.prove(keyOf(at));
        expect(verifyStateProof(root, keyOf(at), null, proof)).to.equal(true);
        expect(verifyStateProof(root, keyOf(at), valueOf(at), proof)).to.equal(false);
        expect(verifyStateProof(root, keyOf(at), new Uint8Array(), proof)).to.equal(false);
      }
    });
  }

  it('shows an empty value, which is not absence', () => {
    const tree = new StateTree();
    tree.stage([{ key: '~due/1', value: new Uint8Array() }]);
    tree.commit();
    const proof = tree.prove('~due/1');
    expect(verifyStateProof(tree.root(), '~due/1', new Uint8Array(), proof)).to.equal(true);
    expect(verifyStateProof(tree.root(), '~due/1', null, proof)).to.equal(false);
  });

  it('meets both ends of absence: nothing, and another leaf', () => {
    const tree = treeOf(1_000);
    const ends = Array.from({ length: 500 }, (_, at) => {
      const end = decodeStateProof(tree.prove(keyOf(2_000 + at)))?.end;
      return typeof end === 'string' ? end : 'other';
    });
    expect(new Set(ends)).to.deep.equal(new Set(['empty', 'other']));
  });

  it('is refused for another key, whatever that key is', () => {
    const tree = treeOf(300);
    const root = tree.root();
    const any = fc.integer({ min: 0, max: 600 });
    fc.assert(
      fc.property(any, any, (at, other) => {
        fc.pre(at !== other);
        const proof = tree.prove(keyOf(at));
        expect(verifyStateProof(root, keyOf(other), valueOf(other), proof)).to.equal(false);
        expect(verifyStateProof(root, keyOf(other), valueOf(at), proof)).to.equal(false);
        const absent = verifyStateProof(root, keyOf(other), null, proof);
        // One empty place, or one lone leaf, shows the absence of every key that leads to it.
        if (absent) expect(other).to.be.at.least(300);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused under the root of any other state', () => {
    const tree = treeOf(300);
    const [present, absent] = [tree.prove(keyOf(1)), tree.prove(keyOf(301))];
    tree.stage([{ key: keyOf(7), value: utf8('changed') }]);
    tree.commit();
    expect(verifyStateProof(tree.root(), keyOf(1), valueOf(1), present)).to.equal(false);
    expect(verifyStateProof(tree.root(), keyOf(301), null, absent)).to.equal(false);
  });

  it('is refused after any change of any byte, and cut or lengthened anywhere', () => {
    const tree = treeOf(400);
    const root = tree.root();
    const claims = [0, 1, 2, 3, 500, 501, 502, 503, 504, 505, 506, 507].map((at) => ({
      key: keyOf(at),
      value: at < 400 ? valueOf(at) : null,
      proof: tree.prove(keyOf(at)),
    }));
    for (const { key, value, proof } of claims) {
      expect(verifyStateProof(root, key, value, proof)).to.equal(true);
      for (let at = 0; at < proof.length; at += 1) {
        for (const flip of [1, 0x80, 0xff]) {
          const mutated = proof.slice();
          mutated[at]! ^= flip;
          expect(verifyStateProof(root, key, value, mutated), `byte ${at}`).to.equal(false);
          expect(verifyStateProof(root, key, value === null ? valueOf(1) : null, mutated)).to.equal(
            false,
          );
        }
        expect(verifyStateProof(root, key, value, proof.subarray(0, at))).to.equal(false);
      }
      expect(verifyStateProof(root, key, value, concat(proof, Uint8Array.of(0)))).to.equal(false);
      expect(verifyStateProof(root, key, value, concat(proof, emptyNode))).to.equal(false);
    }
  });

  it('is refused where it writes out an empty sibling, which has a bit and no bytes', () => {
    const tree = treeOf(400);
    let tried = 0;
    for (let at = 0; at < 100; at += 1) {
      const proof = tree.prove(keyOf(at));
      const { siblings } = decodeStateProof(proof)!;
      const empty = siblings.findIndex((sibling) => equalBytes(sibling, emptyNode));
      if (empty < 0) continue;
      tried += 1;
      // All before it are written out: it stands behind header, bits and those.
      const start = 3 + ((siblings.length + 7) >> 3) + 32 * empty;
      const longer = concat(proof.subarray(0, start), emptyNode, proof.subarray(start));
      longer[3 + (empty >> 3)]! |= 0x80 >> (empty & 7);
      expect(verifyStateProof(tree.root(), keyOf(at), valueOf(at), proof)).to.equal(true);
      expect(verifyStateProof(tree.root(), keyOf(at), valueOf(at), longer)).to.equal(false);
    }
    expect(tried).to.be.greaterThan(10);
  });

  it('is refused, without an exception, for bytes of any kind', () => {
    const root = treeOf(10).root();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, there) => {
        const value = there ? valueOf(1) : null;
        expect(verifyStateProof(root, keyOf(1), value, bytes)).to.equal(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('decodes to what was encoded, and nothing else decodes', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const sibling = fc.oneof(hash, fc.constant(emptyNode));
    const end = fc.oneof(
      fc.constant('key' as const),
      fc.constant('empty' as const),
      fc.record({ path: hash, valueHash: hash }),
    );
    const siblings = fc.oneof(
      fc.array(sibling, { maxLength: 40 }),
      fc.array(sibling, { minLength: 250, maxLength: 256 }),
    );
    fc.assert(
      fc.property(fc.record({ siblings, end }), (proof) => {
        expect(decodeStateProof(encodeStateProof(proof))).to.deep.equal(proof);
      }),
    );
    const tooDeep = { siblings: Array.from({ length: 257 }, () => emptyNode), end: 'key' as const };
    expect(decodeStateProof(encodeStateProof(tooDeep))).to.equal(null);
  });

  describe('cannot be led to read one kind of node as another', () => {
    const path = pathOf('victim');
    const leaf = leafNode(path, valueHashOf(utf8('v')));
    const root = stateRootOf(leaf);
    const left = sha256(concat(path, valueHashOf(utf8('v'))));

    it('a leaf as an inner node', () => {
      // The leaf is SHA-256(left ‖ leafMark): one step further down would be `left`.
      const names = Array.from({ length: 40 }, (_, at) => `name ${at}`);
      for (const key of ['victim', ...names]) {
        const goesRight = bitAt(pathOf(key), 0) === 1;
        const sibling = goesRight ? left : leafMark;
        const end = { path: pathOf(key), valueHash: emptyNode };
        for (const forged of [end, 'empty' as const, 'key' as const]) {
          const proof = encodeStateProof({ siblings: [sibling], end: forged });
          expect(verifyStateProof(root, key, null, proof)).to.equal(false);
        }
      }
      const chosen = encodeStateProof({ siblings: [leafMark], end: 'key' });
      expect(verifyStateProof(root, 'victim', utf8('v'), chosen)).to.equal(false);
    });

    it('a leaf as inner nodes, above a value that was made to hash to a leaf', () => {
      const names = Array.from({ length: 40 }, (_, at) => `forged ${at}`);
      const forged = names.find((name) => pathOf(name)[0]! >> 6 === 0b01)!;
      const lie = utf8('never written');
      // SHA-256 of these 64 bytes is the node of a leaf that no tree holds.
      const value = concat(sha256(concat(pathOf(forged), valueHashOf(lie))), leafMark);
      expect(valueHashOf(value)).to.deep.equal(leafNode(pathOf(forged), valueHashOf(lie)));
      const tree = new StateTree();
      tree.stage([{ key: 'victim', value }]);
      tree.commit();
      // Left of the mark is SHA-256(path ‖ value hash), and right in that the value hash.
      const proof = encodeStateProof({ siblings: [leafMark, path], end: 'key' });
      expect(verifyStateProof(tree.root(), forged, lie, proof)).to.equal(false);
      expect(verifyStateProof(tree.root(), 'victim', value, tree.prove('victim'))).to.equal(true);
    });

    it('an inner node as another leaf, which would hide every key below it', () => {
      const tree = treeOf(2);
      const top = decodeStateProof(tree.prove(keyOf(0)))!;
      const own = leafNode(pathOf(keyOf(0)), valueHashOf(valueOf(0)));
      const [sibling] = top.siblings;
      const halves = bitAt(pathOf(keyOf(0)), 0) === 0 ? [own, sibling!] : [sibling!, own];
      const end = { path: halves[0]!, valueHash: halves[1]! };
      const proof = encodeStateProof({ siblings: [], end });
      expect(verifyStateProof(tree.root(), keyOf(0), null, proof)).to.equal(false);
    });

    it('the key’s own leaf as another', () => {
      const end = { path, valueHash: valueHashOf(utf8('v')) };
      const proof = encodeStateProof({ siblings: [], end });
      expect(verifyStateProof(root, 'victim', null, proof)).to.equal(false);
    });

    it('a leaf of elsewhere as the one at the end of the path', () => {
      const tree = treeOf(1_000);
      const own = tree.prove(keyOf(5));
      const { siblings } = decodeStateProof(own)!;
      const end = { path: pathOf(keyOf(6)), valueHash: valueHashOf(valueOf(6)) };
      const proof = encodeStateProof({ siblings, end });
      expect(verifyStateProof(tree.root(), keyOf(5), null, proof)).to.equal(false);
      const shorter = encodeStateProof({ siblings: siblings.slice(0, -1), end: 'empty' });
      expect(verifyStateProof(tree.root(), keyOf(5), null, shorter)).to.equal(false);
    });
  });
});
