import { expect } from 'chai';
import { confirmClock } from '../../../src/chain/engine/confirm-clock.ts';

const china = { offsetMinutes: 480 };
/** 2026-11-30 23:30 in China. */
const nowMs = Date.UTC(2026, 10, 30, 15, 30);

const wordOf = (date: string): string => {
  try {
    confirmClock(date, nowMs, china);
    return 'confirmed';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the date that a person confirms the clock with', () => {
  for (const [date, word] of [
    ['2026-11-30', 'confirmed'],
    ['2026-11-29', 'confirmed'],
    ['2026-12-01', 'confirmed'],
    ['2026-11-28', 'CLOCK_NOT_CONFIRMED'],
    ['2026-12-02', 'CLOCK_NOT_CONFIRMED'],
    ['2036-11-30', 'CLOCK_NOT_CONFIRMED'],
    ['2026-11-31', 'CLOCK_DATE'],
    ['2026-13-01', 'CLOCK_DATE'],
    ['30.11.2026', 'CLOCK_DATE'],
    ['2026-11-30T00:00', 'CLOCK_DATE'],
    ['today', 'CLOCK_DATE'],
    ['', 'CLOCK_DATE'],
  ] as const) {
    it(`${date || 'nothing'}: ${word}`, () => expect(wordOf(date)).to.equal(word));
  }

  it('is compared with the clock in words that show both', () => {
    expect(() => confirmClock('2036-11-30', nowMs, china)).to.throw(
      "You say that it is 2036-11-30, and this machine's clock says 2026-11-30 23:30:00 UTC+08:00.",
    );
  });
});
