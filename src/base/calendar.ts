import { assert } from './assert.ts';
import type { Calendar, Period } from './rules.ts';

export const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Days since 1970-01-01 in the calendar's own offset; negative before. */
export const dayNumber = (atMs: number, calendar: Calendar): number =>
  Math.floor((atMs + calendar.offsetMinutes * minuteMs) / dayMs);

/** Proleptic Gregorian date of a day number, by Hinnant's `civil_from_days`. */
export function dateOfDay(day: number): { year: number; month: number; day: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** Day number of a Gregorian date, by Hinnant's `days_from_civil`. */
export function dayOfDate(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

export function isoOfDay(dayIndex: number): string {
  const { year, month, day } = dateOfDay(dayIndex);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Day number of `YYYY-MM-DD`; null where there is no such date. */
export function dayOfIso(iso: string): number | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(iso) ?? [];
  if (year === undefined) return null;
  const found = dayOfDate(Number(year), Number(month), Number(day));
  return isoOfDay(found) === iso ? found : null;
}

/** The last day that the calendar knows: none, where the pack of genesis has no date there. */
export const lastKnownDay = ({ to }: Calendar): number => dayOfIso(to) ?? -1;

/** The last moment of a day, in ms, as periods end; of it on, the day after has begun. */
export const endOfDayMs = (day: number, calendar: Calendar): number =>
  (day + 1) * dayMs - calendar.offsetMinutes * minuteMs;

/** 1970-01-01 was a Thursday; 0 is Monday, 5 and 6 are the weekend. */
export const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;

export function isWorkingDay(day: number, calendar: Calendar): boolean {
  const iso = isoOfDay(day);
  if (weekday(day) >= 5) return calendar.workedWeekends.includes(iso);
  return !calendar.holidays.includes(iso);
}

/**
 * When a period that begins at `fromMs` has run out, in ms: the day of the event does not count,
 * and a period of days ends with the last moment of its last day in the calendar's offset.
 */
export function periodEndMs(fromMs: number, period: Period, calendar: Calendar): number {
  if (period.unit === 'ms') return fromMs + period.count;
  let day = dayNumber(fromMs, calendar);
  if (period.unit === 'day') day += period.count;
  else if (period.unit === 'year') day = yearsLater(day, period.count);
  else for (let left = period.count; left > 0;) if (isWorkingDay(++day, calendar)) left -= 1;
  return endOfDayMs(day, calendar);
}

/** The same date `years` later; 29 February becomes 28 where there is none. */
function yearsLater(day: number, years: number): number {
  const from = dateOfDay(day);
  const later = dayOfDate(from.year + years, from.month, from.day);
  const found = dateOfDay(later);
  assert(found.year === from.year + years, 'a date moved by years stays in its year');
  return found.day === from.day ? later : later - 1;
}

/** Calendar year and month of a moment, for numbers that restart each month. */
export function monthOf(atMs: number, calendar: Calendar): { year: number; month: number } {
  const { year, month } = dateOfDay(dayNumber(atMs, calendar));
  return { year, month };
}
