/** The clock of the review, which stands still during publicity and objections. */
import { periodEndMs } from '../base/calendar.ts';
import type { Calendar, Period } from '../base/rules.ts';

/**
 * What is left of a period of this unit that ends at `dueAtMs`: the least whole count that reaches
 * its end from `nowMs`. Costs one calendar search per unit of `period`.
 */
export function periodLeft(
  nowMs: number,
  dueAtMs: number,
  period: Period,
  calendar: Calendar,
): Period {
  const { unit } = period;
  if (unit === 'ms') return { unit, count: Math.max(0, dueAtMs - nowMs) };
  let count = 0;
  while (periodEndMs(nowMs, { unit, count }, calendar) < dueAtMs) count += 1;
  return { unit, count };
}

/** The end of a second period that follows at once on one that ends at `dueAtMs`. */
export const extendedEndMs = (dueAtMs: number, period: Period, calendar: Calendar): number =>
  period.unit === 'ms'
    ? dueAtMs + period.count
    : // A period ends with its last day's last moment: that day is the one that does not count.
      periodEndMs(dueAtMs - 1, period, calendar);
