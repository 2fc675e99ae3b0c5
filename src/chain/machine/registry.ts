import { assert } from '../../base/assert.ts';
import type { ResultCode } from '../../base/result.ts';
import type { Deadline, Operation, RecordKind, Room } from '../../base/room.ts';

/** Everything the rooms offer, by number and by name. */
export interface Registry {
  readonly rooms: readonly Room[];
  readonly operations: ReadonlyMap<number, Operation>;
  readonly operationsByName: ReadonlyMap<string, Operation>;
  readonly records: ReadonlyMap<string, RecordKind>;
  readonly deadlines: ReadonlyMap<string, Deadline>;
  readonly results: ReadonlyMap<number, ResultCode>;
}

/** Fails at start where two rooms claim the same number or name. */
export function makeRegistry(
  rooms: readonly Room[],
  ...more: readonly Readonly<Record<string, ResultCode>>[]
): Registry {
  const codes = [...rooms.map((room) => room.results), ...more].flatMap((table) =>
    Object.values(table),
  );
  return {
    rooms,
    operations: index(
      rooms.flatMap((room) => room.operations),
      (item) => item.number,
    ),
    operationsByName: index(
      rooms.flatMap((room) => room.operations),
      (item) => item.name,
    ),
    records: index(
      rooms.flatMap((room) => room.records),
      (item) => item.name,
    ),
    deadlines: index(
      rooms.flatMap((room) => room.deadlines),
      (item) => item.name,
    ),
    results: index(codes, (item) => item.code),
  };
}

function index<Key extends string | number, Item>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, Item> {
  const found = new Map<Key, Item>();
  for (const item of items) {
    const key = keyOf(item);
    assert(!found.has(key), `${key} is claimed twice`);
    found.set(key, item);
  }
  return found;
}
