import { expect } from 'chai';
import fc from 'fast-check';
import { checkSequence, nextSequence, useSequence } from '../../../src/chain/machine/sequence.ts';
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
  it('answers as a set of all used numbers would, from an overlay and from committed rows', () => {
    const steps = fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 33 }), steps, (window, distances) => {
        const naive = new NaiveWindow(window);
        const committed = new CommittedState();
        for (const distance of distances) {
          const sequence = Math.max(0, naive.highest + distance);
          const overlay = new Overlay(committed);
          const checked = checkSequence(overlay, keyId, sequence, window);
          expect(checked.ok ? 'OK' : checked.result.name).to.equal(naive.judge(sequence));
          if (!checked.ok) continue;
          useSequence(overlay, keyId, sequence, window);
          naive.use(sequence);
          committed.apply(overlay.changes());
          expect(nextSequence(committed, keyId)).to.equal(naive.highest + 1);
        }
      }),
    );
  });

  it('begins at 1 and keeps keys apart', () => {
    const overlay = new Overlay(new CommittedState());
    expect(nextSequence(overlay, keyId)).to.equal(1);
    const zero = checkSequence(overlay, keyId, 0, 16);
    expect(zero.ok || zero.result.name).to.equal('SEQUENCE_USED');
    useSequence(overlay, keyId, 1, 16);
    expect(checkSequence(overlay, keyId, 1, 16).ok).to.equal(false);
    expect(checkSequence(overlay, 'cd'.repeat(32), 1, 16).ok).to.equal(true);
  });

  it('keeps no more than the window, however long the key signs', () => {
    const overlay = new Overlay(new CommittedState());
    for (let sequence = 1; sequence <= 2_000; sequence += 1) {
      useSequence(overlay, keyId, sequence, 128);
    }
    expect(overlay.get(`~sequence/${keyId}`)!.length).to.be.below(40);
  });
});
