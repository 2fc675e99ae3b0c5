/**
 * The value, never to be changed again. What was read once is shared by all who read it later: a
 * record or command changed in place would be another on a node that reads it anew.
 */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
