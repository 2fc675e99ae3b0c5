import { expect } from 'chai';
import { stateView } from '../../../src/chain/fsck/state-view.ts';
import { beginMs, operationOf, sign, TestChain, testGenesis } from '../test-chain.ts';
import { schedule } from '../probe-room.ts';

const nothingWritten = {
  *ofKind(): Generator<string, void, undefined> {},
};

describe('chain/fsck: the state that is audited', () => {
  it('says up to when deadlines are met: not up to the block where some wait for the next (M-65)', () => {
    const { parameters } = testGenesis();
    const genesis = testGenesis({ parameters: { ...parameters, blockDeadlinesMax: 1 } });
    const chain = new TestChain(genesis);
    const at = (id: string, ms: number) => operationOf(schedule, { id, atMs: beginMs + ms });
    chain.block([sign([at('probe-1', 10), at('probe-2', 20)], { sequence: 1 })], beginMs);
    const untilMs = (): number => stateView(chain.machine, nothingWritten).timeMs - beginMs;
    expect(untilMs(), 'none is due').to.equal(0);
    chain.block([], beginMs + 50);
    expect(untilMs(), 'the second waits').to.equal(19);
    chain.block([], beginMs + 50);
    expect(untilMs(), 'none waits').to.equal(50);
  });
});
