import { expect } from 'chai';
import { InvariantError } from '../../../src/base/assert.ts';
import { MissCollector, StateMiss } from '../../../src/chain/machine/cached-state.ts';

const missing = (key: string) => (): never => {
  throw new StateMiss([key]);
};

const broken = (): never => {
  throw new InvariantError('a bug');
};

describe('chain/machine: steps that lack values', () => {
  it('are run on, and all that they lack is thrown at once', () => {
    const misses = new MissCollector();
    expect(misses.try(missing('a'))).to.equal(null);
    expect(misses.try(() => 7)).to.equal(7);
    expect(misses.try(missing('b'))).to.equal(null);
    expect(() => misses.throwIfAny())
      .to.throw(StateMiss)
      .with.property('keys')
      .that.deep.equals(['a', 'b']);
  });

  it('hide what fails after them: the pass is repeated without the gap', () => {
    const misses = new MissCollector();
    misses.try(missing('a'));
    expect(misses.try(broken)).to.equal(null);
    expect(() => misses.throwIfAny()).to.throw(StateMiss);
  });

  it('hide nothing where none of them lacks anything', () => {
    expect(() => new MissCollector().try(broken)).to.throw(InvariantError);
  });
});
