import { expect } from 'chai';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { Replay } from '../../../src/chain/fsck/replay.ts';
import { Findings } from '../../../src/chain/fsck/report.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import { put } from '../probe-room.ts';
import { operationOf, sign, testGenesis, testParts } from '../test-chain.ts';

const appHash = '00'.repeat(32);

describe('a block executed anew for an audit', () => {
  const machineOf = (): Machine => {
    const machine = new Machine(testGenesis(), testParts);
    machine.initChain();
    return machine;
  };
  const envelope = () => sign(operationOf(put, { id: 'probe-1', note: 'later' }), { sequence: 1 });

  for (const timeMs of [-1, Number.NaN, 9e15, 2 ** 60, 1.5, Infinity]) {
    it(`is a finding, and no end of the audit, at a damaged time of ${timeMs}`, async () => {
      const findings = new Findings();
      const replay = new Replay(machineOf());
      const block = await replay.stage(1, [envelope()], { timeMs, appHash }, findings);
      expect(block).to.equal(null);
      expect(replay.going).to.equal(false);
      expect(findings.list.map(({ table, row }) => `${table} ${row}`)).to.deep.equal(['block 1']);
    });
  }

  it('ends the audit where its own surroundings fail', async () => {
    const machine = machineOf();
    machine.finalizeBlock = () => {
      throw new OperationalError('SCRATCH_FULL', 'The disk is full.');
    };
    const failed = await new Replay(machine)
      .stage(1, [], { timeMs: machine.genesis.timeMs, appHash }, new Findings())
      .catch((error: unknown) => error);
    expect(failed).to.include({ code: 'SCRATCH_FULL' });
  });
});
