#!/usr/bin/env bash
# Guess: l-diversity and t-closeness of a table do not depend on the order of its rows.
# Seen, pycanon 1.3.5: sorted by the sensitive column, l falls from 2 to 1 and t rises from 0 to 0.33, since labels of
# rows are taken for positions. With reset_index the sorted table gives the first answer again. k is right throughout.
# Here: the referee of an anonymity figure resets the index first.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pycanon==1.3.5 pandas==2.3.3 numpy==2.0.2
seen=$(venv/bin/python 2>&1 <<'PY'
import pandas
from pycanon import anonymity
table = pandas.DataFrame({"city": list("AAABBB"), "illness": list("xyxxxy")})
for name, rows in ("as made", table), ("sorted", table.sort_values("illness", kind="stable")), (
        "sorted, index reset", table.sort_values("illness", kind="stable").reset_index(drop=True)):
    k = anonymity.k_anonymity(rows, ["city"])
    l = anonymity.l_diversity(rows, ["city"], ["illness"])
    t = anonymity.t_closeness(rows, ["city"], ["illness"])
    print(f"{name}: k {k}, l {l}, t {t:.2f}")
PY
)

stated=$(
  cat <<'STATED'
as made: k 3, l 2, t 0.00
sorted: k 3, l 1, t 0.33
sorted, index reset: k 3, l 2, t 0.00
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
