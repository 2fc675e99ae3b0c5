/**
 * M-138 to M-140: a deadline of working days beyond those that the calendar knows is provisional. Counted by
 * weekdays it is at most as late as the true one but for weekends that are worked; it takes effect when
 * its days are known, at the later of the two times, and waits where they are not.
 */
import { assert } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';
import {
  dayNumber,
  dayOfIso,
  endOfDayMs,
  isoOfDay,
  isWorkingDay,
  lastKnownDay,
} from '../base/calendar.ts';
import { sha256Hex } from '../base/hash.ts';
import type { Deadline, DeadlineWatch, Ledger } from '../base/room.ts';
import { yearOfDay } from './rules-fit.ts';
import type { ProvisionalDeadline } from './schema.ts';
import { noNoticeId, noNoticeRecord, provisionalDeadlineRecord } from './state.ts';

/** More than any period of a pack that can be decided on, and its extension. */
const workingDaysMax = 10_000;

export const provisionalId = (name: string, recordId: string): string =>
  sha256Hex(utf8(`${name}/${recordId}`));

type Change = Partial<ProvisionalDeadline> & Pick<ProvisionalDeadline, 'state'>;

function write(ledger: Ledger, before: ProvisionalDeadline, change: Change): void {
  const after = { ...before, ...change, changedAtMs: ledger.timeMs };
  ledger.write(
    provisionalDeadlineRecord,
    after,
    `governance.deadline-${after.state.toLowerCase().replace('_', '-')}`,
  );
}

const find = (ledger: Ledger, name: string, id: string): ProvisionalDeadline | null =>
  ledger.read(provisionalDeadlineRecord, provisionalId(name, id));

/** From which day on how many working days are left, where they go beyond what is known; else null. */
function reckon({ rules: { calendar }, timeMs }: Ledger, atMs: number) {
  const known = lastKnownDay(calendar);
  const last = dayNumber(atMs - 1, calendar);
  if (last <= known) return null;
  const after = Math.max(known, dayNumber(timeMs, calendar));
  let workingDays = 0;
  for (let day = after + 1; day <= last; day += 1) {
    if (isWorkingDay(day, calendar)) workingDays += 1;
  }
  if (workingDays === 0) return null;
  assert(workingDays <= workingDaysMax, 'a period of working days has its bound');
  return { afterDay: isoOfDay(after), workingDays, calendarVersion: calendar.version };
}

/** When it ends by what is known now, or is confirmed never to be known; null where a day is neither. */
function settledEnd(ledger: Ledger, { afterDay, workingDays }: ProvisionalDeadline): number | null {
  const { calendar } = ledger.rules;
  const known = lastKnownDay(calendar);
  const after = dayOfIso(afterDay);
  assert(after !== null, 'it is counted from a date');
  let day = after;
  for (let left = workingDays; left > 0;) {
    day += 1;
    if (day > known && !ledger.read(noNoticeRecord, noNoticeId(yearOfDay(day)))) return null;
    if (isWorkingDay(day, calendar)) left -= 1;
  }
  return endOfDayMs(day, calendar);
}

/** The end of this day, or of the next one that weekdays make a working day. */
function nextLook({ rules: { calendar }, timeMs }: Ledger): number {
  let day = dayNumber(timeMs, calendar);
  while (!isWorkingDay(day, calendar)) day += 1;
  return endOfDayMs(day, calendar);
}

/** Watches the deadlines that have a period; of all others it writes nothing. */
export function watchDeadlines(deadlines: ReadonlyMap<string, Deadline>): DeadlineWatch {
  return {
    putUp(ledger, name, id, atMs) {
      const period = deadlines.get(name)?.period;
      if (period === undefined) return;
      const before = find(ledger, name, id);
      if (before?.dueAtMs === atMs && before.state !== 'FINAL') {
        // The clock of a deadline that was put away goes on where it stood.
        if (before.state === 'PUT_AWAY') write(ledger, before, { state: 'PROVISIONAL' });
        return;
      }
      const ofWorkingDays = ledger.rules.periods[period].unit === 'working-day';
      const left = ofWorkingDays ? reckon(ledger, atMs) : null;
      if (left) {
        const names = { id: provisionalId(name, id), deadline: name, recordId: id };
        const changedAtMs = ledger.timeMs;
        const begun = { ...names, ...left, dueAtMs: atMs, changedAtMs };
        write(ledger, { ...begun, state: 'PROVISIONAL' }, { state: 'PROVISIONAL' });
      } else if (before?.state === 'PROVISIONAL') {
        write(ledger, before, { state: 'FINAL', dueAtMs: atMs });
      }
    },
    putAway(ledger, name, id) {
      if (deadlines.get(name)?.period === undefined) return;
      const before = find(ledger, name, id);
      if (before?.state === 'PROVISIONAL') write(ledger, before, { state: 'PUT_AWAY' });
    },
    takesEffect(ledger, name, id) {
      const deadline = deadlines.get(name);
      if (deadline?.period === undefined) return true;
      const before = find(ledger, name, id);
      if (before?.state !== 'PROVISIONAL') return true;
      const settled = settledEnd(ledger, before);
      if (settled !== null && settled <= ledger.timeMs) {
        write(ledger, before, { state: 'FINAL' });
        return true;
      }
      const dueAtMs = settled ?? nextLook(ledger);
      write(ledger, before, { state: settled === null ? 'PROVISIONAL' : 'FINAL', dueAtMs });
      deadline.putOff?.(ledger, id, dueAtMs);
      ledger.schedule(name, id, dueAtMs);
      return false;
    },
  };
}
