import { encodeCbor } from '../base/cbor.ts';
import type { Trade } from '../trading/schema.ts';
import { postingRecord, tradeRecord } from '../trading/state.ts';
import { postingId } from '../trading/types.ts';
import { eventsOf, type Evidence } from './evidence.ts';
import { nameOf, reachOf } from './reach.ts';
import { isShared } from './rules/events.ts';

/**
 * What the state must hold where nothing that came later is left out, by key: of each reached record
 * that is not shared its value as last shown, and null where a trade's next posting would stand.
 */
export function newestState(evidence: Evidence): ReadonlyMap<string, Uint8Array | null> {
  const reached = reachOf(evidence);
  const newest = new Map<string, Uint8Array | null>();
  for (const event of evidence.events) {
    const { kind, id, record } = event.leaf;
    const name = nameOf(event);
    if (reached.has(name) && !isShared(kind, id)) newest.set(name, encodeCbor(record));
  }
  const trades = new Map<string, Trade>();
  for (const { record } of eventsOf(evidence, tradeRecord)) trades.set(record.id, record);
  for (const { id, postingCount } of trades.values()) {
    const next = `${postingRecord.name}/${postingId(id, postingCount + 1)}`;
    if (reached.has(`${tradeRecord.name}/${id}`) && !newest.has(next)) newest.set(next, null);
  }
  return newest;
}
