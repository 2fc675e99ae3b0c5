import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { SortedKeys } from './sorted-keys.ts';
import type { Overlay, StateChange } from './state.ts';

/**
 * M-60 to M-67: deadlines are state, so that every node meets them in the same block: `~due/<time>/<name>/<id>`
 * in order of time, and `~deadline/<name>/<id>` to find and move one.
 */
const duePrefix = '~due/';

export interface Due {
  readonly key: string;
  readonly atMs: number;
  readonly name: string;
  readonly id: string;
}

const indexKey = (name: string, id: string): string => `~deadline/${name}/${id}`;

const dueKey = (atMs: number, name: string, id: string): string =>
  `${duePrefix}${String(atMs).padStart(16, '0')}/${name}/${id}`;

export function scheduleDeadline(state: Overlay, name: string, id: string, atMs: number): void {
  removeDeadline(state, name, id);
  const key = dueKey(atMs, name, id);
  state.set(key, new Uint8Array());
  state.set(indexKey(name, id), utf8(key));
}

export function removeDeadline(state: Overlay, name: string, id: string): void {
  const index = indexKey(name, id);
  const key = state.get(index);
  if (!key) return;
  state.delete(fromUtf8(key));
  state.delete(index);
}

/** Whether a committed deadline still stands: an earlier one of the same block may have removed it. */
export const isPending = (block: Overlay, due: Due): boolean => !block.hasDeleted(due.key);

/** Removes a deadline that is known to stand, without reading what it is known by. */
export function takeDeadline(state: Overlay, { key, name, id }: Due): void {
  state.delete(key);
  state.delete(indexKey(name, id));
}

function parseDue(key: string): Due {
  const [, time = '', name = '', ...id] = key.split('/');
  return { key, atMs: Number(time), name, id: id.join('/') };
}

/** The committed deadlines in order of time; all that are open are in memory. */
export class DueQueue {
  readonly #keys = new SortedKeys();

  constructor(stateKeys: Iterable<string>) {
    for (const key of stateKeys) if (key.startsWith(duePrefix)) this.#keys.add(key);
  }

  get nextMs(): number | null {
    for (const key of this.#keys) return parseDue(key).atMs;
    return null;
  }

  /** Deadlines with time <= `timeMs`, earliest first, at most `limit`. */
  due(timeMs: number, limit: number): Due[] {
    const found: Due[] = [];
    for (const key of this.#keys) {
      const due = parseDue(key);
      if (due.atMs > timeMs || found.length === limit) break;
      found.push(due);
    }
    return found;
  }

  apply(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (!key.startsWith(duePrefix)) continue;
      if (value === null) this.#keys.delete(key);
      else this.#keys.add(key);
    }
  }
}
