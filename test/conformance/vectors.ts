/** Blocks of envelopes that both drivers execute: applied, refused, repeated, expired, forged. */
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import { admission, beginMs, keyOf, operationOf, sign } from '../chain/test-chain.ts';
import { put, refuseAfterWriting, schedule, sellOnly } from '../chain/probe-room.ts';

export interface VectorBlock {
  readonly name: string;
  readonly timeMs: number;
  readonly envelopes: readonly Uint8Array[];
  /** Result codes in order. */
  readonly codes: readonly number[];
}

const noted = (sequence: number, id = `probe-${sequence}`): Uint8Array =>
  sign(operationOf(put, { id, note: 'noted' }), { sequence });

function forged(sequence: number): Uint8Array {
  const bytes = Uint8Array.from(noted(sequence));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
}

const at = (seconds: number): number => beginMs + seconds * 1_000;
const refusing = operationOf(refuseAfterWriting, { id: 'probe-refused' });
const selling = operationOf(sellOnly, { id: 'probe-sold' });

export const vectorBlocks = (genesis: Genesis): VectorBlock[] => [
  { name: 'nothing', timeMs: genesis.timeMs, envelopes: [], codes: [] },
  { name: 'one operation', timeMs: at(1), envelopes: [noted(1)], codes: [0] },
  {
    name: 'several operations of one envelope',
    timeMs: at(2),
    envelopes: [
      sign(
        [
          operationOf(put, { id: 'probe-a', note: 'a' }),
          operationOf(put, { id: 'probe-b', note: 'b' }),
        ],
        { sequence: 2 },
      ),
    ],
    codes: [0],
  },
  {
    name: 'a repetition',
    timeMs: at(3),
    envelopes: [noted(3), noted(3), noted(1)],
    codes: [0, 111, 111],
  },
  {
    name: 'a refusal that takes its writes back',
    timeMs: at(4),
    envelopes: [sign([operationOf(put, { id: 'probe-c', note: 'c' }), refusing], { sequence: 4 })],
    codes: [990],
  },
  {
    name: 'what no proposer may put into a block',
    timeMs: at(5),
    envelopes: [
      forged(5),
      sign(refusing, { sequence: 99 }),
      sign(refusing, { sequence: 5, expiryHeight: 2 }),
      sign(refusing, { sequence: 5, expiryHeight: 5_000 }),
      sign(refusing, { sequence: 5, key: keyOf('nobody') }),
      Uint8Array.of(1, 2, 3),
      new Uint8Array(),
    ],
    codes: [107, 113, 109, 110, 106, 101, 101],
  },
  {
    name: 'a new organisation and its first envelope',
    timeMs: at(6),
    envelopes: [
      sign(selling, { sequence: 5 }),
      sign(admission('seller', ['SELLER']), { sequence: 6 }),
      sign(selling, { sequence: 1, key: keyOf('seller') }),
    ],
    codes: [116, 0, 0],
  },
  {
    name: 'deadlines, set',
    timeMs: at(7),
    envelopes: [
      sign(operationOf(schedule, { id: 'probe-due', atMs: at(9) }), { sequence: 7 }),
      sign(operationOf(schedule, { id: 'again-due', atMs: at(9) }), { sequence: 8 }),
    ],
    codes: [0, 0],
  },
  { name: 'deadlines, not yet met', timeMs: at(8), envelopes: [], codes: [] },
  { name: 'deadlines, met', timeMs: at(9), envelopes: [noted(9)], codes: [0] },
  { name: 'a deadline that sets itself again', timeMs: at(9), envelopes: [], codes: [] },
];
