/** A rule that the ledger broke. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
}

export function must(holds: unknown, rule: string): asserts holds {
  if (!holds) throw new AuditError(rule);
}
