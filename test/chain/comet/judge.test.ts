import { expect } from 'chai';
import { sha256Hex } from '../../../src/base/hash.ts';
import type { Receipt } from '../../../src/chain/engine/engine.ts';
import { beginMs, TestChain, testGenesis, testParts } from '../test-chain.ts';
import type { CometBlock, Copy } from './copies.ts';
import { judgeCopies, type Promised } from './judge.ts';
import { admissionEnvelope } from './test-network.ts';

const last = 4;
const changed = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);

/** Four blocks of two admissions, as four validators have them, and what was promised. */
function soundCase() {
  const chain = new TestChain();
  const blocks: CometBlock[] = [];
  const acknowledged = new Map<string, Receipt>();
  let appHash = chain.machine.info().appHash;
  for (let height = 1; height <= last + 1; height += 1) {
    const numbers = height > last ? [] : [height * 2 - 1, height * 2];
    const envelopes = numbers.map((number) =>
      admissionEnvelope('dxl-test', `organisation-${number}`, number, 500),
    );
    const timeMs = beginMs + height * 1_000;
    const time = new Date(timeMs).toISOString().replace('Z', '999999Z');
    const hash = String(height).repeat(64);
    blocks.push({ hash, appHash, time, envelopes, codes: envelopes.map(() => 0) });
    if (height > last) break;
    const block = chain.block(envelopes, timeMs);
    appHash = block.appHash;
    for (const { id: envelopeId } of block.results) {
      acknowledged.set(envelopeId, { envelopeId, height, resultCode: 0 } as Receipt);
    }
  }
  const state = [...chain.machine.stateRows()].map(
    ({ key, value }) => [key, sha256Hex(value)] as const,
  );
  const copies = Array.from({ length: 4 }, (): Mutable<Copy> => ({
    comet: new Map(blocks.map((block, at) => [at + 1, block])),
    ledger: new Map(
      blocks.slice(0, last).map(({ envelopes, codes, hash }, at) => [
        at + 1,
        {
          appHash: blocks[at + 1]!.appHash,
          headerHash: hash,
          envelopes: envelopes.map((bytes, index) => ({
            id: sha256Hex(bytes),
            code: codes[index]!,
          })),
        },
      ]),
    ),
    state,
  }));
  const promised = { acknowledged, known: new Set<string>(), refused: [] as string[] };
  return { copies, promised };
}

type Mutable<Type> = {
  -readonly [Key in keyof Type]: Type[Key] extends ReadonlyMap<infer Name, infer Value>
    ? Map<Name, Value>
    : Type[Key];
};
type Case = ReturnType<typeof soundCase>;

const judged = ({ copies, promised }: { copies: readonly Copy[]; promised: Promised }) =>
  judgeCopies(testGenesis(), copies, last, promised, testParts);

/** The block, changed, in the block stores of all validators. */
function change(
  copies: Case['copies'],
  height: number,
  to: (block: CometBlock) => CometBlock,
): void {
  for (const { comet } of copies) comet.set(height, to(comet.get(height)!));
}

const faults: [what: string, plant: (sound: Case) => void, named: RegExp][] = [
  [
    'a validator that decided another block',
    ({ copies }) => copies[2]!.comet.set(3, { ...copies[2]!.comet.get(3)!, hash: 'ff' }),
    /block stores differ at height 3/,
  ],
  [
    'an app hash that one database alone has',
    ({ copies: [, one] }) => {
      const block = one!.ledger.get(2)!;
      one!.ledger.set(2, { ...block, appHash: changed(block.appHash) });
    },
    /validator 1, height 2: another app hash/,
  ],
  [
    'a database without a block',
    ({ copies }) => copies[3]!.ledger.delete(4),
    /validator 3, height 4: no block/,
  ],
  [
    'a database that lacks an envelope of a block',
    ({ copies: [one] }) => {
      const block = one!.ledger.get(1)!;
      one!.ledger.set(1, { ...block, envelopes: block.envelopes.slice(1) });
    },
    /validator 0, height 1: other envelopes/,
  ],
  [
    'a state row that one validator alone has',
    ({ copies }) => (copies[1]!.state = [...copies[1]!.state, ['organisation/x', '00']]),
    /validator 1 has \d+ state rows/,
  ],
  [
    'a state row with another value',
    ({ copies }) => (copies[1]!.state = copies[1]!.state.map(([key]) => [key, '00'])),
    /of which \d+ differ/,
  ],
  [
    'an acknowledged envelope that stands in no block',
    ({ promised }) => promised.acknowledged.set('aa', { envelopeId: 'aa', height: 2 } as Receipt),
    /envelope aa, acknowledged at height 2, is not there/,
  ],
  [
    'an acknowledged envelope that stands in another block than promised',
    ({ promised: { acknowledged } }) => {
      const [id, receipt] = [...acknowledged][0]!;
      acknowledged.set(id, { ...receipt, height: 3 });
    },
    /acknowledged at height 3, is not there/,
  ],
  [
    'an envelope that stands in two blocks',
    ({ copies }) => {
      const again = copies[0]!.comet.get(1)!;
      change(copies, 3, (block) => ({ ...block, envelopes: again.envelopes, codes: [0, 0] }));
    },
    /stands in a second block, 3/,
  ],
  [
    'blocks that all validators hold and that lead elsewhere',
    ({ copies }) => change(copies, 3, (block) => ({ ...block, appHash: changed(block.appHash) })),
    /block 2, executed anew, leads to/,
  ],
  [
    'an effect that all validators have and no envelope made',
    ({ copies }) => {
      for (const copy of copies) copy.state = [...copy.state, ['organisation/x', '00']];
    },
    /9 organisations by the envelopes, 10, 10, 10, 10 by state/,
  ],
  [
    'an envelope said to be used that stands nowhere',
    ({ promised }) => promised.known.add('bb'),
    /envelope bb is said to be used/,
  ],
  [
    'a refusal that nothing explains',
    ({ promised }) => promised.refused.push('x: ROLE_MISSING'),
    /refused: x/,
  ],
];

describe('the judge of a network', () => {
  it('finds nothing in a sound one, where one validator came by state-sync', () => {
    const sound = soundCase();
    for (const height of [1, 2]) sound.copies[2]!.comet.delete(height);
    expect(judged(sound)).to.deep.equal({
      height: 4,
      compared: { blocks: 18, ledgerBlocks: 16, rows: 4 * sound.copies[0]!.state.length },
      reexecuted: 4,
      envelopes: { inBlocks: 8, applied: 8, acknowledged: 8, lost: 0, doubled: 0 },
      organisations: { byEnvelopes: 9, byState: [9, 9, 9, 9] },
      problems: [],
    });
  });

  for (const [what, plant, named] of faults) {
    it(`names ${what}`, () => {
      const planted = soundCase();
      plant(planted);
      expect(judged(planted).problems.join('\n')).to.match(named);
    });
  }
});
