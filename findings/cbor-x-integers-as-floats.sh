#!/usr/bin/env bash
# Guess: cbor-x writes the integer 4294967296 as a CBOR integer, as RFC 8949 (4.2.2) prefers.
# Seen, cbor-x 1.6.9: from 2^32 on a number is a float of nine bytes, while a BigInt of the same value is an
# integer; and an object of one field has a map head of three bytes. Other libraries read the float as 4294967296.0.
# Here: what is signed has one encoding, and the reader refuses others: envelopes come from an encoder that keeps it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . cbor-x@1.6.9
cat >look.mjs <<'JS'
import { encode } from 'cbor-x';
const hex = (value) => Buffer.from(encode(value)).toString('hex');
console.log(hex(4294967295), hex(4294967296), hex(4294967296n), hex({ a: 1 }));
JS
seen=$(node look.mjs 2>&1)

stated=$(
  cat <<'STATED'
1affffffff fb41f0000000000000 1b0000000100000000 b90001616101
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
