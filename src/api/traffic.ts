/** What was turned away or ended before its time, and why: what an operator is to see. */
export type Ending =
  | 'connections' /** One more than there may be. */
  | 'connections-of-address'
  | 'evicted' /** An idle or half-sent one of whoever had most, for somebody who had fewer. */
  | 'malformed'
  | 'pipelined' /** More requests behind another on its connection than are kept. */
  | 'no-room' /** Of a body of an address whose bodies hold all that they may. */
  | 'slow-headers'
  | 'slow-body'
  | 'slow-reader';

/** Counts of one server. */
export interface Traffic {
  connections: number;
  readonly endings: Map<Ending, number>;
}

export const makeTraffic = (): Traffic => ({ connections: 0, endings: new Map() });

export function countEnding({ endings }: Traffic, ending: Ending): void {
  endings.set(ending, (endings.get(ending) ?? 0) + 1);
}
