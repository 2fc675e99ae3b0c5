/** M-138 to M-140, on trades' and registrations' own deadlines. */
import { expect } from 'chai';
import fc from 'fast-check';
import { periodEndMs } from '../../src/base/calendar.ts';
import type { Deadline, Ledger, Room } from '../../src/base/room.ts';
import type { Calendar } from '../../src/base/rules.ts';
import { provisionalId, watchDeadlines } from '../../src/governance/provisional.ts';
import { noNoticeRecord, provisionalDeadlineRecord } from '../../src/governance/state.ts';
import { defineOperation } from '../../src/base/room.ts';
import { identifier, integer, record } from '../../src/base/schema.ts';
import { success } from '../../src/base/result.ts';
import { memoryLedger, type MemoryLedger } from '../support/ledger.ts';
import { defaultRules } from '../support/rules.ts';

const at = (iso: string): number => Date.parse(`${iso}+08:00`);
const name = 'probe.over';

/** What a deadline of the publicity's period did, and when. */
function begin(timeMs: number, machineVersion = 2) {
  const fired: number[] = [];
  const putOff: number[] = [];
  const over: Deadline = {
    name,
    period: 'publicity',
    putOff: (_ledger, _id, dueAtMs) => void putOff.push(dueAtMs),
    apply: ({ timeMs: nowMs }) => void fired.push(nowMs),
  };
  const room: Room = { name: 'probe', records: [], operations: [], deadlines: [over], results: {} };
  const watch = watchDeadlines(new Map([[name, over]]));
  const ledger = memoryLedger({ rooms: [room], rules: defaultRules, timeMs, watch });
  ledger.machineVersion = machineVersion;
  return { ledger, fired, putOff, actor: ledger.admit('operator', ['OPERATOR']) };
}

const start = defineOperation({
  number: 911,
  name: 'probe.start',
  title: 'Put a deadline up',
  command: record({ id: identifier(), count: integer(1, 250) }),
  roles: [],
  apply(context, { id, count }) {
    const { timeMs, rules } = context;
    const period = { unit: 'working-day', count } as const;
    context.schedule(name, id, periodEndMs(timeMs, period, rules.calendar));
    return success;
  },
});

const stop = defineOperation({
  number: 912,
  name: 'probe.stop',
  title: 'Put a deadline away',
  command: record({ id: identifier() }),
  roles: [],
  apply(context: Ledger, { id }) {
    context.unschedule(name, id);
    return success;
  },
});

const found = (ledger: MemoryLedger) =>
  ledger.read(provisionalDeadlineRecord, provisionalId(name, 'probe-1'));

const withDays = (change: Partial<Calendar>) => ({
  ...defaultRules,
  calendar: { ...defaultRules.calendar, to: '2027-12-31', version: 'test-2027', ...change },
});

/** Three holidays, so that by weekdays alone a period ends three days early. */
const threeOff = withDays({ holidays: ['2027-01-01', '2027-01-04', '2027-01-05'] });

const noNotice = (ledger: MemoryLedger, year = 2027): void =>
  ledger.put(noNoticeRecord, {
    ...{ id: `no-notice-${year}`, year, confirmedBy: 'operator', reason: 'None came' },
    confirmedAtMs: ledger.timeMs,
  });

