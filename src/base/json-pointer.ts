/** JSON pointers (RFC 6901): where in a value something stands. */

/** What a JSON pointer names in a value; undefined where there is nothing. */
export function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const name of namesOf(pointer)) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined;
  }
  return found;
}

/** JSON pointer of a member of what `pointer` names. */
export const memberPointer = (pointer: string, name: string): string =>
  `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The names on the way. */
export const namesOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
