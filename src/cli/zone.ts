/** The zone in which times are shown to people: the exchange's own, or UTC where it is not known. */
import type { ExchangeClient } from '../client/exchange-client.ts';

/** Minutes east of UTC, of the exchange's calendar; 0 where it does not tell. Never throws. */
export async function zoneOf(client: ExchangeClient): Promise<number> {
  try {
    const { genesis } = await client.genesis();
    const { calendar } = (genesis as { rules?: { calendar?: unknown } }).rules ?? {};
    const { offsetMinutes } = (calendar ?? {}) as { offsetMinutes?: unknown };
    return isOffset(offsetMinutes) ? offsetMinutes : 0;
  } catch {
    // What was asked for is there: a time in UTC, named so, is better than none.
    return 0;
  }
}

const isOffset = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 840;
