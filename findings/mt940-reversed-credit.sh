#!/usr/bin/env bash
# Guess: mt-940 gives the reversal of a credit (mark RC in field 61) as a negative amount.
# Seen, mt-940 5.1.1: +250. Of 1000.00 and this entry the bank's closing balance is 750.00; the entries say 1250.
# Here: a bank's entries are summed against its balances before anything is confirmed from them.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mt-940==5.1.1
seen=$(venv/bin/python 2>&1 <<'PY'
import mt940
statement = mt940.parse(""":20:STMT1
:25:1234567890
:28C:1/1
:60F:C260101CNY1000,00
:61:2601020102RC250,00NTRFREF1//BANK1
:86:reversal of a credit
:62F:C260102CNY750,00
""")
opening, closing = (statement.data[name].amount.amount for name in ("final_opening_balance", "final_closing_balance"))
entries = sum(entry.data["amount"].amount for entry in statement)
print(statement[0].data["status"], opening, "+", entries, "=", opening + entries, "but the bank says", closing)
PY
)

stated=$(
  cat <<'STATED'
RC 1000.00 + 250.00 = 1250.00 but the bank says 750.00
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
