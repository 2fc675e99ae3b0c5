import { expect } from 'chai';
import { dayMs } from '../../src/base/calendar.ts';
import type { Actor } from '../../src/base/room.ts';
import type { Calendar, RulePack } from '../../src/base/rules.ts';
import { confirmNoNotice } from '../../src/governance/confirm-no-notice.ts';
import { approve } from '../../src/governance/decide.ts';
import { propose } from '../../src/governance/propose.ts';
import { proposeCalendarYear, proposeRules } from '../../src/governance/propose-rules.ts';
import { governanceResults as results } from '../../src/governance/results.ts';
import { governanceRoom } from '../../src/governance/room.ts';
import type { CalendarYear } from '../../src/governance/schema.ts';
import { noNoticeRecord, proposalRecord, rulesVersionRecord } from '../../src/governance/state.ts';
import { memoryLedger, type MemoryLedger } from '../support/ledger.ts';
import { defaultRules } from '../support/rules.ts';

interface World {
  readonly ledger: MemoryLedger;
  readonly operator: Actor;
  readonly regulator: Actor;
}

function begin(): World {
  const ledger = memoryLedger({ rooms: [governanceRoom], rules: defaultRules });
  ledger.machineVersion = 2;
  const operator = ledger.admit('operator', ['ADMIN', 'OPERATOR']);
  return { ledger, operator, regulator: ledger.admit('regulator', ['REGULATOR']) };
}

const facts = (proposalId: string) => ({ proposalId, notBeforeHeight: 10, reason: 'As decided' });

const next: RulePack = { ...defaultRules, version: '2026-2' };

/** Days of a test, not of a notice. */
const year2027: CalendarYear = {
  ...{ year: 2027, version: 'test-2027', source: 'A test' },
  holidays: ['2027-01-01', '2027-02-08'],
  workedWeekends: ['2027-02-06'],
};

const adopt = ({ ledger, regulator }: World, proposalId: string): void =>
  ledger.accept(approve, regulator, { proposalId });

