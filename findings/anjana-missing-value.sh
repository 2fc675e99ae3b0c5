#!/usr/bin/env bash
# Guess: a lone row whose quasi-identifier is missing is not released under 5-anonymity.
# Seen, anjana 1.2.3: it is, and "The data verifies k-anonymity with k=5" is printed: a group of a missing key is none to
# pandas. pycanon, by the same authors, leaves the row out as well with one quasi-identifier, and counts it with two.
# Here: a missing value is a value of its own class, in the measure and in the proof.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check anjana==1.2.3 pycanon==1.3.5 pandas==2.3.3 numpy==2.0.2
seen=$(venv/bin/python 2>&1 <<'PY'
import warnings
warnings.filterwarnings("ignore")
import pandas
from anjana.anonymity import k_anonymity
from pycanon import anonymity
table = pandas.DataFrame({"city": ["A"] * 5 + [None], "age": ["30"] * 6, "illness": list("xyxyxy")})
released = k_anonymity(table[["city", "illness"]], [], ["city"], 5, 0, {})
print(len(released), "rows released,", int(released["city"].isna().sum()), "of them without a city")
print("k by city", anonymity.k_anonymity(table, ["city"]), "by city and age", anonymity.k_anonymity(table, ["city", "age"]))
PY
)

stated=$(
  cat <<'STATED'
The data verifies k-anonymity with k=5
6 rows released, 1 of them without a city
k by city 5 by city and age 1
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
