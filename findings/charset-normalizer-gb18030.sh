#!/usr/bin/env bash
# Guess: charset-normalizer takes a short Chinese CSV in GB18030 for GB18030 or GB2312.
# Seen, charset-normalizer 3.5.3: UTF-16, with confidence 0.8; read so, a Chinese table is other Chinese and Korean
# letters. chardet 7.7.0 says GB18030 of the same bytes, with confidence 0.12.
# Here: the encoding of a file is stated by who sends it, never detected.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check charset-normalizer==3.5.3 chardet==7.7.0
seen=$(venv/bin/python 2>&1 <<'PY'
import chardet, charset_normalizer
table = "城市,编号\n上海,1\n广州,2\n".encode("gb18030")
found = charset_normalizer.detect(table)
print(found["encoding"], found["confidence"], table.decode(found["encoding"])[:3])
print(chardet.detect(table)["encoding"])
PY
)

stated=$(
  cat <<'STATED'
utf_16_le 0.8 잳탊넬
GB18030
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
