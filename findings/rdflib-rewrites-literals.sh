#!/usr/bin/env bash
# Guess: rdflib parses N-Triples and writes the same terms back, in some order.
# Seen, rdflib 7.6.0: typed literals are rewritten: "PT36H" to "P1DT12H", "0012" to "12", "…T00:00:00Z" to
# "…T00:00:00+00:00". As RDF terms these are others: a digest or a signature of the graph no longer fits.
# Here: what is signed is bytes; a graph that came through a library is compared by values, not by digest.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check rdflib==7.6.0
seen=$(venv/bin/python 2>&1 <<'PY'
import rdflib
xsd = "http://www.w3.org/2001/XMLSchema#"
for kind, lexical in ("duration", "PT36H"), ("integer", "0012"), ("dateTime", "2026-01-01T00:00:00Z"), ("decimal", "19.90"):
    line = f'<urn:a> <urn:b> "{lexical}"^^<{xsd}{kind}> .\n'
    back = rdflib.Graph().parse(data=line, format="nt").serialize(format="nt")
    print(kind, lexical, back.split('"')[1])
PY
)

stated=$(
  cat <<'STATED'
duration PT36H P1DT12H
integer 0012 12
dateTime 2026-01-01T00:00:00Z 2026-01-01T00:00:00+00:00
decimal 19.90 19.90
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
