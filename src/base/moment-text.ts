import { assert } from './assert.ts';
import { dateOfDay } from './calendar.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

const padded = (value: number, width: number): string => String(value).padStart(width, '0');

/**
 * A moment for people, to the second, with its zone named: `2026-03-05 14:30:00 UTC+08:00`. Pure: the
 * same text on every machine, whatever zone that one is in.
 * @param atMs milliseconds since the epoch
 * @param offsetMinutes of the zone, east of UTC; of an exchange its `rules.calendar.offsetMinutes`
 */
export function momentText(atMs: number, offsetMinutes: number): string {
  assert(Number.isSafeInteger(atMs), 'a moment is a whole number of milliseconds');
  const day = Math.floor(atMs / dayMs);
  // Apart, so that the sum of a late moment and an offset stays exact.
  const inDayMs = atMs - day * dayMs + offsetMinutes * minuteMs;
  const date = dateOfDay(day + Math.floor(inDayMs / dayMs));
  const second = Math.floor((inDayMs - Math.floor(inDayMs / dayMs) * dayMs) / 1_000);
  const days = [padded(date.year, 4), padded(date.month, 2), padded(date.day, 2)].join('-');
  const clock = [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60];
  return `${days} ${clock.map((part) => padded(part, 2)).join(':')} ${zoneName(offsetMinutes)}`;
}

/** `UTC`, `UTC+08:00`, `UTC-03:30`. */
function zoneName(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'UTC';
  const minutes = Math.abs(offsetMinutes);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `UTC${offsetMinutes < 0 ? '-' : '+'}${padded(hours, 2)}:${padded(rest, 2)}`;
}

/**
 * The words of a ledger's refusal as people read them. A refusal's detail stands in the ledger's database
 * byte for byte as the machine wrote it, with moments in ms (`until 1772692200000 ms`): they are written
 * anew where they are shown, and nowhere else. Lengths of time (`waited 500 ms`) stay.
 */
export const withMoments = (detail: string, offsetMinutes: number): string =>
  detail.replaceAll(
    /\b(at|until) ([0-9]{1,16}) ms\b/g,
    (words, preposition: string, ms: string) => {
      const atMs = Number(ms);
      return Number.isSafeInteger(atMs)
        ? `${preposition} ${momentText(atMs, offsetMinutes)}`
        : words;
    },
  );
