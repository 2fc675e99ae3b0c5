import type { Outcome, Refusal } from '../../../src/base/result.ts';
import type { JobSpec } from '../../../src/privacy/he/protocols/p2/job-spec.ts';

/** 10,000 rows in four groups, one of them of more than two chunks. */
export function sampleSpec(changes: Partial<JobSpec> = {}): JobSpec {
  const groups = changes.groups ?? [
    { label: 'Air Carrier', rows: 8192 },
    { label: '军用', rows: 1203 },
    { label: 'Business', rows: 600 },
    { label: 'Unknown', rows: 5 },
  ];
  return {
    functionId: 'group-sum',
    presetId: 'sum-4k',
    parmsId: 'eedb6c2a0054356cb7d7ee061b89a0e2618fa63c944dc0282d4fdc10beed07bf',
    column: 'cost_total',
    groupColumn: 'operator',
    groups,
    rows: groups.reduce((sum, group) => sum + group.rows, 0),
    valueBound: 12_397_751n,
    unit: 'USD',
    scale: 2,
    policy: { cohortMin: 5, roundingUnit: 1n },
    nonce: '07'.repeat(32),
    licenceId: 'licence-1',
    chainId: 'dxl-test-1',
    parties: { seller: 'org-s', buyer: 'org-b', operator: 'org-o', reviewer: 'org-r' },
    ...changes,
  };
}

/** Rows in mixed group order, from a linear congruential sequence; both signs, bound included. */
export function sampleColumn(spec: JobSpec): { values: Int32Array; groups: number[] } {
  const groups = spec.groups.flatMap((group, index) => new Array<number>(group.rows).fill(index));
  let state = 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  for (let row = groups.length - 1; row > 0; row -= 1) {
    const other = next() % (row + 1);
    [groups[row], groups[other]] = [groups[other] ?? 0, groups[row] ?? 0];
  }
  const bound = Number(spec.valueBound);
  const values = Int32Array.from(groups, () => (next() % (2 * bound + 1)) - bound);
  values.set([bound, -bound]);
  return { values, groups };
}

export function plainTotals(
  spec: JobSpec,
  { values, groups }: { values: ArrayLike<number>; groups: readonly number[] },
): bigint[] {
  const totals = spec.groups.map(() => 0n);
  groups.forEach((group, row) => {
    totals[group] = (totals[group] ?? 0n) + BigInt(values[row] ?? 0);
  });
  return totals;
}

export function taken<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.result.name}: ${outcome.detail}`);
}

export function refused(outcome: Outcome<unknown>): Refusal {
  if (!outcome.ok) return outcome;
  throw new Error('it was not refused');
}

/** Name of the refusal, or `ok`. */
export const nameOf = (outcome: Outcome<unknown>): string =>
  outcome.ok ? 'ok' : outcome.result.name;

/** Code of the OperationalError that the promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
}
