#!/usr/bin/env bash
# Guess: cn2an reads back each amount in words that it wrote itself.
# Seen, cn2an 0.5.24: 1680.32 comes back; 16409.02 (…元零贰分) and 0.05 (伍分) are refused as "not in the range".
# Here: an amount in words is for people; what a program reads back is the number beside it.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cn2an==0.5.24
seen=$(venv/bin/python 2>&1 <<'PY'
import cn2an
for yuan in "1680.32", "16409.02", "0.05":
    words = cn2an.an2cn(yuan, "rmb")
    try:
        print(words, cn2an.cn2an(words, "smart"))
    except ValueError as error:
        print(words, "refused")
PY
)

stated=$(
  cat <<'STATED'
壹仟陆佰捌拾元叁角贰分 1680.32
壹万陆仟肆佰零玖元零贰分 refused
伍分 refused
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