describe('governance: rule packs and calendars', () => {
  it('hold from their height on, each later than the one before, as a whole', () => {
    const world = begin();
    const { ledger, operator } = world;
    ledger.accept(proposeRules, operator, { ...facts('pack'), pack: next });
    ledger.accept(proposeCalendarYear, operator, { ...facts('year'), calendar: year2027 });
    adopt(world, 'pack');
    adopt(world, 'year');
    const [pack, year] = ledger.all(rulesVersionRecord);
    expect(pack).to.include({ id: 'rules-2', fromHeight: 10, kind: 'RULE_PACK' });
    expect(pack?.pack).to.deep.equal(next);
    expect(year).to.include({ id: 'rules-3', fromHeight: 11, kind: 'CALENDAR_YEAR' });
    const { calendar, ...rest } = year?.pack ?? next;
    expect(rest).to.deep.equal((({ calendar: _calendar, ...others }) => others)(next));
    expect(calendar).to.include({ version: 'test-2027', from: '2026-01-01', to: '2027-12-31' });
    expect(calendar.holidays.slice(-3)).to.deep.equal(['2026-10-07', ...year2027.holidays]);
    expect(ledger.get(proposalRecord, 'year')).to.include({ value: 2027, fromHeight: 11 });
  });

  it('say a year anew where its notice was changed', () => {
    const world = begin();
    const { ledger, operator } = world;
    const anew = { year: 2026, version: 'test-2026b', source: 'A test', workedWeekends: [] };
    const calendar = { ...anew, holidays: ['2026-12-31'] };
    ledger.accept(proposeCalendarYear, operator, { ...facts('anew'), calendar });
    adopt(world, 'anew');
    const { pack } = ledger.get(rulesVersionRecord, 'rules-2');
    expect(pack.calendar).to.include({ to: '2026-12-31', version: 'test-2026b' });
    expect(pack.calendar.holidays).to.deep.equal(['2026-12-31']);
  });

  it('that no longer follow on what was decided meanwhile are neither approved nor passed', () => {
    const world = begin();
    const { ledger, operator, regulator } = world;
    ledger.accept(proposeRules, operator, { ...facts('old'), pack: next });
    ledger.accept(proposeCalendarYear, operator, { ...facts('year'), calendar: year2027 });
    adopt(world, 'year');
    const detail = ledger.refuse(results.RULES_UNFIT, approve, regulator, { proposalId: 'old' });
    expect(detail).to.equal(
      '/pack/calendar/to: 2026-12-31; days to 2027-12-31 are known, and stay so.',
    );
    ledger.advanceTo(ledger.nextDeadlineMs ?? 0);
    expect(ledger.get(proposalRecord, 'old').state).to.equal('LAPSED');
  });

  const calendarOf = (change: Partial<Calendar>): RulePack => ({
    ...next,
    calendar: { ...next.calendar, ...change },
  });
  const packs: readonly (readonly [string, RulePack, string])[] = [
    ['its own name again', defaultRules, '/pack/version: 2026-1 is the name of the pack'],
    [
      'a period of years of working days',
      {
        ...next,
        periods: { ...next.periods, review: { unit: 'working-day', count: 251 } },
      },
      '/pack/periods/review: 251 working-day; at most 250 may be.',
    ],
    [
      'sizes of samples out of order',
      { ...next, sample: { ...next.sample, sizes: [...(next.sample.sizes ?? [])].reverse() } },
      '/pack/sample/sizes/1/rows: 512, after 2048.',
    ],
    [
      'sizes without the one of the pack',
      { ...next, sample: { ...next.sample, sizes: next.sample.sizes?.slice(0, 2) ?? [] } },
      '/pack/sample/sizes: k-anonymity-512-k5, 512 rows, k 5, is not among them.',
    ],
    ['a shorter calendar', calendarOf({ to: '2026-12-30' }), '/pack/calendar/to: 2026-12-30;'],
    ['no dates', calendarOf({ to: '2026-02-30' }), '/pack/calendar: from 2026-01-01 to 2026-02-30'],
    ['another zone', calendarOf({ offsetMinutes: 0 }), '/pack/calendar/offsetMinutes: 0;'],
    [
      'a holiday on a Saturday',
      calendarOf({ holidays: ['2026-01-03'] }),
      '/pack/calendar/holidays/0: 2026-01-03 is not a day from Monday to Friday.',
    ],
  ];
  for (const [name, pack, detail] of packs) {
    it(`a pack with ${name} is refused`, () => {
      const { ledger, operator } = begin();
      const command = { ...facts('pack'), pack };
      expect(ledger.refuse(results.RULES_UNFIT, proposeRules, operator, command)).to.include(
        detail,
      );
    });
  }

  const years: readonly (readonly [string, Partial<CalendarYear>, string])[] = [
    ['after one that is not known', { year: 2028 }, '/calendar/year: 2028; the calendar ends with'],
    ['under the present name', { version: 'cn-2026' }, '/calendar/version: cn-2026 is the name'],
    [
      'with a day of another',
      { holidays: ['2026-12-31'] },
      '/holidays/0: 2026-12-31 is no day of it.',
    ],
    ['with no date', { holidays: ['2027-02-29'] }, '/holidays/0: 2027-02-29 is no day of it.'],
    [
      'with a worked Friday',
      { workedWeekends: ['2027-01-08'] },
      '/workedWeekends/0: 2027-01-08 is not a Saturday or Sunday.',
    ],
    [
      'with a day twice',
      { holidays: ['2027-01-01', '2027-01-01'] },
      '/holidays/1: 2027-01-01 is listed before or out of order.',
    ],
  ];
  for (const [name, change, detail] of years) {
    it(`a year ${name} is refused`, () => {
      const { ledger, operator } = begin();
      const command = { ...facts('year'), calendar: { ...year2027, ...change } };
      const said = ledger.refuse(results.RULES_UNFIT, proposeCalendarYear, operator, command);
      expect(said).to.include(detail);
    });
  }

  it('have operations of their own', () => {
    const { ledger, operator } = begin();
    const command = { ...facts('pack'), kind: 'RULE_PACK', value: null, digest: null } as const;
    const detail = ledger.refuse(results.PROPOSAL_MALFORMED, propose, operator, command);
    expect(detail).to.equal('/kind: RULE_PACK is proposed by governance.propose-rules.');
  });
});

describe('governance: a year without a notice', () => {
  const confirm = { year: 2027, reason: 'None was given' };
  const daysBefore = (days: number): number => Date.parse('2027-01-01T00:00+08:00') - days * dayMs;

  it('is confirmed from 90 days before it on, once', () => {
    const { ledger, operator } = begin();
    ledger.advanceTo(daysBefore(90) - 1);
    ledger.refuse(results.NOTICE_NOT_LACKING, confirmNoNotice, operator, confirm);
    ledger.advanceTo(daysBefore(90));
    ledger.accept(confirmNoNotice, operator, confirm);
    expect(ledger.get(noNoticeRecord, 'no-notice-2027').confirmedBy).to.equal('operator');
    ledger.refuse(results.NOTICE_NOT_LACKING, confirmNoNotice, operator, confirm);
  });

  it('is none that the calendar knows', () => {
    const { ledger, operator } = begin();
    ledger.advanceTo(daysBefore(1));
    const known = { ...confirm, year: 2026 };
    expect(ledger.refuse(results.NOTICE_NOT_LACKING, confirmNoNotice, operator, known)).to.equal(
      '2026: cn-2026 knows all days to 2026-12-31.',
    );
  });
});
