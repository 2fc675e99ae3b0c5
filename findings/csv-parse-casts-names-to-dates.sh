#!/usr/bin/env bash
# Guess: csv-parse with cast and cast_date leaves names like "lot 5" and "Room 101" as they are.
# Seen, csv-parse 7.0.3: they become 1 May 2001 and a day of the year 101; 0xab12 becomes 0; and an identity number of
# eighteen digits ends in 230 instead of 234.
# Here: the reader casts nothing.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . csv-parse@7.0.3
cat >look.mjs <<'JS'
import { parse } from 'csv-parse/sync';
const table = 'lot 5\nRoom 101\n0xab12\n110101199003071234\n';
const told = (value) => (value instanceof Date ? `${value.getFullYear()}-${value.getMonth() + 1}` : String(value));
console.log(parse(table, { cast: true, cast_date: true }).flat().map(told).join(' | '));
JS
seen=$(node look.mjs 2>&1)

stated=$(
  cat <<'STATED'
2001-5 | 101-1 | 0 | 110101199003071230
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
