import { registry } from '../chain/rooms.ts';

/** Names of a collection's fields in the order of their schema; none where this program is older. */
export function fieldsOf(collection: string): string[] {
  const kinds = [...registry.records.values()];
  const kind = kinds.find((candidate) => candidate.collection === collection);
  return kind ? Object.keys(kind.schema.properties) : [];
}

/** The same record with its fields in the order of their schema: the database keeps none. */
export function inSchemaOrder(
  collection: string,
  record: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const known = fieldsOf(collection).filter((name) => name in record);
  const names = [...known, ...Object.keys(record).filter((name) => !known.includes(name))];
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}
