/** Places in records, as the tables of rules name them: `funding.bank`, `attestations.-1.atMs`. */

/** undefined where there is no such place. -1 is the last item of a list. */
export function valueAt(record: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    if (Array.isArray(value)) return (value as unknown[]).at(Number(name));
    if (typeof value !== 'object' || value === null) return undefined;
    return (value as Readonly<Record<string, unknown>>)[name];
  }, record);
}

/** Whether two values of records are the same, field by field. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left === null || right === null) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(right, name) &&
      sameValue(
        (left as Readonly<Record<string, unknown>>)[name],
        (right as Readonly<Record<string, unknown>>)[name],
      ),
  );
}
