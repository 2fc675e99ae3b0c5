import { expect } from 'chai';
import { toHex } from '../../../src/base/bytes.ts';
import { leafHash, MerkleLog } from '../../../src/base/merkle.ts';
import type { FinalizedBlock } from '../../../src/chain/machine/block.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import { put, refuseAfterWriting, schedule } from '../probe-room.ts';
import {
  admission,
  beginMs,
  keyOf,
  operationOf,
  sign,
  TestChain,
  testGenesis,
  testParts,
} from '../test-chain.ts';

const note = (id: string, words = 'x') => operationOf(put, { id, note: words });
const seller = keyOf('seller');

/** Some blocks with all that may happen. */
const script = (): { envelopes: Uint8Array[]; timeMs: number }[] => {
  const sequenceOf = (at: number) => ({ sequence: at });
  return [
    { envelopes: [sign(admission('seller', ['SELLER']), sequenceOf(1))], timeMs: beginMs },
    {
      envelopes: [
        sign(note('probe-b'), { key: seller, sequence: 3 }),
        sign(note('probe-a', '数据'), { key: seller, sequence: 1 }),
        sign([note('probe-c'), operationOf(refuseAfterWriting, { id: 'probe-c' })], sequenceOf(3)),
        sign(operationOf(schedule, { id: 'probe-d', atMs: beginMs + 500 }), sequenceOf(2)),
      ],
      timeMs: beginMs + 10,
    },
    { envelopes: [sign(note('probe-a'), { key: seller, sequence: 1 })], timeMs: beginMs + 10 },
    { envelopes: [], timeMs: beginMs + 900 },
    { envelopes: [sign(note('probe-e'), sequenceOf(16))], timeMs: beginMs + 901 },
  ];
};

const hashesOf = (block: FinalizedBlock) => {
  const { appHash, logRoot, logSize, stateRoot, envelopesRoot } = block;
  return { appHash, logRoot, logSize, stateRoot, envelopesRoot };
};

describe('chain/machine: determinism and restart (M-50 to M-53)', () => {
  const play = (chain: TestChain, from = 0): void => {
    for (const { envelopes, timeMs } of script().slice(from)) chain.block(envelopes, timeMs);
  };

  it('leads two machines through the same blocks to the same bytes', () => {
    const [one, two] = [new TestChain(), new TestChain()];
    play(one);
    // The second has checked, proposed and abandoned in between: none of it is consensus.
    for (const { envelopes, timeMs } of script()) {
      for (const bytes of envelopes) two.machine.checkTx(bytes);
      two.machine.prepareProposal(envelopes);
      const height = two.machine.info().height + 1;
      two.machine.finalizeBlock({ height, timeMs: timeMs + 1, envelopes: [] });
      two.machine.abandon();
      two.block(envelopes, timeMs);
    }
    expect(one.blocks).to.deep.equal(two.blocks);
    expect(one.machine.info()).to.deep.equal(two.machine.info());
  });

  it('goes on from rows as from its own memory, at every height and in any order of rows', () => {
    const whole = new TestChain();
    play(whole);
    for (let height = 1; height < whole.blocks.length; height += 1) {
      const first = new TestChain();
      for (const { envelopes, timeMs } of script().slice(0, height)) first.block(envelopes, timeMs);
      const rows = [...first.machine.stateRows()];
      const hashes = first.blocks.flatMap(({ leaves }) =>
        leaves.map(({ bytes }) => leafHash(bytes)),
      );
      for (const order of [rows, [...rows].reverse()]) {
        const machine = new Machine(testGenesis(), testParts);
        machine.restore(order, hashes, first.machine.info());
        expect(machine.info()).to.deep.equal(first.machine.info());
        expect(machine.nextDeadlineMs).to.equal(first.machine.nextDeadlineMs);
        for (const [at, { envelopes, timeMs }] of script().entries()) {
          if (at < height) continue;
          const block = machine.finalizeBlock({ height: at + 1, timeMs, envelopes });
          machine.commit();
          expect(hashesOf(block)).to.deep.equal(hashesOf(whole.blocks[at]!));
        }
      }
    }
  });

  it('hashes what it says: log root, envelopes root, sizes', () => {
    const chain = new TestChain();
    play(chain);
    const log = new MerkleLog();
    for (const [at, block] of chain.blocks.entries()) {
      for (const { logIndex, bytes } of block.leaves) {
        expect(log.append(leafHash(bytes))).to.equal(logIndex);
      }
      expect(block.logRoot).to.equal(toHex(log.root()));
      expect(block.logSize).to.equal(log.size);
      const envelopes = new MerkleLog();
      for (const bytes of script()[at]!.envelopes) envelopes.append(leafHash(bytes));
      expect(block.envelopesRoot).to.equal(toHex(envelopes.root()));
    }
  });

  it('sorts changes by bytes of their keys, and an empty block changes the app hash', () => {
    const chain = new TestChain();
    play(chain);
    for (const { changes } of chain.blocks) {
      const keys = changes.map(({ key }) => key);
      expect(keys).to.deep.equal(
        [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))),
      );
      expect(new Set(keys).size).to.equal(keys.length);
    }
    const [before, after] = [chain.block([]), chain.block([])];
    expect(after.logRoot).to.equal(before.logRoot);
    expect(after.appHash).to.not.equal(before.appHash);
  });

  it('answers differently for another genesis, whatever of it differs', () => {
    const appHashOf = (changed: Parameters<typeof testGenesis>[0]): string => {
      const chain = new TestChain(testGenesis(changed));
      return chain.block([], beginMs).appHash;
    };
    const base = testGenesis();
    const answers = [
      appHashOf({}),
      appHashOf({ chainId: 'dxl-tesu' }),
      appHashOf({ mode: 'production' }),
      appHashOf({ parameters: { ...base.parameters, sequenceWindow: 17 } }),
      appHashOf({ rules: { ...base.rules, version: 'other' } }),
      appHashOf({ blockSigner: keyOf('other').publicKey }),
      appHashOf({ operator: { ...base.operator, name: 'Operatos' } }),
    ];
    expect(new Set(answers).size).to.equal(answers.length);
  });
});
