#!/usr/bin/env bash
# Guess: pyarrow.csv reads a column of twenty-digit identifiers as text, since they do not fit an int64.
# Seen, pyarrow 26.0.1: it becomes a double, and two identifiers become one. No error, no warning.
# Here: types are a second reading of exact text; a sniffed type may be proposed, never used.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
seen=$(venv/bin/python 2>&1 <<'PY'
import io
import pyarrow.csv
table = pyarrow.csv.read_csv(io.BytesIO(b"id\n12345678901234567890\n12345678901234567891\n"))
ids = table["id"].to_pylist()
print(table.schema.field("id").type, len(set(ids)), "distinct of", len(ids))
PY
)

stated=$(
  cat <<'STATED'
double 1 distinct of 2
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
