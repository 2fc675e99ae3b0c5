import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { isWorkingDay, dayOfDate } from '../../src/base/calendar.ts';
import { CodecError } from '../../src/base/codec-error.ts';
import { fromJson, toJson } from '../../src/base/codec.ts';
import { rulePackSchema } from '../../src/base/rules.ts';
import { readRulePack } from '../support/rules.ts';

const packs = ['default-cn', 'demo'] as const;

const readJson = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../rules/${name}.json`, import.meta.url), 'utf8'));

const weekdayOf = (iso: string): number => new Date(`${iso}T00:00:00Z`).getUTCDay();

describe('rule packs', () => {
  for (const name of packs) {
    describe(name, () => {
      const pack = readRulePack(name);
      const { calendar } = pack;

      it('fits the schema and comes back as the same JSON', () => {
        expect(pack.id).to.equal(name);
        expect(toJson(rulePackSchema, pack)).to.deep.equal(readJson(name));
      });

      it('says that it is not legal advice, where it is from, and of when', () => {
        expect(pack.notice).to.match(/^Not legal advice\./);
        expect(pack.source).not.to.equal('');
        expect(pack.asOf).to.match(/^\d{4}-\d{2}-\d{2}$/);
      });

      it('names real dates of its range in order, holidays Monday to Friday only', () => {
        for (const dates of [calendar.holidays, calendar.workedWeekends]) {
          expect([...new Set(dates)].sort()).to.deep.equal(dates);
          for (const iso of dates) {
            expect(new Date(`${iso}T00:00:00Z`).toISOString().slice(0, 10)).to.equal(iso);
            expect(iso >= calendar.from && iso <= calendar.to, iso).to.equal(true);
          }
        }
        expect(calendar.holidays.every((iso) => ![0, 6].includes(weekdayOf(iso)))).to.equal(true);
        expect(calendar.workedWeekends.every((iso) => [0, 6].includes(weekdayOf(iso)))).to.equal(
          true,
        );
      });

      it('is refused with an unknown, a missing or an ill-typed field', () => {
        const json = readJson(name);
        const without = Object.fromEntries(Object.entries(json).filter(([key]) => key !== 'money'));
        for (const wrong of [
          { ...json, extra: 1 },
          without,
          { ...json, money: { ...(json.money as object), feeBasisPoints: 10_001 } },
          { ...json, money: { ...(json.money as object), priceMaxFen: 1 } },
        ]) {
          expect(() => fromJson(rulePackSchema, wrong)).to.throw(CodecError);
        }
      });
    });
  }

  it('default-cn: the periods of the domain, in working days and years', () => {
    const { periods } = readRulePack('default-cn');
    expect(periods).to.deep.include({
      acceptance: { unit: 'working-day', count: 3 },
      review: { unit: 'working-day', count: 10 },
      publicity: { unit: 'working-day', count: 5 },
      objectionResolution: { unit: 'working-day', count: 10 },
      registration: { unit: 'year', count: 5 },
    });
  });

  it('default-cn: 248 working days in 2026, as the notice leaves them', () => {
    const { calendar } = readRulePack('default-cn');
    const first = dayOfDate(2026, 1, 1);
    const days = Array.from({ length: 365 }, (_, index) => first + index);
    // 261 weekdays, less 19 holidays on weekdays, and 6 weekends worked.
    expect(days.filter((day) => isWorkingDay(day, calendar))).to.have.length(261 - 19 + 6);
  });
});
