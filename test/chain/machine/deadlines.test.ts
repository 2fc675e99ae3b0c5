import { expect } from 'chai';
import fc from 'fast-check';
import { decodeLeaf } from '../../../src/chain/machine/leaf.ts';
import type { FinalizedBlock } from '../../../src/chain/machine/block.ts';
import { probeRecord, put, schedule, unschedule } from '../probe-room.ts';
import { beginMs, operationOf, sign, TestChain } from '../test-chain.ts';

const at = (id: string, ms: number) => operationOf(schedule, { id, atMs: beginMs + ms });
const off = (id: string) => operationOf(unschedule, { id });

/** Ids that came due in a block, in order. */
const dueOf = (block: FinalizedBlock): string[] =>
  block.leaves
    .map(({ bytes }) => decodeLeaf(bytes))
    .flatMap((leaf) => (leaf.type === 'event' && leaf.name === 'probe.came-due' ? [leaf.id] : []));

describe('chain/machine: deadlines (M-60 to M-67)', () => {
  it('are met in the first block whose time has come, not before', () => {
    const chain = new TestChain();
    chain.block([sign(at('probe-1', 5_000), { sequence: 1 })], beginMs);
    expect(chain.machine.nextDeadlineMs).to.equal(beginMs + 5_000);
    expect(dueOf(chain.block([], beginMs + 4_999))).to.deep.equal([]);
    expect(dueOf(chain.block([], beginMs + 5_000))).to.deep.equal(['probe-1']);
    expect(chain.machine.readRecord(probeRecord, 'probe-1')).to.include({
      note: 'came due',
      height: 3,
      changedAtMs: beginMs + 5_000,
    });
    expect(chain.machine.nextDeadlineMs).to.equal(null);
    expect(dueOf(chain.block([], beginMs + 9_000))).to.deep.equal([]);
  });

  it('of one block are met in order of time, then of name and id, before its envelopes', () => {
    const chain = new TestChain();
    const operations = [at('probe-c', 30), at('probe-b', 20), at('probe-d', 30), at('probe-a', 30)];
    chain.block([sign(operations, { sequence: 1 })], beginMs);
    const note = sign(operationOf(put, { id: 'probe-c', note: 'after' }), { sequence: 2 });
    const block = chain.block([note], beginMs + 40);
    expect(dueOf(block)).to.deep.equal(['probe-b', 'probe-a', 'probe-c', 'probe-d']);
    expect(decodeLeaf(block.leaves[4]!.bytes).type).to.equal('receipt');
    expect(chain.machine.readRecord(probeRecord, 'probe-c')?.note).to.equal('after');
    const events = block.leaves.slice(0, 4).map(({ bytes }) => decodeLeaf(bytes));
    for (const leaf of events) expect(leaf).to.include({ envelopeId: null, operation: null });
  });

  it('moves where it is set again, to later or to earlier', () => {
    const chain = new TestChain();
    chain.block([sign([at('probe-1', 10), at('probe-2', 500)], { sequence: 1 })], beginMs);
    chain.block([sign([at('probe-1', 300), at('probe-2', 20)], { sequence: 2 })], beginMs);
    expect(dueOf(chain.block([], beginMs + 50))).to.deep.equal(['probe-2']);
    expect(dueOf(chain.block([], beginMs + 299))).to.deep.equal([]);
    expect(dueOf(chain.block([], beginMs + 300))).to.deep.equal(['probe-1']);
    expect(dueOf(chain.block([], beginMs + 900))).to.deep.equal([]);
  });

  it('is taken back by an operation, and by another deadline of the same block', () => {
    const chain = new TestChain();
    const cancels = 'cancels-probe-2';
    const set = [
      at('probe-1', 10),
      at('probe-2', 30),
      at(cancels, 20),
      off('probe-1'),
      off('none'),
    ];
    chain.block([sign(set, { sequence: 1 })], beginMs);
    expect(dueOf(chain.block([], beginMs + 100))).to.deep.equal([cancels]);
    expect(chain.machine.nextDeadlineMs).to.equal(null);
    expect([...chain.machine.stateRows()].filter(({ key }) => key.startsWith('~d'))).to.deep.equal(
      [],
    );
  });

  it('set in the past is met in the next block, never in the one that sets it', () => {
    const chain = new TestChain();
    const block = chain.block([sign(at('probe-1', -5), { sequence: 1 })], beginMs);
    expect(dueOf(block)).to.deep.equal([]);
    expect(chain.machine.nextDeadlineMs).to.equal(beginMs - 5);
    expect(dueOf(chain.block([], beginMs))).to.deep.equal(['probe-1']);
  });

  it('that sets itself anew is met once a block', () => {
    const chain = new TestChain();
    chain.block([sign(at('again-1', 5), { sequence: 1 })], beginMs);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(dueOf(chain.block([], beginMs + 10))).to.deep.equal(['again-1']);
    }
  });

  it('comes to the same as a plain list would, whatever is set, moved and taken back', () => {
    const id = fc.constantFrom('probe-1', 'probe-2', 'probe-3', 'probe-4');
    const time = fc.integer({ min: 0, max: 60 });
    const step = fc.record({
      set: fc.array(fc.tuple(id, fc.option(time)), { minLength: 1, maxLength: 5 }),
      passMs: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const chain = new TestChain();
        chain.block([], beginMs);
        const standing = new Map<string, number>();
        let nowMs = 0;
        for (const [index, { set, passMs }] of steps.entries()) {
          nowMs += passMs;
          const operations = set.map(([name, ms]) => (ms === null ? off(name) : at(name, ms)));
          const block = chain.block([sign(operations, { sequence: index + 1 })], beginMs + nowMs);
          const due = [...standing]
            .filter(([, ms]) => ms <= nowMs)
            .sort(([a, left], [b, right]) => left - right || (a < b ? -1 : 1))
            .map(([name]) => name);
          expect(dueOf(block)).to.deep.equal(due);
          for (const name of due) standing.delete(name);
          for (const [name, ms] of set) {
            if (ms === null) standing.delete(name);
            else standing.set(name, ms);
          }
          const next = standing.size === 0 ? null : beginMs + Math.min(...standing.values());
          expect(chain.machine.nextDeadlineMs).to.equal(next);
        }
      }),
      { numRuns: 50 },
    );
  });
});
