import { expect } from 'chai';
import fc from 'fast-check';
import { nextSequence, Sequences } from '../../../src/chain/machine/sequence.ts';
import { CommittedState, Overlay } from '../../../src/chain/machine/state.ts';

const keyId = 'ab'.repeat(32);

/** All numbers ever used, and the rule in plain words. */
class NaiveWindow {
  readonly #used = new Set<number>([0]);
  readonly #window: number;

  constructor(window: number) {
    this.#window = window;
  }

  get highest(): number {
    return Math.max(...this.#used);
  }

  judge(sequence: number): string {
    if (sequence > this.highest + this.#window) return 'SEQUENCE_TOO_FAR';
    if (sequence <= this.highest - this.#window) return 'SEQUENCE_TOO_OLD';
    return this.#used.has(sequence) ? 'SEQUENCE_USED' : 'OK';
  }

  use(sequence: number): void {
    this.#used.add(sequence);
  }
}

describe('chain/machine: sequence window (M-25)', () => {
  it('answers as a set of all used numbers would, within a block and from committed rows', () => {
    const step = fc.record({
      distance: fc.integer({ min: -40, max: 40 }),
      endsBlock: fc.boolean(),
    });
    const steps = fc.array(step, { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 33 }), steps, (window, all) => {
        const naive = new NaiveWindow(window);
        const committed = new CommittedState();
        let sequences = new Sequences(committed, window);
        for (const { distance, endsBlock } of all) {
          const sequence = Math.max(0, naive.highest + distance);
          const checked = sequences.check(keyId, sequence);
          expect(checked.ok ? 'OK' : checked.result.name).to.equal(naive.judge(sequence));
          if (checked.ok) {
            sequences.use(keyId, sequence);
            naive.use(sequence);
          }
          if (!endsBlock) continue;
          const block = new Overlay(committed);
          sequences.writeTo(block);
          committed.apply(block.changes());
          sequences = new Sequences(committed, window);
          expect(nextSequence(committed, keyId)).to.equal(naive.highest + 1);
        }
      }),
    );
  });

  it('begins at 1 and keeps keys apart', () => {
    const overlay = new Overlay(new CommittedState());
    const sequences = new Sequences(overlay, 16);
    expect(nextSequence(overlay, keyId)).to.equal(1);
    const zero = sequences.check(keyId, 0);
    expect(zero.ok || zero.result.name).to.equal('SEQUENCE_USED');
    sequences.use(keyId, 1);
    expect(sequences.check(keyId, 1).ok).to.equal(false);
    expect(sequences.check('cd'.repeat(32), 1).ok).to.equal(true);
  });

  it('writes what was used and nothing else, once for each key', () => {
    const overlay = new Overlay(new CommittedState());
    const sequences = new Sequences(overlay, 16);
    sequences.check('cd'.repeat(32), 1);
    for (const sequence of [1, 2, 5]) sequences.use(keyId, sequence);
    expect(overlay.changes()).to.deep.equal([]);
    sequences.writeTo(overlay);
    expect(overlay.changes().map(({ key }) => key)).to.deep.equal([`~sequence/${keyId}`]);
  });

  it('keeps no more than the window, however long the key signs', () => {
    const overlay = new Overlay(new CommittedState());
    const sequences = new Sequences(overlay, 128);
    for (let sequence = 1; sequence <= 2_000; sequence += 1) sequences.use(keyId, sequence);
    sequences.writeTo(overlay);
    expect(overlay.get(`~sequence/${keyId}`)!.length).to.be.below(40);
  });
});
