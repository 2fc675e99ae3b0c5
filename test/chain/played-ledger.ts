import { expect } from 'chai';
import { suspend } from '../../src/identity/change-standing.ts';
import { put, refuseAfterWriting, schedule } from './probe-room.ts';
import { admission, beginMs, keyOf, operationOf, sign } from './test-chain.ts';
import { wordOf, type TestNode } from './test-node.ts';

/** Six or more blocks with everything that a block may hold. */
export async function play(node: TestNode, clock: { nowMs: number }): Promise<void> {
  const send = async (...envelopes: Uint8Array[]): Promise<string[]> => {
    clock.nowMs += 1_000;
    return (await Promise.all(envelopes.map((bytes) => node.engine.submit(bytes)))).map(wordOf);
  };
  const seller = keyOf('seller');
  const note = (id: string, words: string) => operationOf(put, { id, note: words });
  expect(await send(sign(admission('seller', ['SELLER']), { sequence: 1 }))).to.deep.equal(['OK']);
  expect(
    await send(
      sign(note('probe-1', '数据要素'), { key: seller, sequence: 1 }),
      sign([note('probe-2', 'b'), operationOf(refuseAfterWriting, { id: 'probe-2' })], {
        key: seller,
        sequence: 2,
      }),
      sign(operationOf(schedule, { id: 'probe-3', atMs: clock.nowMs + 1_500 }), { sequence: 2 }),
      sign(operationOf(schedule, { id: 'probe-4', atMs: beginMs + 9_000_000 }), { sequence: 3 }),
    ),
  ).to.deep.equal(['OK', 'receipt 990', 'OK', 'OK']);
  for (let at = 4; at <= 6; at += 1) {
    expect(await send(sign(note('probe-1', `note ${at}`), { sequence: at }))).to.deep.equal(['OK']);
  }
  expect(
    await send(
      sign(operationOf(suspend, { organisationId: 'seller', reason: 'test' }), { sequence: 7 }),
      sign(note('probe-1', 'too late'), { key: seller, sequence: 3 }),
    ),
  ).to.deep.equal(['OK', 'receipt 108']);
  await node.projector.advance();
}
