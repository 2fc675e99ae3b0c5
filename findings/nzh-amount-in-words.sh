#!/usr/bin/env bash
# Guess: nzh writes the sum of 0.1 and 0.7 yuan in words as eight jiao, 捌角.
# Seen, nzh 1.0.14: 柒角玖分. It cuts after the fen instead of rounding, and the double is 0.7999999999999999; three times
# 2.3 loses a fen, too. Written as text, '0.8' is right.
# Here: amounts are integers of fen, and become text by integer division; words are made from that text.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . nzh@1.0.14
cat >look.mjs <<'JS'
import Nzh from 'nzh';
const inWords = (yuan) => Nzh.cn.toMoney(yuan, { outSymbol: false });
console.log(inWords(0.1 + 0.7), inWords(3 * 2.3), inWords('0.8'), inWords('6.9'));
JS
seen=$(node look.mjs 2>&1)

stated=$(
  cat <<'STATED'
柒角玖分 陆元捌角玖分 捌角 陆元玖角
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