describe('a deadline of working days (M-138 to M-140)', () => {
  it('within the calendar is as it ever was', () => {
    const { ledger, fired, actor } = begin(at('2026-12-21T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 8 });
    expect(found(ledger)).to.equal(null);
    ledger.advanceTo(at('2027-01-01T00:00'));
    expect(fired).to.deep.equal([at('2027-01-01T00:00')]);
  });

  it('beyond it is provisional, and says from where on days are not known', () => {
    const { ledger, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    expect(found(ledger)).to.include({
      state: 'PROVISIONAL',
      calendarVersion: 'cn-2026',
      afterDay: '2026-12-31',
      workingDays: 3,
      dueAtMs: at('2027-01-06T00:00'),
    });
  });

  it('does not take effect while its days are not known, and its record says the later time', () => {
    const { ledger, fired, putOff, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    ledger.advanceTo(at('2027-01-06T00:00'));
    ledger.advanceTo(at('2027-01-09T12:00'));
    expect(fired).to.deep.equal([]);
    // Friday’s look is followed by Monday’s.
    expect(putOff.at(-1)).to.equal(at('2027-01-12T00:00'));
    expect(found(ledger)).to.include({ state: 'PROVISIONAL', dueAtMs: putOff.at(-1) });
  });

  it('moves to its true time once its days are known', () => {
    const { ledger, fired, putOff, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    ledger.rules = threeOff;
    ledger.advanceTo(at('2027-01-06T00:00'));
    expect(putOff).to.deep.equal([at('2027-01-09T00:00')]);
    expect(found(ledger)).to.include({ state: 'FINAL', dueAtMs: at('2027-01-09T00:00') });
    expect(fired).to.deep.equal([]);
    ledger.advanceTo(at('2027-01-09T00:00'));
    expect(fired).to.deep.equal([at('2027-01-09T00:00')]);
  });

  it('never moves to an earlier time, whatever weekends are worked', () => {
    const { ledger, fired, putOff, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    ledger.rules = withDays({ workedWeekends: ['2027-01-02', '2027-01-03'] });
    ledger.advanceTo(at('2027-01-05T00:00'));
    expect(fired).to.deep.equal([]);
    ledger.advanceTo(at('2027-01-06T00:00'));
    expect([fired, putOff]).to.deep.equal([[at('2027-01-06T00:00')], []]);
  });

  it('takes effect by weekdays where the operator has confirmed that no notice comes', () => {
    const { ledger, fired, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    noNotice(ledger);
    ledger.advanceTo(at('2027-01-06T00:00'));
    expect(fired).to.deep.equal([at('2027-01-06T00:00')]);
    expect(found(ledger)?.state).to.equal('FINAL');
  });

  it('that waited takes effect at the next look, when it is confirmed', () => {
    const { ledger, fired, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    ledger.advanceTo(at('2027-01-06T09:00'));
    noNotice(ledger);
    ledger.advanceTo(at('2027-01-07T00:00'));
    expect(fired).to.deep.equal([at('2027-01-07T00:00')]);
  });

  it('into a second year waits for that one, too', () => {
    const { ledger, fired, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 250 });
    const { calendar } = defaultRules;
    ledger.rules = withDays({ holidays: calendar.holidays, to: '2027-06-30' });
    ledger.advanceTo(at('2027-12-31T00:00'));
    expect(fired).to.deep.equal([]);
    expect(found(ledger)?.state).to.equal('PROVISIONAL');
  });

  it('that is put away is kept, and goes on where it stood when it is put up for the same time', () => {
    const { ledger, fired, actor } = begin(at('2026-12-29T10:00'));
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    ledger.accept(stop, actor, { id: 'probe-1' });
    expect(found(ledger)?.state).to.equal('PUT_AWAY');
    ledger.advanceTo(at('2027-01-07T00:00'));
    expect(fired).to.deep.equal([]);
    const again = begin(at('2026-12-29T10:00'));
    again.ledger.accept(start, again.actor, { id: 'probe-1', count: 5 });
    again.ledger.accept(stop, again.actor, { id: 'probe-1' });
    again.ledger.accept(start, again.actor, { id: 'probe-1', count: 5 });
    expect(found(again.ledger)).to.include({ state: 'PROVISIONAL', workingDays: 3 });
  });

  it('by machine version 1 takes effect by weekdays', () => {
    const { ledger, fired, actor } = begin(at('2026-12-29T10:00'), 1);
    ledger.accept(start, actor, { id: 'probe-1', count: 5 });
    expect(found(ledger)).to.equal(null);
    ledger.advanceTo(at('2027-01-06T00:00'));
    expect(fired).to.deep.equal([at('2027-01-06T00:00')]);
  });

  it('takes effect at the later of the time by weekdays and that by the notice', () => {
    const holiday = fc
      .integer({ min: 0, max: 40 })
      .map((day) => at('2027-01-01T00:00') + day * 86_400_000);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.uniqueArray(holiday), (count, days) => {
        const { ledger, fired, actor } = begin(at('2026-12-29T10:00'));
        ledger.accept(start, actor, { id: 'probe-1', count });
        const weekdaysOnly = ledger.nextDeadlineMs ?? 0;
        const iso = days.map((ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10));
        ledger.rules = withDays({ holidays: [...defaultRules.calendar.holidays, ...iso] });
        const period = { unit: 'working-day', count } as const;
        const byNotice = periodEndMs(ledger.timeMs, period, ledger.rules.calendar);
        const expected = count <= 2 ? weekdaysOnly : Math.max(weekdaysOnly, byNotice);
        ledger.advanceTo(weekdaysOnly);
        while (fired.length === 0) ledger.advanceTo(ledger.nextDeadlineMs ?? Infinity);
        expect(fired).to.deep.equal([expected]);
      }),
      { numRuns: 100 },
    );
  });
});
