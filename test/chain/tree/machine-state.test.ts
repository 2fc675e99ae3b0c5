import { expect } from 'chai';
import { fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { leafHash } from '../../../src/base/merkle.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import { emptyZkRoot } from '../../../src/chain/tree/zk-root.ts';
import { verifyStateProof } from '../../../src/chain/tree/verify-state-proof.ts';
import { operationOf, sign, TestChain, testGenesis, testParts } from '../test-chain.ts';
import { put } from '../probe-room.ts';
import { naiveStateRoot } from './naive-state-tree.ts';

const note = (id: string, words: string, sequence: number): Uint8Array =>
  sign(operationOf(put, { id, note: words }), { sequence });

const stateOf = (machine: Machine): Map<string, Uint8Array> =>
  new Map([...machine.stateRows()].map(({ key, value }) => [key, value]));

const naiveOf = (machine: Machine): string => toHex(naiveStateRoot(stateOf(machine)));

describe('chain/machine: what the app hash says of the state', () => {
  it('is SHA-256(tag, height, log root and size, state root, zk root, parameters)', () => {
    const chain = new TestChain();
    const block = chain.block([note('probe-1', 'a', 1)]);
    const uint64 = (value: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(value));
      return bytes;
    };
    const tag = Buffer.from('dxl/app-hash/2');
    const preimage = Buffer.concat([
      Buffer.of(tag.length),
      tag,
      uint64(block.height),
      fromHex(block.logRoot),
      uint64(block.logSize),
      fromHex(block.stateRoot),
      fromHex(emptyZkRoot),
      fromHex(block.parametersHash),
    ]);
    expect(block.appHash).to.equal(sha256Hex(preimage));
    expect(block.zkRoot).to.equal(emptyZkRoot);
    expect(block.stateRoot).to.equal(naiveOf(chain.machine));
  });

  it('proves records that are there and records that are not, before and behind a staged block', () => {
    const chain = new TestChain();
    chain.block([note('probe-1', 'a', 1)]);
    const { machine } = chain;
    const root = fromHex(machine.info().stateRoot);
    const value = stateOf(machine).get('probe/probe-1')!;
    const check = (): void => {
      const [present, absent] = [
        machine.proveState('probe/probe-1'),
        machine.proveState('probe/probe-x'),
      ];
      expect(verifyStateProof(root, 'probe/probe-1', value, present)).to.equal(true);
      expect(verifyStateProof(root, 'probe/probe-1', utf8('b'), present)).to.equal(false);
      expect(verifyStateProof(root, 'probe/probe-x', null, absent)).to.equal(true);
      expect(verifyStateProof(root, 'probe/probe-x', value, absent)).to.equal(false);
    };
    check();
    machine.finalizeBlock({
      height: 2,
      timeMs: chain.timeMs,
      envelopes: [note('probe-1', 'b', 2), note('probe-x', 'c', 3)],
    });
    check();
    machine.abandon();
    check();
  });

  it('leaves no trace of an abandoned block: the next one has the same hashes', () => {
    const [one, other] = [new TestChain(), new TestChain()];
    for (const chain of [one, other]) chain.block([note('probe-1', 'a', 1)]);
    one.machine.finalizeBlock({
      height: 2,
      timeMs: one.timeMs,
      envelopes: [note('probe-y', 'no', 2)],
    });
    one.machine.abandon();
    const [found, wanted] = [one, other].map((chain) => chain.block([note('probe-z', 'yes', 2)]));
    expect(found!.appHash).to.equal(wanted!.appHash);
  });

  it('is the same on a machine restored from rows and leaf hashes', () => {
    const chain = new TestChain();
    for (let at = 1; at <= 5; at += 1) chain.block([note(`probe-${at % 3}`, `at ${at}`, at)]);
    const { height, timeMs, appHash } = chain.machine.info();
    const restored = new Machine(testGenesis(), testParts);
    const leaves = chain.blocks.flatMap((block) =>
      block.leaves.map(({ bytes }) => leafHash(bytes)),
    );
    restored.restore([...chain.machine.stateRows()].reverse(), leaves, { height, timeMs });
    expect(restored.info().appHash).to.equal(appHash);
  });
});
