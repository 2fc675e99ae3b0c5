/** Which of the known names somebody may have had in mind. */

/** The known name that differs least, by a third of its letters at most; null where none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  if (name.length > nameCharactersMax) return null;
  const wanted = plain(name);
  let found: string | null = null;
  let least = Infinity;
  for (const candidate of known) {
    const distance = editsBetween(wanted, plain(candidate));
    if (distance >= least || distance > Math.max(1, Math.floor(candidate.length / 3))) continue;
    found = candidate;
    least = distance;
  }
  return found;
}

const nameCharactersMax = 64;

/** As names are mixed up: `price_fen`, `PriceFen` and `pricefen` are one. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_ .]/g, '');

/** Letters put in, left out or exchanged (Levenshtein). */
function editsBetween(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1) {
      const same = left[at - 1] === right[to - 1] ? 0 : 1;
      next.push(Math.min((row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1, (row[to - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
