import { compareText } from '../../base/bytes.ts';
import type { StateRow } from '../engine/ports.ts';
import { sha256 } from './digest.ts';
import type { Findings } from './report.ts';
import type { WrittenKey } from './written-keys.ts';

/** The state table against the keys that the blocks lead to; both in byte order of keys. */
export async function checkState(
  rows: AsyncIterable<StateRow>,
  wanted: Iterator<WrittenKey, void>,
  findings: Findings,
): Promise<void> {
  const missing = (key: string): void => findings.add('state', key, null, 'is missing');
  let next = wanted.next();
  for await (const row of rows) {
    findings.rows.stateRows += 1;
    for (; next.done !== true && compareText(next.value.key, row.key) < 0; next = wanted.next()) {
      missing(next.value.key);
    }
    if (next.done === true || next.value.key !== row.key) {
      findings.add('state', row.key, null, 'no block has written this key');
      continue;
    }
    const { height, valueHash } = next.value;
    if (sha256(row.value) !== valueHash) {
      findings.add('state', row.key, 'value', 'is not what the blocks lead to');
    }
    findings.compare('state', row.key, 'height', row.height, height);
    next = wanted.next();
  }
  for (; next.done !== true; next = wanted.next()) missing(next.value.key);
}
