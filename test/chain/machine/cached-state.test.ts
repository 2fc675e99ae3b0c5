import { expect } from 'chai';
import { CachedState, StateForged, StateMiss } from '../../../src/chain/machine/cached-state.ts';
import { StateTree } from '../../../src/chain/tree/state-tree.ts';

describe('chain/machine: the cached state', () => {
  const row = (key: string, length: number) => ({ key, value: new Uint8Array(length) });

  it('lets go of what was not used for a generation, and keeps what was', () => {
    const state = new CachedState(2_000);
    state.apply([row('a', 100), row('b', 100)]);
    state.apply([row('c', 100)]);
    expect(state.get('a'), 'of the old generation').to.have.length(100);
    state.apply([row('d', 100), row('e', 100)]);
    expect(() => state.get('b')).to.throw(StateMiss);
    expect(state.get('a')).to.have.length(100);
    expect(state.get('e')).to.have.length(100);
    expect(state.bytes).to.be.at.most(2_000);
  });

  it('keeps what is not in the store yet, however little it may hold', () => {
    const state = new CachedState(0);
    state.apply([row('a', 5), row('b', 5)], false);
    state.apply([row('a', 6)], false);
    state.trim();
    expect(state.unwritten).to.equal(2);
    expect(state.get('a')).to.have.length(6);
    state.written();
    expect(state.get('a')).to.have.length(6);
    expect(() => state.get('b')).to.throw(StateMiss);
    state.written();
    expect(() => state.get('a')).to.throw(StateMiss);
    expect(state.bytes).to.equal(0);
  });

  it('takes no value but that which the state root commits to', () => {
    const tree = new StateTree();
    const [kept, other] = [Uint8Array.of(1), Uint8Array.of(2)];
    tree.stage([{ key: 'a', value: kept }]);
    tree.commit();
    const load = (key: string, value: Uint8Array | null) => () => {
      const state = new CachedState(10_000);
      state.bind(tree);
      state.load([{ key, value }]);
      return state.get(key);
    };
    expect(load('a', kept)()).to.equal(kept);
    expect(load('b', null)()).to.equal(undefined);
    for (const [key, value] of [
      ['a', other],
      ['a', null],
      ['b', other],
    ] as const) {
      expect(load(key, value), key).to.throw(StateForged).include({ key });
    }
  });

  it('holds nothing of keys that the tree knows to be absent, however many are asked for', () => {
    const state = new CachedState(10_000);
    state.bind({ has: () => false, holds: () => false });
    for (let at = 0; at < 1_000; at += 1) expect(state.get(`key/${at}`)).to.equal(undefined);
    expect(state.bytes).to.equal(0);
  });

  it('remembers absence, and takes nothing older than what it has', () => {
    const state = new CachedState(10_000);
    state.load([{ key: 'gone', value: null }]);
    expect(state.get('gone')).to.equal(undefined);
    state.apply([row('a', 5)]);
    state.load([row('a', 9), row('gone', 9)]);
    expect(state.get('a')).to.have.length(5);
    expect(state.get('gone')).to.equal(undefined);
    state.apply([{ key: 'a', value: null }]);
    expect(state.get('a')).to.equal(undefined);
  });
});
