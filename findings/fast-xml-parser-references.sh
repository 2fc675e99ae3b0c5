#!/usr/bin/env bash
# Guess: fast-xml-parser, with its defaults, leaves references of a bank statement as they are, "00012345" and "12E4" being
# no canonical numbers.
# Seen, fast-xml-parser 5.12.1: 12345 and 120000; a telephone number loses its plus sign. With parseTagValue
# false all stay text.
# Here: bank statements are read with parseTagValue false: a reference that lost a zero matches another payment.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . fast-xml-parser@5.12.1
cat >look.mjs <<'JS'
import { XMLParser } from 'fast-xml-parser';
const entry = '<Ntry><Ref>00012345</Ref><Id>12E4</Id><Phne>+8613800000000</Phne></Ntry>';
for (const parseTagValue of [true, false]) {
  console.log(JSON.stringify(new XMLParser({ parseTagValue }).parse(entry).Ntry));
}
JS
seen=$(node look.mjs 2>&1)

stated=$(
  cat <<'STATED'
{"Ref":12345,"Id":120000,"Phne":8613800000000}
{"Ref":"00012345","Id":"12E4","Phne":"+8613800000000"}
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
