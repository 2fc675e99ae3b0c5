import { compareText, equalBytes } from '../../base/bytes.ts';
import type { StateRow } from '../engine/ports.ts';
import type { Machine } from '../machine/machine.ts';
import type { Findings } from './report.ts';

/** The state table against the state that the blocks lead to; both in byte order of keys. */
export async function checkState(
  rows: AsyncIterable<StateRow>,
  machine: Machine,
  writtenAt: ReadonlyMap<string, number>,
  findings: Findings,
): Promise<void> {
  const wanted = [...machine.stateRows()].sort((left, right) => compareText(left.key, right.key));
  let at = 0;
  for await (const row of rows) {
    findings.rows.stateRows += 1;
    for (let next = wanted[at]; next && compareText(next.key, row.key) < 0; next = wanted[at]) {
      findings.add('state', next.key, null, 'is missing');
      at += 1;
    }
    const next = wanted[at];
    if (next?.key !== row.key) {
      findings.add('state', row.key, null, 'no block has written this key');
      continue;
    }
    at += 1;
    if (!equalBytes(row.value, next.value)) {
      findings.add('state', row.key, 'value', 'is not what the blocks lead to');
    }
    const height = writtenAt.get(row.key) ?? null;
    findings.compare('state', row.key, 'height', row.height, height);
  }
  for (const { key } of wanted.slice(at)) findings.add('state', key, null, 'is missing');
}
