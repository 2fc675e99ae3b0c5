/** Commands of the kept chain with one value changed, rightly signed: past every door into the rules. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { CborValue } from '../../src/base/cbor.ts';
import { success } from '../../src/base/result.ts';
import { CachedState, StateMiss } from '../../src/chain/machine/cached-state.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import { exchangeParts, registry } from '../../src/chain/rooms.ts';
import { signEnvelope } from '../../src/chain/tx/envelope.ts';
import { readEnvelope, type Reading } from '../simulation/audit/access.ts';
import { cast, chainId, keyOf, keyWithId } from '../simulation/cast.ts';
import { readGolden, type GoldenChain } from '../simulation/golden.ts';

const parts = { ...exchangeParts, verifyProof: () => success };

const strange: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constantFrom<CborValue>(null, true, 0n, 1n, -1n, 2n ** 53n, 2n ** 64n - 1n, '', 'x', []),
  fc.constantFrom<CborValue>('seller-1', 'buyer-1', 'trade-1', 'listing-1', 'registration-1'),
  fc.bigInt({ min: 0n, max: 10n ** 15n }),
  fc.uint8Array({ minLength: 31, maxLength: 33 }),
  fc.string({ maxLength: 70, unit: 'grapheme' }),
);

/** The value with what stands at the `at`-th place, depth first, replaced. */
function replace(value: CborValue, at: number, by: CborValue): CborValue {
  let place = 0;
  const walk = (node: CborValue): CborValue => {
    place += 1;
    if (place - 1 === at) return by;
    return isList(node) ? node.map(walk) : node;
  };
  return walk(value);
}

const isList = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);

const sizeOf = (value: CborValue): number =>
  isList(value) ? value.reduce((sum: number, item) => sum + sizeOf(item), 1) : 1;

/** A machine that has executed some of the kept chain, and one that loads all that it reads. */
function replay(golden: GoldenChain, blocks: number) {
  const machine = new Machine(golden.genesis, parts);
  const loading = new Machine(golden.genesis, parts, new CachedState(0));
  machine.initChain();
  loading.initChain();
  const load = <Result>(step: () => Result): Result => {
    for (;;) {
      try {
        return step();
      } catch (error) {
        if (!(error instanceof StateMiss)) throw error;
        const rows = error.keys.map((key) => ({ key, value: machine.readState(key) }));
        loading.loadState(machine.info().height, rows);
      }
    }
  };
  const finalize = (timeMs: number, envelopes: readonly Uint8Array[]) => {
    const input = { height: machine.info().height + 1, timeMs, envelopes };
    const found = machine.finalizeBlock(input);
    return { found, same: load(() => loading.finalizeBlock(input)).appHash === found.appHash };
  };
  for (const { timeMs, envelopes } of golden.blocks.slice(0, blocks)) {
    expect(finalize(timeMs, envelopes).same).to.equal(true);
    // First the one that still reads the other's rows of the block before.
    loading.commit();
    machine.commit();
  }
  const abandon = (): void => {
    machine.abandon();
    loading.abandon();
  };
  return { machine, finalize, abandon };
}

describe('fuzz: commands of the kept chain with one value changed', function () {
  this.timeout(300_000);
  let golden: GoldenChain;
  let corpus: Reading[];
  before(async () => {
    golden = await readGolden();
    for (const { id } of [...cast, { id: 'operator' }]) keyOf(id);
    corpus = golden.blocks
      .flatMap(({ envelopes, resultCodes }) =>
        envelopes.filter((_, position) => resultCodes[position] === 0),
      )
      .map(readEnvelope)
      .filter(({ keyId }) => keyWithId(keyId));
  });

  for (const share of [0.3, 0.6, 1]) {
    it(`throws nothing and parts no two machines after ${share * 100} % of the chain`, () => {
      const at = Math.floor(golden.blocks.length * share);
      const { machine, finalize, abandon } = replay(golden, at);
      const before = machine.info().appHash;
      const reached = new Set<number>();
      const envelope = (reading: Reading, place: number, by: CborValue): Uint8Array => {
        const key = keyWithId(reading.keyId) ?? keyOf('operator');
        const whole = reading.operations.map(([, command]) => command);
        const operations = replace(whole, 1 + (place % sizeOf(whole)), by);
        return signEnvelope(chainId, key, {
          sequence: machine.nextSequence(key.keyId),
          expiryHeight: machine.info().height + 10,
          operations: reading.operations.map(([number], index) => ({
            number,
            command: isList(operations) ? (operations[index] ?? null) : null,
          })),
        });
      };
      const changed = fc
        .tuple(fc.nat(), fc.nat(200), strange)
        .map(([one, place, by]) => ({ one, place, by }));
      fc.assert(
        fc.property(
          fc.array(changed, { minLength: 1, maxLength: 6 }),
          fc.constantFrom(0, 1_000, 600_001, 40_000_000_000, 200_000_000_000),
          (picks, laterMs) => {
            const envelopes = picks.flatMap(({ one, place, by }) => {
              const reading = corpus[one % corpus.length];
              return reading ? [envelope(reading, place, by)] : [];
            });
            const { found, same } = finalize(machine.info().timeMs + laterMs, envelopes);
            abandon();
            expect(same, 'a machine that loads its state comes to the same').to.equal(true);
            for (const { outcome } of found.results) {
              if (outcome.ok) reached.add(0);
              else {
                expect(registry.results.get(outcome.result.code)).to.equal(outcome.result);
                reached.add(outcome.result.code);
              }
            }
          },
        ),
        { numRuns: 250 },
      );
      expect(machine.info().appHash).to.equal(before);
      // Past the envelope's own codes, into the rules of the rooms.
      expect([...reached].filter((code) => code >= 1000).length).to.be.above(5);
    });
  }
});
