#!/usr/bin/env bash
# Guess: jsonld.js, PyLD and rdflib read one JSON-LD file with the numbers 19.99, 0.0000001 and 1e20 as one graph.
# Seen, jsonld 9.0.0, PyLD 3.3.0, rdflib 7.6.0: three graphs. jsonld.js makes 0.0000001 the integer 0; rdflib writes
# doubles as Python does ("1e-07", "19.99"), and 1e20 as a double where the others have an integer.
# Here: amounts in linked data are texts with a datatype, never JSON numbers.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check PyLD==3.3.0 rdflib==7.6.0
npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix . jsonld@9.0.0
cat >prices.jsonld <<'JSON'
{ "@context": { "@vocab": "https://schema.org/" }, "@id": "urn:offer", "a": 19.99, "b": 0.0000001, "c": 1e20 }
JSON
cat >look.mjs <<'JS'
import { readFileSync } from 'node:fs';
import jsonld from 'jsonld';
const quads = await jsonld.toRDF(JSON.parse(readFileSync('prices.jsonld', 'utf8')));
console.log('jsonld.js', quads.map(({ object }) => `${object.value} ${object.datatype.value.split('#')[1]}`).join(', '));
JS
cat >look.py <<'PY'
import json, sys
import rdflib
from pyld import jsonld
text = open("prices.jsonld").read()
quads = jsonld.to_rdf(json.loads(text))["@default"]
print("PyLD", ", ".join(f'{q["object"]["value"]} {q["object"]["datatype"].split("#")[1]}' for q in quads))
graph = rdflib.Graph().parse(data=text, format="json-ld")
print("rdflib", ", ".join(f'{o} {o.datatype.split("#")[1]}' for _, _, o in sorted(graph)))
PY
seen=$(node look.mjs 2>&1 && venv/bin/python look.py 2>&1)

stated=$(
  cat <<'STATED'
jsonld.js 1.999E1 double, 0 integer, 100000000000000000000 integer
PyLD 1.999E1 double, 1.0E-7 double, 100000000000000000000 integer
rdflib 19.99 double, 1e-07 double, 1e+20 double
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
