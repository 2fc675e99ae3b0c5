/** A person says which day it is, once for one start: a clock that agrees is believed. */
import { dateOfDay, dayOfDate } from '../../base/calendar.ts';
import { momentText } from '../../base/moment-text.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { Calendar } from '../../base/rules.ts';
import { defaultClockLimits } from './clock-guard.ts';
import type { ClockOptions } from './clock-watch.ts';

export interface ClockSettings {
  readonly clockDistanceMaxDays: number;
  readonly clockStepMaxMinutes: number;
  /** What a person said at this start, YYYY-MM-DD; null where nobody did. */
  readonly confirmedDate: string | null;
}

/** How an engine is to look at its clocks from this start on. Throws what `confirmClock` throws. */
export function clockForStart(
  { clockDistanceMaxDays, clockStepMaxMinutes, confirmedDate }: ClockSettings,
  zone: Pick<Calendar, 'offsetMinutes'>,
  clocks: ClockOptions,
): ClockOptions {
  if (confirmedDate !== null) confirmClock(confirmedDate, clocks.clock(), zone);
  return {
    ...clocks,
    clockConfirmed: confirmedDate !== null,
    clockLimits: {
      ...defaultClockLimits,
      distanceMaxMs: clockDistanceMaxDays * dayMs,
      stepMaxMs: clockStepMaxMinutes * 60_000,
    },
  };
}

const dayMs = 86_400_000;

/** By which date and clock may differ: whoever reads a date may be in another zone. */
const daysApartMax = 1;

/**
 * Throws OperationalError CLOCK_DATE for what is no date, CLOCK_NOT_CONFIRMED where the clock is not
 * of that day, nor of one beside it.
 * @param date YYYY-MM-DD
 */
export function confirmClock(
  date: string,
  nowMs: number,
  zone: Pick<Calendar, 'offsetMinutes'>,
): void {
  const said = dayOf(date);
  if (said === null) {
    throw new OperationalError(
      'CLOCK_DATE',
      `--confirm-clock takes today's date in the form 2027-01-31; ${date} is none.`,
    );
  }
  const today = Math.floor((nowMs + zone.offsetMinutes * 60_000) / dayMs);
  if (Math.abs(said - today) <= daysApartMax) return;
  throw new OperationalError(
    'CLOCK_NOT_CONFIRMED',
    `You say that it is ${date}, and this machine's clock says ${momentText(nowMs, zone.offsetMinutes)}. Set the ` +
      'clock right (date -u; timedatectl) or give the right date, and start the node again.',
  );
}

/** Days since 1970-01-01. */
function dayOf(date: string): number | null {
  const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(date);
  if (!found) return null;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  const number = dayOfDate(year, month, day);
  const back = dateOfDay(number);
  // 2027-02-30 would be taken for a day in March.
  return back.year === year && back.month === month && back.day === day ? number : null;
}
