/** Which fingerprint a registration holds, and what it does not cover. */
import { fromHex } from '../../base/bytes.ts';
import { notInVersion1, tableRoot } from '../../data/fingerprint/fingerprint.ts';
import type { RegisteredTable, Registration } from '../../rights/schema.ts';
import { isTableOf, registeredTableRecord } from '../../rights/state.ts';
import { historyOf, type Evidence } from '../evidence.ts';

/** The table that was stated of the registration as it stands; null: its fingerprint is of version 1. */
export function tableOf(evidence: Evidence, registration: Registration): RegisteredTable | null {
  const history = historyOf(evidence, registeredTableRecord, registration.id);
  const table = history.at(-1)?.record;
  return table && isTableOf(table, registration) ? table : null;
}

export function checkTable({ rows, columns, header, rowsRoot, root }: RegisteredTable): string[] {
  const follows = tableRoot({ rows, columns, header }, fromHex(rowsRoot)) === root;
  return follows ? [] : ['the root of its table does not follow from what it is over'];
}

export const fingerprintFact = (
  { fingerprint, form }: Registration,
  table: RegisteredTable | null,
): string =>
  table
    ? `fingerprint of version 2, over names, order, cells and what is missing: ${table.rows} rows, ` +
      `${table.columns} columns, root ${table.root}, description ${table.description}`
    : `fingerprint over ${fingerprint.rows} rows and ${fingerprint.columns} columns` +
      (form === 'TABLE' ? `, of version 1, which does not cover ${notInVersion1.join('; ')}` : '');
