import type { Calendar } from '../../base/rules.ts';

/** In the exchange's zone, to the second, with its offset: 2026-11-30T20:15:04+08:00. */
export function zonedTime(
  atMs: number,
  { offsetMinutes }: Pick<Calendar, 'offsetMinutes'>,
): string {
  const local = new Date(atMs + offsetMinutes * 60_000).toISOString().slice(0, 19);
  return `${local}${offsetOf(offsetMinutes)}`;
}

function offsetOf(offsetMinutes: number): string {
  const minutes = Math.abs(offsetMinutes);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${offsetMinutes < 0 ? '-' : '+'}${two(hours)}:${two(rest)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');
