import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantError } from '../../../src/base/assert.ts';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { StateTree, type KeyChange } from '../../../src/chain/tree/state-tree.ts';
import { naiveStateRoot } from './naive-state-tree.ts';

const rootOf = (tree: StateTree): string => toHex(tree.root());

function apply(tree: StateTree, changes: readonly KeyChange[]): string {
  const root = tree.stage(changes);
  tree.commit();
  expect(toHex(root)).to.equal(rootOf(tree));
  return toHex(root);
}

const put = (key: string, value = `value of ${key}`): KeyChange => ({ key, value: utf8(value) });
const numbered = (count: number): KeyChange[] =>
  Array.from({ length: count }, (_, at) => put(`key/${at}`));

/** Few keys, so that blocks meet each other's; a block changes a key once. */
const key = fc.integer({ min: 0, max: 60 }).map((at) => `k/${at}`);
const value = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null, freq: 3 });
const block = fc.uniqueArray(fc.record({ key, value }), { selector: (item) => item.key });

describe('chain/tree: the state tree', () => {
  it('has the root of nothing, of one and of two leaves that the document gives', () => {
    const tree = new StateTree();
    expect(rootOf(tree)).to.equal(toHex(naiveStateRoot(new Map())));
    expect(rootOf(tree)).to.equal(vectors.none);
    expect(apply(tree, [put('a', 'one')])).to.equal(vectors.one);
    expect(apply(tree, [put('b', 'two')])).to.equal(vectors.two);
    expect(apply(tree, [{ key: 'b', value: null }])).to.equal(vectors.one);
    expect(tree.size).to.equal(1);
  });

  it('equals the naive tree after every block of inserts, updates and deletes', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
        const tree = new StateTree();
        const state = new Map<string, Uint8Array>();
        for (const changes of blocks) {
          for (const change of changes) {
            if (change.value === null) state.delete(change.key);
            else state.set(change.key, change.value);
          }
          expect(apply(tree, changes)).to.equal(toHex(naiveStateRoot(state)));
          expect(tree.size).to.equal(state.size);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('equals the naive tree with thousands of keys', () => {
    const tree = new StateTree();
    const changes = numbered(5_000);
    apply(tree, changes.slice(0, 3_000));
    apply(tree, changes.slice(3_000));
    const state = new Map(changes.map((change) => [change.key, change.value!]));
    expect(rootOf(tree)).to.equal(toHex(naiveStateRoot(state)));
  });

  it('has one root for one state, in whatever order and blocks it came about', () => {
    const shuffled = fc.shuffledSubarray(numbered(80), { minLength: 80 });
    const whole = apply(new StateTree(), numbered(80));
    fc.assert(
      fc.property(shuffled, fc.integer({ min: 1, max: 80 }), (changes, step) => {
        const tree = new StateTree();
        for (let at = 0; at < 80; at += step) apply(tree, changes.slice(at, at + step));
        expect(rootOf(tree)).to.equal(whole);
      }),
    );
  });

  it('has the earlier root again when what was added is deleted', () => {
    fc.assert(
      fc.property(block, fc.uniqueArray(fc.integer({ min: 0, max: 500 })), (changes, added) => {
        const tree = new StateTree();
        const before = apply(tree, changes);
        const keys = added.map((at) => `added/${at}`);
        apply(
          tree,
          keys.map((name) => put(name)),
        );
        expect(
          apply(
            tree,
            keys.map((name) => ({ key: name, value: null })),
          ),
        ).to.equal(before);
      }),
    );
  });

  it('shows nothing of a staged block, and nothing of it stays when it is abandoned', () => {
    fc.assert(
      fc.property(block, block, (changes, abandoned) => {
        const tree = new StateTree();
        const before = apply(tree, changes);
        const proof = tree.prove('k/1');
        tree.stage(abandoned);
        expect(rootOf(tree)).to.equal(before);
        expect(tree.prove('k/1')).to.deep.equal(proof);
        tree.abandon();
        expect(rootOf(tree)).to.equal(before);
        const again = new StateTree();
        apply(again, changes);
        expect(apply(tree, abandoned)).to.equal(apply(again, abandoned));
      }),
    );
  });

  it('uses the rows of replaced nodes again: rewriting all keys for ever takes no more memory', () => {
    const tree = new StateTree();
    apply(tree, numbered(2_000));
    apply(
      tree,
      numbered(2_000).map((change) => put(change.key, 'round 0')),
    );
    const bytes = tree.allocatedBytes;
    for (let round = 1; round < 20; round += 1) {
      apply(
        tree,
        numbered(2_000).map((change) => put(change.key, `round ${round}`)),
      );
    }
    expect(tree.allocatedBytes).to.equal(bytes);
  });

  it('refuses a key twice in one block, and two stages at once', () => {
    const tree = new StateTree();
    expect(() => tree.stage([put('a'), put('a', 'other')])).to.throw(InvariantError);
    const other = new StateTree();
    other.stage([put('a')]);
    expect(() => other.stage([put('b')])).to.throw(InvariantError);
    expect(() => new StateTree().commit()).to.throw(InvariantError);
  });
});

/** As docs/state-proofs.md gives them, computed with Python's hashlib. */
const vectors = {
  none: 'baeef29feb304e787516d11519590ec4de43c7648046c141273455b06c0ec935',
  one: '23b11b06ed657b8d8623ca8d5b174c16f7460a9f869b87c533fddc7c2216889f',
  two: 'f441402e6ca6a7943a18764f219eeb0dc02a36dbff46d8f30e30431c27fae467',
};
