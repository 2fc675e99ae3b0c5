import { expect } from 'chai';
import fc from 'fast-check';
import {
  ClockGuard,
  defaultClockLimits,
  type ClockReading,
} from '../../../src/chain/engine/clock-guard.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const beginMs = 1_772_416_800_000;

/** A machine on which both clocks agree until somebody sets one. */
class FakeMachine {
  wallMs: number;
  steadyMs = 5_000_000;

  constructor(wallMs = beginMs) {
    this.wallMs = wallMs;
  }

  get reading(): ClockReading {
    return { wallMs: this.wallMs, steadyMs: this.steadyMs };
  }

  pass(elapsedMs: number): this {
    this.wallMs += elapsedMs;
    this.steadyMs += elapsedMs;
    return this;
  }

  set(byMs: number): this {
    this.wallMs += byMs;
    return this;
  }
}

const guardOf = (machine: FakeMachine, confirmed = false): ClockGuard =>
  new ClockGuard(defaultClockLimits, machine.reading, confirmed);

/** The reason of a hold, or `passes`. */
const wordOf = (guard: ClockGuard, machine: FakeMachine, newestMs: number): string =>
  guard.judge(machine.reading, newestMs).hold?.reason ?? 'passes';

describe('the clock guard', () => {
  describe('at a start, by the distance to the newest block', () => {
    for (const [what, aheadMs, word, confirmedWord] of [
      ['at the newest block', 0, 'passes', 'passes'],
      ['30 days ahead', 30 * day, 'passes', 'passes'],
      ['30 days and a millisecond ahead', 30 * day + 1, 'ahead', 'passes'],
      ['ten years ahead', 3_650 * day, 'ahead', 'passes'],
      ['60 s behind', -minute, 'passes', 'passes'],
      ['60 s and a millisecond behind', -minute - 1, 'behind', 'passes'],
      ['ten years behind', -3_650 * day, 'behind', 'passes'],
    ] as const) {
      it(`${what}: ${word}, once confirmed ${confirmedWord}`, () => {
        const machine = new FakeMachine(beginMs + aheadMs);
        expect(wordOf(guardOf(machine), machine, beginMs)).to.equal(word);
        expect(wordOf(guardOf(machine, true), machine, beginMs)).to.equal(confirmedWord);
      });
    }

    it('is confirmed once: when clock and blocks have met, the next long distance is held', () => {
      const machine = new FakeMachine(beginMs + 100 * day);
      const guard = guardOf(machine, true);
      expect(guard.judge(machine.reading, beginMs)).to.include({ hold: null, confirmed: true });
      const newestMs = machine.wallMs;
      expect(guard.judge(machine.reading, newestMs)).to.include({ hold: null, confirmed: false });
      expect(wordOf(guard, machine.pass(31 * day), newestMs)).to.equal('ahead');
    });

    it('stays confirmed while a ledger that is ahead waits for its time', () => {
      const machine = new FakeMachine(beginMs);
      const guard = guardOf(machine, true);
      for (let passed = 0; passed < 40; passed += 1) {
        expect(wordOf(guard, machine.pass(day), beginMs + 40 * day)).to.equal('passes');
      }
      expect(wordOf(guard, machine.set(-2 * minute), machine.wallMs + 3 * minute)).to.equal(
        'behind',
      );
    });

    it('goes on by itself where a clock that was behind has caught up', () => {
      const machine = new FakeMachine(beginMs - 10 * minute);
      const guard = guardOf(machine);
      expect(wordOf(guard, machine, beginMs)).to.equal('behind');
      expect(wordOf(guard, machine.pass(9 * minute), beginMs)).to.equal('passes');
    });
  });

  describe('while the node runs, by the steady clock', () => {
    for (const [what, byMs, word] of [
      ['an hour forward', hour, 'passes'],
      ['an hour and a millisecond forward', hour + 1, 'stepped'],
      ['an hour and a millisecond back', -hour - 1, 'stepped'],
      ['ten years forward', 3_650 * day, 'stepped'],
    ] as const) {
      it(`set ${what}: ${word}`, () => {
        const machine = new FakeMachine();
        const guard = guardOf(machine);
        // Whoever confirmed the start did not confirm this.
        const confirmed = guardOf(machine, true);
        machine.set(byMs);
        // The newest block is of now: it is the step alone.
        expect(wordOf(guard, machine, machine.wallMs)).to.equal(word);
        expect(wordOf(confirmed, machine, machine.wallMs)).to.equal(word);
      });
    }

    it('ten years forward and back within a second decide nothing, and trade goes on', () => {
      const machine = new FakeMachine();
      const guard = guardOf(machine);
      expect(wordOf(guard, machine.pass(400).set(3_650 * day), beginMs)).to.equal('stepped');
      expect(wordOf(guard, machine.pass(500).set(-3_650 * day), beginMs)).to.equal('passes');
    });

    it('a step that stays is held for as long as it stays, however long', () => {
      const machine = new FakeMachine();
      const guard = guardOf(machine);
      machine.set(3 * hour);
      for (let passed = 0; passed < 400; passed += 1) {
        expect(wordOf(guard, machine.pass(day), machine.wallMs)).to.equal('stepped');
      }
    });

    it('an idle month is distance, not a step', () => {
      const machine = new FakeMachine();
      const guard = guardOf(machine);
      expect(wordOf(guard, machine.pass(31 * day), beginMs)).to.equal('ahead');
      expect(wordOf(guardOf(machine, true), machine, beginMs)).to.equal('passes');
    });

    it('a steady clock that is read out of order is followed nowhere', () => {
      const machine = new FakeMachine();
      const guard = guardOf(machine);
      const { steadyMs } = machine;
      guard.judge({ wallMs: beginMs + hour, steadyMs: steadyMs - 100 * day }, beginMs);
      guard.judge({ wallMs: beginMs, steadyMs }, beginMs);
      expect(wordOf(guard, machine.set(hour + 1), machine.wallMs)).to.equal('stepped');
    });
  });

  /** What happens to a machine: time passes, and somebody sets its wall clock. */
  const events = fc.array(
    fc.record({
      elapsedMs: fc.integer({ min: 0, max: 3 * day }),
      setMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: -hour, max: hour }),
        fc.integer({ min: -3_650 * day, max: 3_650 * day }),
      ),
    }),
    { maxLength: 60 },
  );

  it('lets no clock pass that steps added up to more than the bound and a hundredth', () => {
    fc.assert(
      fc.property(events, (happening) => {
        const machine = new FakeMachine();
        const guard = guardOf(machine);
        const first = machine.reading;
        for (const { elapsedMs, setMs } of happening) {
          machine.pass(elapsedMs).set(setMs);
          if (wordOf(guard, machine, machine.wallMs) !== 'passes') continue;
          const elapsed = machine.steadyMs - first.steadyMs;
          const off = Math.abs(machine.wallMs - first.wallMs - elapsed);
          expect(off).to.be.at.most(hour + elapsed / 100 + 1);
        }
      }),
    );
  });

  it('lets no block pass far from the newest one, whatever happens, and none is lost by an honest clock', () => {
    fc.assert(
      fc.property(events, (happening) => {
        const machine = new FakeMachine();
        const guard = guardOf(machine);
        let newestMs = machine.wallMs;
        for (const { elapsedMs, setMs } of happening) {
          machine.pass(elapsedMs).set(setMs);
          if (wordOf(guard, machine, newestMs) !== 'passes') continue;
          expect(machine.wallMs - newestMs).to.be.within(-minute, 30 * day);
          newestMs = Math.max(newestMs, machine.wallMs);
        }
      }),
    );
    fc.assert(
      fc.property(
        // Real quartz is wrong by less than 100 ppm, and slewed by at most 500.
        fc.array(
          fc.tuple(fc.integer({ min: 1, max: 20 * day }), fc.integer({ min: -600, max: 600 })),
          {
            maxLength: 60,
          },
        ),
        (honest) => {
          const machine = new FakeMachine();
          const guard = guardOf(machine);
          let newestMs = machine.wallMs;
          for (const [elapsedMs, ppm] of honest) {
            machine.pass(elapsedMs).set((elapsedMs * ppm) / 1_000_000);
            expect(wordOf(guard, machine, newestMs)).to.equal('passes');
            newestMs = machine.wallMs;
          }
        },
      ),
    );
  });
});
