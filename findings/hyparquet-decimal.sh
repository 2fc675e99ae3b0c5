#!/usr/bin/env bash
# Guess: hyparquet gives a DECIMAL of 1234567890123456.89 as text or as an exact number, and keeps microseconds.
# Seen, hyparquet 1.33.0 on a file of pyarrow 26.0.1: the decimal is a double, 1234567890123457, and 0.123456 s
# are a Date of 123 ms.
# Here: money and times of a Parquet file are read by a reader that keeps them, or refused by name.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . hyparquet@1.33.0
venv/bin/python <<'PY'
import datetime, decimal
import pyarrow, pyarrow.parquet
pyarrow.parquet.write_table(pyarrow.table({
    "price": pyarrow.array([decimal.Decimal("1234567890123456.89")], pyarrow.decimal128(18, 2)),
    "at": pyarrow.array([datetime.datetime(2026, 1, 1, 0, 0, 0, 123456)], pyarrow.timestamp("us")),
}), "table.parquet")
PY
cat >look.mjs <<'JS'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
const [row] = await parquetReadObjects({ file: await asyncBufferFromFile('table.parquet') });
console.log(typeof row.price, row.price, row.at.toISOString());
JS
seen=$(node look.mjs 2>&1)

stated=$(
  cat <<'STATED'
number 1234567890123457 2026-01-01T00:00:00.123Z
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
