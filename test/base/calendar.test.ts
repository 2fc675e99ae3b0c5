import { expect } from 'chai';
import fc from 'fast-check';
import {
  dateOfDay,
  dayOfDate,
  isWorkingDay,
  monthOf,
  periodEndMs,
} from '../../src/base/calendar.ts';
import type { Period } from '../../src/base/rules.ts';
import { defaultRules } from '../support/rules.ts';

const { calendar } = defaultRules;
const at = (iso: string): number => Date.parse(`${iso}+08:00`);
const day = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / 86_400_000;

describe('calendar: dates', () => {
  it('agree with the platform over 400 years and before 1970', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 200_000 }), (number) => {
        const date = new Date(number * 86_400_000);
        const [year, month, dayOfMonth] = [
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
        ];
        expect(dateOfDay(number)).to.deep.equal({ year, month, day: dayOfMonth });
        expect(dayOfDate(year, month, dayOfMonth)).to.equal(number);
      }),
      { numRuns: 2000 },
    );
  });

  it('the month is that of the calendar’s own offset', () => {
    expect(monthOf(at('2026-02-01T00:00'), calendar)).to.deep.equal({ year: 2026, month: 2 });
    expect(monthOf(at('2026-02-01T00:00') - 1, calendar)).to.deep.equal({ year: 2026, month: 1 });
  });
});

describe('calendar: working days of 2026', () => {
  const rows: [string, boolean, string][] = [
    ['2026-01-01', false, 'New Year’s Day'],
    ['2026-01-02', false, 'Friday off'],
    ['2026-01-03', false, 'Saturday'],
    ['2026-01-04', true, 'Sunday worked'],
    ['2026-02-14', true, 'Saturday worked before the Spring Festival'],
    ['2026-02-15', false, 'Sunday'],
    ['2026-02-16', false, 'Spring Festival'],
    ['2026-02-23', false, 'its last day'],
    ['2026-02-24', true, 'Tuesday after it'],
    ['2026-02-28', true, 'Saturday worked after it'],
    ['2026-04-06', false, 'Qingming Monday'],
    ['2026-05-05', false, 'Labour Day Tuesday'],
    ['2026-05-09', true, 'Saturday worked'],
    ['2026-06-19', false, 'Dragon Boat Friday'],
    ['2026-09-20', true, 'Sunday worked'],
    ['2026-09-25', false, 'Mid-Autumn Friday'],
    ['2026-10-07', false, 'National Day Wednesday'],
    ['2026-10-08', true, 'Thursday after it'],
    ['2026-10-10', true, 'Saturday worked'],
    ['2027-01-01', true, 'Friday beyond the calendar: only weekends are known'],
  ];
  for (const [iso, works, name] of rows) {
    it(`${iso} ${works ? 'is' : 'is not'} one: ${name}`, () => {
      expect(isWorkingDay(day(iso), calendar)).to.equal(works);
    });
  }
});

describe('calendar: ends of periods', () => {
  const rows: [string, Period, string][] = [
    ['2026-03-02T10:00', { unit: 'working-day', count: 3 }, '2026-03-06T00:00'],
    ['2026-03-02T00:00', { unit: 'working-day', count: 1 }, '2026-03-04T00:00'],
    ['2026-03-02T23:59', { unit: 'working-day', count: 1 }, '2026-03-04T00:00'],
    ['2026-03-02T10:00', { unit: 'working-day', count: 0 }, '2026-03-03T00:00'],
    ['2026-03-06T10:00', { unit: 'working-day', count: 1 }, '2026-03-10T00:00'],
    ['2026-03-07T10:00', { unit: 'working-day', count: 1 }, '2026-03-10T00:00'],
    ['2026-02-13T17:00', { unit: 'working-day', count: 1 }, '2026-02-15T00:00'],
    ['2026-02-13T17:00', { unit: 'working-day', count: 2 }, '2026-02-25T00:00'],
    ['2026-02-27T17:00', { unit: 'working-day', count: 1 }, '2026-03-01T00:00'],
    ['2026-04-30T09:00', { unit: 'working-day', count: 5 }, '2026-05-12T00:00'],
    ['2026-09-18T09:00', { unit: 'working-day', count: 10 }, '2026-10-10T00:00'],
    ['2026-09-18T09:00', { unit: 'working-day', count: 11 }, '2026-10-11T00:00'],
    ['2026-12-31T09:00', { unit: 'working-day', count: 1 }, '2027-01-02T00:00'],
    ['2026-03-02T10:00', { unit: 'day', count: 30 }, '2026-04-02T00:00'],
    ['2026-03-02T10:00', { unit: 'day', count: 0 }, '2026-03-03T00:00'],
    ['2026-03-02T10:00', { unit: 'year', count: 5 }, '2031-03-03T00:00'],
    ['2028-02-29T10:00', { unit: 'year', count: 1 }, '2029-03-01T00:00'],
    ['2028-02-29T10:00', { unit: 'year', count: 4 }, '2032-03-01T00:00'],
    ['2026-03-02T10:00', { unit: 'ms', count: 60_000 }, '2026-03-02T10:01'],
  ];
  for (const [from, period, end] of rows) {
    it(`${period.count} ${period.unit} from ${from} end at ${end}`, () => {
      expect(periodEndMs(at(from), period, calendar)).to.equal(at(end));
    });
  }

  it('lie ahead, at midnight of the calendar, and grow with the count', () => {
    const units = fc.constantFrom('working-day' as const, 'day' as const, 'year' as const);
    const from = fc.integer({ min: at('2026-01-01T00:00'), max: at('2026-12-31T23:00') });
    fc.assert(
      fc.property(from, units, fc.nat({ max: 30 }), (fromMs, unit, count) => {
        const end = periodEndMs(fromMs, { unit, count }, calendar);
        expect(end).to.be.greaterThan(fromMs);
        expect((end + 480 * 60_000) % 86_400_000).to.equal(0);
        expect(periodEndMs(fromMs, { unit, count: count + 1 }, calendar)).to.be.greaterThan(end);
      }),
    );
  });
});
