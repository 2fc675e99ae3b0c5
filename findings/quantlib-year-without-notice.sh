#!/usr/bin/env bash
# Guess: QuantLib's calendar of China's interbank market raises for a year whose holidays were not announced yet, or
# knows the statutory ones.
# Seen, QuantLib 1.44: 1 October 2026 is a holiday, 1 October 2027 (National Day, a Friday) a business day like any other.
# Here: a year without a notice of the State Council is "unknown", a state of its own, and no deadline is counted in it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check QuantLib==1.44
seen=$(venv/bin/python 2>&1 <<'PY'
import QuantLib as ql
calendar = ql.China(ql.China.IB)
for year in (2026, 2027):
    day = ql.Date(1, ql.October, year)
    print(day.ISO(), "business day" if calendar.isBusinessDay(day) else "holiday")
PY
)

stated=$(
  cat <<'STATED'
2026-10-01 holiday
2027-10-01 business day
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
