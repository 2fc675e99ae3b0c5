#!/usr/bin/env bash
# Guess: the SUM of a BIGINT column, written to Parquet, is an integer there.
# Seen, DuckDB 2.0.1: the sum is a HUGEINT, which the Parquet writer turns into DOUBLE without a word:
# 9007199254740993 comes back as 9007199254740992.0. A SUM of DECIMAL keeps its last digit.
# Here: totals in fen are summed as DECIMAL, or cast to BIGINT, before they are written.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1
seen=$(venv/bin/python 2>&1 <<'PY'
import duckdb
db = duckdb.connect()
db.execute("""copy (select sum(fen) as total, sum(fen::decimal(18, 0)) as exact
              from (values (9007199254740993::bigint), (0)) as t(fen)) to 'sums.parquet'""")
for name, kind, *_ in db.execute("describe select * from 'sums.parquet'").fetchall():
    print(name, kind, db.execute(f"select {name} from 'sums.parquet'").fetchone()[0])
PY
)

stated=$(
  cat <<'STATED'
total DOUBLE 9007199254740992.0
exact DECIMAL(38,0) 9007199254740993
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
