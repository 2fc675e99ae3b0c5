#!/usr/bin/env bash
# Guess: a BudgetAccountant of epsilon 0.3 grants three queries of 0.1, and one of 1.0 grants nine of 1/9.
# Seen, diffprivlib 0.6.6: the third is refused, and the ninth; seven of 1/7 are granted. The sum of the floats decides.
# (The pins: it cannot be imported beside scikit-learn 1.9.1, which its metadata allows.)
# Here: privacy budgets are rationals, added exactly.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check diffprivlib==0.6.6 scikit-learn==1.5.2 numpy==2.0.2 scipy==1.13.1
seen=$(venv/bin/python 2>&1 <<'PY'
import warnings
warnings.filterwarnings("ignore")
from diffprivlib import BudgetAccountant
from diffprivlib.utils import BudgetError
for budget, spend, times in (0.3, 0.1, 3), (1.0, 1 / 7, 7), (1.0, 1 / 9, 9):
    accountant, granted = BudgetAccountant(epsilon=budget), 0
    try:
        for _ in range(times):
            accountant.spend(spend, 0)
            granted += 1
    except BudgetError:
        pass
    print(budget, "in", times, "parts:", granted, "granted")
PY
)

stated=$(
  cat <<'STATED'
0.3 in 3 parts: 2 granted
1.0 in 7 parts: 7 granted
1.0 in 9 parts: 8 granted
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
