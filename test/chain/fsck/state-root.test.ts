import { expect } from 'chai';
import fc from 'fast-check';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { AuditedState } from '../../../src/chain/fsck/audited-state.ts';
import { Scratch } from '../../../src/chain/fsck/scratch.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import { StateTree, type KeyChange } from '../../../src/chain/tree/state-tree.ts';
import { admission, sign, testGenesis, testParts } from '../test-chain.ts';

describe('chain/fsck: the state by a second calculation (M-94, M-122)', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.close());

  it('agrees with the state tree over random writes and deletions', () => {
    const change = fc.record({
      key: fc.integer({ min: 0, max: 40 }).map((at) => `k/${at}`),
      value: fc.option(fc.uint8Array({ maxLength: 4 })),
    });
    const block = fc.uniqueArray(change, { selector: ({ key }) => key, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
        const [tree, state] = [new StateTree(), new AuditedState(scratch)];
        expect(toHex(state.root())).to.equal(toHex(tree.root()));
        for (const changes of blocks) expectSame(tree, state, changes);
        scratch.close();
      }),
    );
  });

  it('agrees with it over thousands of keys, of which most go again', () => {
    const [tree, state] = [new StateTree(), new AuditedState(scratch)];
    const all = Array.from({ length: 3_000 }, (_, at) => `k/${at}`);
    const put = (round: number): KeyChange[] =>
      all.map((key, at) => ({ key, value: utf8(`${round} ${at}`) }));
    for (const changes of [put(1), put(2).filter((_, at) => at % 3 === 0)]) {
      expectSame(tree, state, changes);
    }
    expect(Buffer.from(state.get('k/2') ?? []).toString()).to.equal('1 2');
    expect(Buffer.from(state.get('k/3') ?? []).toString()).to.equal('2 3');
    expectSame(
      tree,
      state,
      all.slice(1).map((key) => ({ key, value: null })),
    );
    expect(state.size).to.equal(1);
    expect(state.get('k/3')).to.equal(undefined);
    expect(state.has('k/0')).to.equal(true);
    expectSame(tree, state, put(3));
  });

  it('goes back to what was committed', () => {
    const state = new AuditedState(scratch);
    state.stage([{ key: 'a/1', value: utf8('one') }]);
    state.commit();
    const before = toHex(state.root());
    state.stage([
      { key: 'a/1', value: null },
      { key: 'a/2', value: utf8('two') },
    ]);
    state.abandon();
    expect(toHex(state.root())).to.equal(before);
    expect(state.has('a/2')).to.equal(false);
    state.stage([]);
    state.commit();
    expect(toHex(state.root())).to.equal(before);
  });

  it('executes blocks to the same app hashes as the machine with all of it in memory', () => {
    const machines = [
      new Machine(testGenesis(), testParts),
      new Machine(testGenesis(), testParts, new AuditedState(scratch)),
    ];
    const hashes = machines.map((machine) => {
      machine.initChain();
      return [1, 2, 3].map((height) => {
        const envelope = sign(admission(`member-${height}`, ['SELLER']), { sequence: height });
        const timeMs = testGenesis().timeMs + height * 1_000;
        const { appHash } = machine.finalizeBlock({ height, timeMs, envelopes: [envelope] });
        machine.commit();
        return appHash;
      });
    });
    expect(hashes[1]).to.deep.equal(hashes[0]);
  });
});

function expectSame(tree: StateTree, state: AuditedState, changes: readonly KeyChange[]): void {
  tree.stage(changes);
  tree.commit();
  const staged = state.stage(changes);
  state.apply(changes);
  state.commit();
  expect(toHex(staged)).to.equal(toHex(tree.root()));
  expect(toHex(state.root())).to.equal(toHex(tree.root()));
  expect(state.size).to.equal(tree.size);
}
