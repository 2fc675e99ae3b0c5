#!/usr/bin/env bash
# Guess: pycose decodes a COSE_Sign1 that it has just encoded, with the newest cbor2 that its metadata allows.
# Seen, pycose 1.1.0 with cbor2 6.3.0, which pip installs: "Bytes cannot be decoded as COSE message". With cbor2
# 5.9.0 the same lines verify.
# Here: the pages that tell strangers how to check an envelope name both versions.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pycose==1.1.0 cbor2==6.3.0
seen=$(venv/bin/python 2>&1 <<'PY'
import subprocess, sys
check = """
import cbor2
from importlib.metadata import version
from pycose.algorithms import EdDSA
from pycose.headers import Algorithm
from pycose.keys import OKPKey
from pycose.messages import Sign1Message
key = OKPKey.generate_key(crv='ED25519')
message = Sign1Message(phdr={Algorithm: EdDSA}, payload=b'agreed')
message.key = key
encoded = message.encode()
try:
    decoded = Sign1Message.decode(encoded)
    decoded.key = key
    print(version('cbor2'), decoded.verify_signature())
except TypeError as error:
    print(version('cbor2'), error)
"""
subprocess.run([sys.executable, "-c", check], check=True)
pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "cbor2==5.9.0"]
subprocess.run(pip, check=True)
subprocess.run([sys.executable, "-c", check], check=True)
PY
)

stated=$(
  cat <<'STATED'
6.3.0 Bytes cannot be decoded as COSE message
5.9.0 True
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}
