/** Texts that usually stand for a missing value; the first stands for cells of nothing but spaces. */
export const usualMarkers = [
  '',
  ...['NA', 'N/A', 'n/a', 'NULL', 'null', 'NaN', '#N/A', '\\N', '-', '--', '/', '*', '无', '空'],
] as const;

const ideographicSpace = [0xe3, 0x80, 0x80] as const;
const longest = 4;

/**
 * Finds cells that look missing and are not declared so: until somebody says what they are, they count
 * neither as present nor as missing.
 */
export class UndeclaredMarkers {
  readonly #byFirst: ({ readonly bytes: Uint8Array; readonly index: number }[] | undefined)[] = [];

  /** @param declared as missing, or as values */
  constructor(declared: readonly string[]) {
    const encoder = new TextEncoder();
    for (const [index, marker] of usualMarkers.entries()) {
      if (marker === '' || declared.includes(marker)) continue;
      const bytes = encoder.encode(marker);
      (this.#byFirst[bytes[0] ?? 0] ??= []).push({ bytes, index });
    }
  }

  /** Place in `usualMarkers`; −1 for a cell that holds a value. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const first = bytes[start] as number;
    if (start === end || first === 0x20 || first === ideographicSpace[0]) {
      if (isBlank(bytes, start, end)) return 0;
    }
    if (end - start > longest) return -1;
    for (const marker of this.#byFirst[first] ?? []) {
      if (isEqual(marker.bytes, bytes, start, end)) return marker.index;
    }
    return -1;
  }
}

function isEqual(marker: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (marker.length !== end - start) return false;
  for (let at = 0; at < marker.length; at += 1) {
    if (marker[at] !== bytes[start + at]) return false;
  }
  return true;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    if (bytes[at] === 0x20 || bytes[at] === 0x09) at += 1;
    else if (ideographicSpace.every((byte, index) => bytes[at + index] === byte)) at += 3;
    else return false;
  }
  return true;
}
