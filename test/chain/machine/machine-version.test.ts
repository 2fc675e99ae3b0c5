/** M-130 to M-135: rules by height. */
import { expect } from 'chai';
import { machineVersionMax, sinceMachineVersion } from '../../../src/base/machine-version.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import {
  MachineVersions,
  MachineVersionUnknown,
} from '../../../src/chain/machine/machine-versions.ts';
import type { MachineParts } from '../../../src/chain/machine/parts.ts';
import { machineVersionRecord, proposalRecord } from '../../../src/governance/state.ts';
import { probeRecord } from '../probe-room.ts';
import { admission, keyOf, namesOf, sign, TestChain, testGenesis } from '../test-chain.ts';
import { approving, now, older, raising, told, whispered } from '../upgrade-chain.ts';

const regulator = keyOf('regulator');

/** Version 2 is decided in block 3, for block `from`. */
function decided(parts: MachineParts, from: number): TestChain {
  const chain = new TestChain(testGenesis(), parts);
  expect(chain.run(sign(admission('regulator', ['REGULATOR']), { sequence: 1 }))).to.eql(['OK']);
  expect(chain.run(sign(raising('raise', from), { sequence: 2 }))).to.eql(['OK']);
  expect(chain.run(sign(approving('raise'), { key: regulator, sequence: 1 }))).to.eql(['OK']);
  return chain;
}

const noteOf = ({ machine }: TestChain, id: string): string | undefined =>
  machine.readRecord(probeRecord, id)?.note;

