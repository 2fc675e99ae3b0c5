import type { Outcome } from '../../src/base/result.ts';
import { AnonymousRows } from '../../src/privacy/zk/statements/class-selection.ts';
import type { KAnonymityParameters } from '../../src/privacy/zk/statements/k-anonymity.ts';

/** Of a table in memory: the quasi-identifier of each row. */
export function selectAnonymousRows(
  table: readonly (readonly string[])[],
  parameters: KAnonymityParameters,
): Outcome<number[]> {
  const gathered = new AnonymousRows(parameters.rows);
  for (const [row, quasiIdentifier] of table.entries()) gathered.add(row, quasiIdentifier);
  return gathered.select(parameters);
}
