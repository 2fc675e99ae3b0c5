/** What a rule pack or a calendar year must be to take the place of the one that holds. */
import { dayOfIso, isoOfDay, lastKnownDay, weekday, dateOfDay } from '../base/calendar.ts';
import type { Calendar, Period, RulePack } from '../base/rules.ts';
import { sizesFault } from '../base/sample-sizes.ts';
import type { CalendarYear } from './schema.ts';

/** Longer ones are a slip of the pen, and every node would count the days one by one. */
const countMax: Readonly<Record<Period['unit'], number>> = {
  'working-day': 250,
  day: 3_660,
  year: 100,
  ms: 1_000_000_000,
};

const datesMax = 400;

type Days = Pick<Calendar, 'holidays' | 'workedWeekends'>;

/** What is wrong with a year’s days, with its place; null where nothing is. */
export function yearFault(year: CalendarYear, calendar: Calendar): string | null {
  const known = lastKnownDay(calendar);
  const first = dayOfIso(`${year.year}-01-01`);
  if (first === null || first > known + 1) {
    return `/calendar/year: ${year.year}; the calendar ends with ${calendar.to}, so the next is to come first.`;
  }
  if (year.version === calendar.version) {
    return `/calendar/version: ${year.version} is the name of the calendar that holds.`;
  }
  const fault = daysFault(year, first, lastOf(year.year));
  if (fault !== null) return `/calendar${fault}`;
  const { holidays, workedWeekends } = withYear(calendar, year);
  return Math.max(holidays.length, workedWeekends.length) > datesMax
    ? `/calendar: more than ${datesMax} days; a new rule pack leaves the oldest years out.`
    : null;
}

/** The calendar with what a notice says of one year, instead of what it said before. */
export function withYear(calendar: Calendar, year: CalendarYear): Calendar {
  const others = (days: readonly string[]) =>
    days.filter((day) => !day.startsWith(`${year.year}-`));
  const both = (days: readonly string[], more: readonly string[]) =>
    [...others(days), ...more].sort((left, right) => (left < right ? -1 : 1));
  const last = isoOfDay(lastOf(year.year));
  return {
    ...calendar,
    version: year.version,
    source: year.source,
    to: last > calendar.to ? last : calendar.to,
    holidays: both(calendar.holidays, year.holidays),
    workedWeekends: both(calendar.workedWeekends, year.workedWeekends),
  };
}

/** What is wrong with a pack, with its place; null where nothing is. */
export function packFault(pack: RulePack, present: RulePack): string | null {
  if (pack.id === present.id && pack.version === present.version) {
    return `/pack/version: ${pack.version} is the name of the pack that holds; give it its own.`;
  }
  for (const [name, { unit, count }] of Object.entries(pack.periods)) {
    if (count <= countMax[unit]) continue;
    return `/pack/periods/${name}: ${count} ${unit}; at most ${countMax[unit]} may be.`;
  }
  const sizes = sizesFault(pack.sample);
  if (sizes) return `/pack/sample${sizes.path}: ${sizes.problem}.`;
  const fault = calendarFault(pack.calendar, present.calendar);
  return fault === null ? null : `/pack/calendar${fault}`;
}

function calendarFault(calendar: Calendar, present: Calendar): string | null {
  const [first, last] = [dayOfIso(calendar.from), dayOfIso(calendar.to)];
  if (first === null || last === null || first > last) {
    return `: from ${calendar.from} to ${calendar.to} are no two dates in order.`;
  }
  if (last < lastKnownDay(present)) {
    return `/to: ${calendar.to}; days to ${present.to} are known, and stay so.`;
  }
  if (calendar.offsetMinutes !== present.offsetMinutes) {
    return `/offsetMinutes: ${calendar.offsetMinutes}; a chain keeps its ${present.offsetMinutes}.`;
  }
  return daysFault(calendar, first, last);
}

/** Dates of the calendar, in order and once each, of the kind that they are listed as. */
function daysFault({ holidays, workedWeekends }: Days, first: number, last: number): string | null {
  const lists = [
    ['holidays', holidays, (day: number) => weekday(day) < 5, 'a day from Monday to Friday'],
    ['workedWeekends', workedWeekends, (day: number) => weekday(day) >= 5, 'a Saturday or Sunday'],
  ] as const;
  for (const [name, days, fits, kind] of lists) {
    let before = -Infinity;
    for (const [index, iso] of days.entries()) {
      const day = dayOfIso(iso);
      const place = `/${name}/${index}: ${iso}`;
      if (day === null || day < first || day > last) return `${place} is no day of it.`;
      if (!fits(day)) return `${place} is not ${kind}.`;
      if (day <= before) return `${place} is listed before or out of order.`;
      before = day;
    }
  }
  return null;
}

const lastOf = (year: number): number => dayOfIso(`${year}-12-31`) ?? 0;

export const yearOfDay = (day: number): number => dateOfDay(day).year;