describe('machine version (M-130 to M-135)', () => {
  it('is the highest that some rule needs', () => {
    expect(Math.max(...Object.values(sinceMachineVersion))).to.equal(machineVersionMax);
  });

  it('changes with the first block that the decision names, and not before', () => {
    const chain = decided(now, 5);
    const raised = chain.machine.readRecord(machineVersionRecord, 'version-2');
    expect(raised).to.include({ version: 2, fromHeight: 5, proposalId: 'raise' });
    chain.run(sign(told('in-4'), { sequence: 3 }));
    expect(chain.machine.nextVersion()).to.equal(2);
    chain.run(sign(told('in-5'), { sequence: 4 }));
    expect(noteOf(chain, 'in-4')).to.equal('by version 1');
    expect(noteOf(chain, 'in-5')).to.equal('by version 2');
  });

  it('does not change within the block that decides', () => {
    const chain = new TestChain(testGenesis(), now);
    chain.run(sign(admission('regulator', ['REGULATOR']), { sequence: 1 }));
    chain.run(sign(raising('raise', 0), { sequence: 2 }));
    chain.run(
      sign(approving('raise'), { key: regulator, sequence: 1 }),
      sign(told('same'), { sequence: 3 }),
    );
    chain.run(sign(told('next'), { sequence: 4 }));
    expect(noteOf(chain, 'same')).to.equal('by version 1');
    expect(noteOf(chain, 'next')).to.equal('by version 2');
  });

  it('is met in a restored machine as in the one that decided', () => {
    const chain = decided(now, 5);
    const { machine } = chain;
    const restored = new Machine(testGenesis(), now);
    const rows = [...machine.stateRows()].sort((left, right) => (left.key < right.key ? 1 : -1));
    const leaves = Array.from({ length: machine.info().logSize }, (_, at) =>
      machine.log.leafHashAt(at),
    );
    restored.restore(rows, leaves, machine.head);
    const envelopes = [sign(told('in-4'), { sequence: 3 })];
    for (const height of [4, 5]) {
      const input = { height, timeMs: machine.head.timeMs + 1, envelopes };
      const [one, other] = [machine, restored].map((each) => each.finalizeBlock(input).appHash);
      expect(one).to.equal(other);
      for (const each of [machine, restored]) each.commit();
      expect(restored.nextVersion()).to.equal(machine.nextVersion());
    }
    expect(restored.nextVersion()).to.equal(2);
  });

  it('ends a program that does not know it before the first block by it, with its name', () => {
    const chain = decided(older, 5);
    expect(chain.run(sign(told('in-4'), { sequence: 3 }))).to.eql(['OK']);
    const { machine } = chain;
    const envelopes = [sign(told('in-5'), { sequence: 4 })];
    const before = machine.info();
    for (const step of [
      () => machine.finalizeBlock({ height: 5, timeMs: chain.timeMs, envelopes }),
      () => machine.prepareProposal(envelopes),
      () => machine.processProposal(envelopes),
      () => machine.nextVersion(),
    ]) {
      expect(step).to.throw(MachineVersionUnknown, /machine version 2 holds from height 5; 1 is/);
    }
    expect(machine.info()).to.deep.equal(before);
  });

  it('is decided by programs that do not know it as by those that do', () => {
    const [one, other] = [decided(older, 9), decided(now, 9)];
    expect(one.blocks.map(({ appHash }) => appHash)).to.deep.equal(
      other.blocks.map(({ appHash }) => appHash),
    );
  });

  it('is neither taken in nor voted for where the program does not know it, yet executed', () => {
    const envelope = sign(raising('raise', 9), { sequence: 1 });
    const [knows, doesNot] = [
      new TestChain(testGenesis(), now),
      new TestChain(testGenesis(), older),
    ];
    expect(knows.machine.checkTx(envelope).ok).to.equal(true);
    expect(knows.machine.processProposal([envelope])).to.equal(true);
    const checked = doesNot.machine.checkTx(envelope);
    expect(checked.ok || checked.result.name).to.equal('VERSION_NOT_KNOWN');
    expect(doesNot.machine.processProposal([envelope])).to.equal(false);
    const blocks = [knows, doesNot].map((chain) => chain.block([envelope]));
    expect(blocks.map(namesOf)).to.deep.equal([['OK'], ['OK']]);
    expect(blocks[0]?.appHash).to.equal(blocks[1]?.appHash);
  });

  it('has operations of its own: before it holds they are refused as by who never heard of them', () => {
    const chains = [now, older].map((parts) => decided(parts, 5));
    const malformed = { ...whispered('broken'), command: [] };
    const envelopes = [
      sign(whispered('early'), { sequence: 3 }),
      sign(malformed, { sequence: 4 }),
      // Neither has its key the role.
      sign(whispered('other'), { key: regulator, sequence: 2 }),
      sign([told('before'), whispered('behind')], { sequence: 5 }),
    ];
    const blocks = chains.map((chain) => chain.block(envelopes));
    for (const block of blocks) {
      expect(namesOf(block)).to.deep.equal(Array.from({ length: 4 }, () => 'OPERATION_UNKNOWN'));
    }
    expect(blocks[0]?.appHash).to.equal(blocks[1]?.appHash);
    const [chain] = chains;
    expect(chain?.run(sign(whispered('in-5'), { sequence: 6 }))).to.eql(['OK']);
    expect(chain && noteOf(chain, 'in-5')).to.equal('by version 2');
  });

  it('that nobody has decided on is no version: a rejected or open proposal raises nothing', () => {
    const chain = new TestChain(testGenesis(), now);
    chain.run(sign(raising('raise', 0), { sequence: 1 }));
    chain.run(sign(told('later'), { sequence: 2 }));
    expect(chain.machine.readRecord(proposalRecord, 'raise')?.state).to.equal('PROPOSED');
    expect(chain.machine.readRecord(machineVersionRecord, 'version-2')).to.equal(null);
    expect(noteOf(chain, 'later')).to.equal('by version 1');
  });

  it('begins with that of genesis, which is on the ledger from the first block on', () => {
    const chain = new TestChain(testGenesis({ version: 2 }), now);
    expect(chain.run(sign(whispered('first'), { sequence: 1 }))).to.eql(['OK']);
    expect(noteOf(chain, 'first')).to.equal('by version 2');
    const { machine } = chain;
    const first = { version: 2, fromHeight: 0, proposalId: 'genesis' };
    expect(machine.readRecord(machineVersionRecord, 'version-2')).to.include(first);
    const again = sign(raising('again', 0), { sequence: 2 });
    expect(chain.run(again)).to.eql(['VERSION_NOT_NEXT']);
    const restored = new Machine(testGenesis({ version: 2 }), now);
    const leaves = Array.from({ length: machine.info().logSize }, (_, at) =>
      machine.log.leafHashAt(at),
    );
    restored.restore([...machine.stateRows()], leaves, machine.head);
    expect(restored.nextVersion()).to.equal(2);
  });

  it('ends a program that does not know that of genesis before it begins', () => {
    expect(() => new TestChain(testGenesis({ version: 2 }), older)).to.throw(
      MachineVersionUnknown,
      /machine version 2 holds from height 0; 1 is/,
    );
  });

  it('holds by height in whatever order its rows come', () => {
    const rows = [3, 2].map((version) => ({ key: String(version), value: new Uint8Array() }));
    const versions = new MachineVersions(
      ({ key }) => ({ version: Number(key), fromHeight: Number(key) * 10 }),
      3,
      1,
    );
    versions.apply(rows);
    const held = [0, 19, 20, 29, 30, 99].map((height) => versions.at(height));
    expect(held).to.deep.equal([1, 1, 2, 2, 3, 3]);
  });
});
