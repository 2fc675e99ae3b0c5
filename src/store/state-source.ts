import type { DataSource } from 'typeorm';
import { assert } from '../base/assert.ts';
import type { StateSource } from '../chain/engine/ports.ts';
import { safeInteger } from './columns.ts';

interface ValueRow {
  readonly height: string;
  readonly key: string | null;
  readonly value: Buffer | null;
}

/** One statement, so that values and height are of one snapshot, however many keys. */
const valuesOfKeys = `
  SELECT head.height, state.key, state.value
  FROM head LEFT JOIN state ON state.key = ANY ($1::text[])`;

export function createStateSource(dataSource: DataSource): StateSource {
  return {
    async readState(keys) {
      const found = await dataSource.query<ValueRow[]>(valuesOfKeys, [keys]);
      assert(found[0], 'a begun ledger has a head');
      const values = new Map(found.map(({ key, value }) => [key, value]));
      const rows = keys.map((key) => ({ key, value: values.get(key) ?? null }));
      return { height: safeInteger(found[0].height), rows };
    },
  };
}
