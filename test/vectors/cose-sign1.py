"""Makes cose-sign1.json: envelopes signed by pycose, an implementation that is not ours.

    python3 -m venv venv && venv/bin/pip install pycose==1.1.0 cbor2
    venv/bin/python test/vectors/cose-sign1.py > test/vectors/cose-sign1.json

Not a dependency of the tests, which read the JSON only. Keys are SHA-256 of a label, so the file
is the same on every run (Ed25519 is deterministic).
"""

import hashlib
import json

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pycose.algorithms import EdDSA, Es256
from pycose.headers import KID, Algorithm, ContentType
from pycose.keys import OKPKey
from pycose.messages import Sign1Message

CHAIN = "dxl-vectors"


def key_of(label):
    seed = hashlib.sha256(label.encode()).digest()
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = OKPKey(crv="Ed25519", d=seed, x=raw)
    return seed, raw, hashlib.sha256(b"\x01" + raw).digest(), key


SEED, PUBLIC, KID_BYTES, KEY = key_of("cose vector key")


def envelope(payload, chain=CHAIN, phdr=None, uhdr=None, tag=True, alter=None):
    message = Sign1Message(
        phdr={Algorithm: EdDSA, KID: KID_BYTES} if phdr is None else phdr,
        uhdr={} if uhdr is None else uhdr,
        payload=cbor2.dumps(payload) if not isinstance(payload, bytes) else payload,
        external_aad=f"dxl/envelope/1:{chain}".encode(),
    )
    message.key = KEY
    encoded = message.encode(tag=tag)
    return alter(encoded) if alter else encoded


def flip(position):
    def change(encoded):
        changed = bytearray(encoded)
        changed[position] ^= 1
        return bytes(changed)

    return change


NOTE = [900, ["probe-1", "数据要素 ✓"]]
VALID = [
    ("one operation", [1, 1, 500, [NOTE]]),
    ("four operations", [1, 23, 24, [NOTE, [901, ["probe-2"]], [902, ["probe-3", 1772416800000]], NOTE]]),
    ("largest numbers", [1, 2**53 - 1, 2**53 - 1, [NOTE]]),
    ("nested command with every kind of value", [1, 256, 65536, [[904, [None, True, False, -1, b"\x00\xff", [[]]]]]]),
    ("payload longer than 255 bytes", [1, 2, 500, [[900, ["probe-1", "x" * 300]]]]),
]

# (what is wrong, the code that refuses it, bytes)
REFUSED = [
    ("signed for another chain", "SIGNATURE_INVALID", envelope(VALID[0][1], chain="dxl-other")),
    ("without external data's domain tag", "SIGNATURE_INVALID", None),
    ("one bit of the signature", "SIGNATURE_INVALID", envelope(VALID[0][1], alter=flip(-1))),
    ("without tag 18", "ENVELOPE_MALFORMED", envelope(VALID[0][1], tag=False)),
    ("no key id", "ENVELOPE_MALFORMED", envelope(VALID[0][1], phdr={Algorithm: EdDSA})),
    ("key id before algorithm", "ENVELOPE_ALGORITHM", envelope(VALID[0][1], phdr={KID: KID_BYTES, Algorithm: EdDSA})),
    ("key id in the unprotected header", "ENVELOPE_MALFORMED", envelope(VALID[0][1], phdr={Algorithm: EdDSA}, uhdr={KID: KID_BYTES})),
    ("something in the unprotected header", "ENVELOPE_ALGORITHM", envelope(VALID[0][1], uhdr={ContentType: 60})),
    ("payload version 2", "ENVELOPE_VERSION", envelope([2, 1, 500, [NOTE]])),
    ("no operation", "ENVELOPE_NO_OPERATION", envelope([1, 1, 500, []])),
    ("sequence of 2^53", "ENVELOPE_MALFORMED", envelope([1, 2**53, 500, [NOTE]])),
    ("negative sequence", "ENVELOPE_MALFORMED", envelope([1, -1, 500, [NOTE]])),
    ("sequence as a float", "ENVELOPE_MALFORMED", envelope([1, 1.0, 500, [NOTE]])),
    ("a map as command", "ENVELOPE_MALFORMED", envelope([1, 1, 500, [[900, {"id": "probe-1"}]]])),
    ("a tag in the payload", "ENVELOPE_MALFORMED", envelope([1, 1, 500, [[900, [cbor2.CBORTag(1, 1)]]]])),
    ("five items in the payload", "ENVELOPE_MALFORMED", envelope([1, 1, 500, [NOTE], None])),
    ("sequence 1 in two bytes", "ENVELOPE_MALFORMED", envelope(b"\x84\x01\x18\x01\x19\x01\xf4\x81\x82\x19\x03\x84\x80")),
    ("list of indefinite length", "ENVELOPE_MALFORMED", envelope(b"\x84\x01\x01\x19\x01\xf4\x9f\x82\x19\x03\x84\x80\xff")),
    ("payload that ends early", "ENVELOPE_MALFORMED", envelope(b"\x84\x01\x01\x19\x01")),
    ("a byte after the payload's value", "ENVELOPE_MALFORMED", envelope(cbor2.dumps([1, 1, 500, [NOTE]]) + b"\x00")),
    ("text that is not UTF-8", "ENVELOPE_MALFORMED", envelope(b"\x84\x01\x01\x19\x01\xf4\x81\x82\x19\x03\x84\x81\x61\xff")),
]


def without_domain_tag():
    message = Sign1Message(
        phdr={Algorithm: EdDSA, KID: KID_BYTES},
        payload=cbor2.dumps(VALID[0][1]),
        external_aad=CHAIN.encode(),
    )
    message.key = KEY
    return message.encode()


def other_algorithm():
    """ES256 named in a header that EdDSA signed: pycose would choose the curve by the name."""
    encoded = bytearray(envelope(VALID[0][1]))
    at = encoded.index(b"\xa2\x01\x27\x04\x58\x20") + 2
    encoded[at] = 0x26
    return bytes(encoded)


REFUSED[1] = (REFUSED[1][0], REFUSED[1][1], without_domain_tag())
REFUSED.append(("ES256 in the header", "ENVELOPE_ALGORITHM", other_algorithm()))
assert Es256.identifier == -7 and EdDSA.identifier == -8

print(
    json.dumps(
        {
            "source": "pycose 1.1.0, by test/vectors/cose-sign1.py",
            "chainId": CHAIN,
            "seed": SEED.hex(),
            "publicKey": PUBLIC.hex(),
            "keyId": KID_BYTES.hex(),
            "valid": [
                {
                    "title": title,
                    "sequence": str(payload[1]),
                    "expiryHeight": str(payload[2]),
                    "operations": len(payload[3]),
                    "payload": cbor2.dumps(payload).hex(),
                    "envelope": envelope(payload).hex(),
                }
                for title, payload in VALID
            ],
            "refused": [
                {"title": title, "code": code, "envelope": data.hex()} for title, code, data in REFUSED
            ],
        },
        indent=2,
        ensure_ascii=False,
    )
)
