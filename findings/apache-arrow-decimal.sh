#!/usr/bin/env bash
# Guess: apache-arrow (JavaScript) prints a Decimal128 of 19.99 as 19.99, and Number() of it is 19.99.
# Seen, apache-arrow 21.2.0: both give the unscaled integer, 1999; the scale stands in the type alone.
# Here: a price read from an Arrow file must be scaled by the reader; a hundredfold price is a valid price.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . apache-arrow@21.2.0
cat >look.mjs <<'JS'
import { Decimal, Field, makeData, RecordBatch, Schema, Struct, Table, tableFromIPC, tableToIPC } from 'apache-arrow';

// One row of decimal128(18, 2): 19.99, as any writer stores it, through the IPC format and back.
const type = new Decimal(2, 18, 128);
const price = makeData({ type, length: 1, nullCount: 0, data: new Uint32Array([1999, 0, 0, 0]) });
const schema = new Schema([new Field('price', type)]);
const rows = makeData({ type: new Struct(schema.fields), length: 1, nullCount: 0, children: [price] });
const table = tableFromIPC(tableToIPC(new Table(schema, new RecordBatch(schema, rows))));
const read = table.getChild('price').get(0);
console.log(`scale ${table.schema.fields[0].type.scale}: ${read}, ${Number(read)}`);
JS
seen=$(node look.mjs 2>&1)

stated=$(
  cat <<'STATED'
scale 2: 1999, 1999
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
