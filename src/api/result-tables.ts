import type { ResultCode } from '../base/result.ts';
import type { Registry } from '../chain/machine/registry.ts';
import { apiResults } from './results.ts';

export interface ResultTable {
  readonly title: string;
  /** In order of their numbers. */
  readonly results: readonly ResultCode[];
}

/** Every result code that an answer may carry, by what it belongs to. */
export function resultTables(registry: Registry): readonly ResultTable[] {
  const ofRooms = new Set(registry.rooms.flatMap(({ results }) => Object.values(results)));
  const others = [...registry.results.values()].filter((result) => !ofRooms.has(result));
  const tables = [
    { title: 'Envelope, engine and proofs', results: others },
    ...registry.rooms.map(({ name, results }) => ({
      title: `Room ${name}`,
      results: Object.values(results),
    })),
    { title: 'API', results: Object.values(apiResults) },
  ];
  return tables.map(({ title, results }) => ({ title, results: results.toSorted(byCode) }));
}

const byCode = (left: ResultCode, right: ResultCode): number => left.code - right.code;
