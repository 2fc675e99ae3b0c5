#!/usr/bin/env bash
# Guess: frictionless describes a column of codes 0111, 0112 (GB/T 4754) as string, since an integer has no leading zero.
# Seen, frictionless 5.21.0: type integer; what it extracts is 111 and 112, and the table is valid under that schema.
# Here: a description of a table that is taken from a sniffer loses codes; ours reads exact text first.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check frictionless==5.21.0
seen=$(venv/bin/python 2>&1 <<'PY'
from pathlib import Path
from frictionless import describe, extract, validate
Path("codes.csv").write_text("code\n0111\n0112\n")
print(describe("codes.csv").to_dict()["schema"]["fields"][0]["type"],
      [row["code"] for row in extract("codes.csv")["codes"]], validate("codes.csv").valid)
PY
)

stated=$(
  cat <<'STATED'
integer [111, 112] True
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
