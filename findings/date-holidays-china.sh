#!/usr/bin/env bash
# Guess: date-holidays knows China's four statutory days of Spring Festival 2026 (16 to 19 February) and two of Labour
# Day (1 and 2 May), as the rules in force since 1 January 2025 have them (State Council Order 795).
# Seen, date-holidays 3.37.0: 16 to 18 February and 1 May only; and Women's Day (8 March), a half day for
# women, is a public holiday like them.
# Here: working days come from the notice of each year, not from a library of rules.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . date-holidays@3.37.0
cat >look.mjs <<'JS'
import Holidays from 'date-holidays';
const days = new Holidays('CN').getHolidays(2026).filter(({ type }) => type === 'public');
const inFirstHalf = days.map(({ date }) => date.slice(0, 10)).filter((date) => date < '2026-05-04');
console.log(inFirstHalf.join(' '));
JS
seen=$(node look.mjs 2>&1)

stated=$(
  cat <<'STATED'
2026-01-01 2026-02-16 2026-02-17 2026-02-18 2026-03-08 2026-04-05 2026-05-01
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
