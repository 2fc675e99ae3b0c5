#!/usr/bin/env bash
# Installs CometBFT into the project's cache (.data/cache/bin), by Go 1.22 or later.
# A second run does nothing where the wanted version is there already.
set -euo pipefail
version="${1:-v0.38.25}"
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin="$PWD/.data/cache/bin"
if [ -x "$bin/cometbft" ] && [ "v$("$bin/cometbft" version)" = "$version" ]; then
  echo "CometBFT $version is at $bin/cometbft"
  exit 0
fi
command -v go >/dev/null || {
  echo 'Go is needed to build CometBFT: https://go.dev/dl' >&2
  exit 1
}
mkdir -p "$bin"
GOBIN="$bin" CGO_ENABLED=0 go install "github.com/cometbft/cometbft/cmd/cometbft@$version"
echo "CometBFT v$("$bin/cometbft" version) is at $bin/cometbft"
