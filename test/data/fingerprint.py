"""Fingerprints of tables, version 2, from docs/fingerprint.md alone: the second implementation.

    python3 test/data/fingerprint.py VECTORS.json

computes the digests of each table in the file anew, with nothing but Python's own library, prints those
that differ from what is written there, and ends with 1 where one does.
"""

import hashlib
import hmac
import json
import struct
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def framed(tag):
    return bytes([len(tag)]) + tag.encode()


def tagged(tag, *parts):
    return sha256(framed(tag) + b"".join(parts))


def head(major, size):
    if size < 24:
        return bytes([major | size])
    if size < 0x100:
        return bytes([major | 24, size])
    if size < 0x10000:
        return bytes([major | 25]) + struct.pack(">H", size)
    return bytes([major | 26]) + struct.pack(">I", size)


def cbor(value):
    """Canonical CBOR of texts, None, whole numbers, bytes and lists of them."""
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0x00, value)
    if isinstance(value, bytes):
        return head(0x40, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return head(0x60, len(text)) + text
    return head(0x80, len(value)) + b"".join(cbor(item) for item in value)


def leaf(data):
    return sha256(b"\x00" + data)


def root(leaves):
    """RFC 6962 over leaf hashes."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha256(b"\x01" + root(leaves[:left]) + root(leaves[left:]))


def child(seed, bit):
    return hmac.new(seed, bytes([bit]), hashlib.sha256).digest()


def salt(seed, index, depth=40):
    for level in range(depth - 1, -1, -1):
        seed = child(seed, index >> level & 1)
    return seed


def row_leaf(row_salt, row):
    if len(row) <= 40960:
        return leaf(framed("dxl/row/2") + row_salt + row)
    parts = [row[at : at + 16384] for at in range(0, len(row), 16384)]
    leaves = [
        leaf(framed("dxl/row-part/2") + salt(row_salt, index, 16) + part)
        for index, part in enumerate(parts)
    ]
    return leaf(framed("dxl/wide-row/2") + struct.pack(">I", len(row)) + root(leaves))


def digests(table, seed, bare_salt, key):
    names = table["names"]
    rows = [cbor(row) for row in table["rows"]]
    header = tagged("dxl/columns/1", cbor(names))
    blocks = [range(at, min(at + 1024, len(rows))) for at in range(0, len(rows), 1024)]
    block_root = root(
        [leaf(tagged("dxl/block/1", b"".join(rows[row] for row in block))) for block in blocks]
    )
    rows_root = root([row_leaf(salt(seed, index), row) for index, row in enumerate(rows)])

    def over(tree):
        return cbor([len(rows), len(names), header, tree])

    bare = tagged("dxl/bare/2", over(block_root))
    index = b"".join(
        tagged(
            "dxl/block-column/1",
            key,
            cbor([number, column]),
            b"".join(cbor(table["rows"][row][column]) for row in block),
        )[:16]
        for number, block in enumerate(blocks)
        for column in range(len(names))
    )
    return {
        "header": header.hex(),
        "bare": bare.hex(),
        "rowsRoot": rows_root.hex(),
        "root": tagged("dxl/table/2", over(rows_root)).hex(),
        "bareCommitment": tagged("dxl/commitment/1", bare_salt, bare).hex(),
        "index": sha256(index).hex(),
    }


def expanded(table):
    """A large table is written as one row that is repeated with its number put in."""
    if "repeat" not in table:
        return table
    rows = [
        [None if cell is None else cell.replace("#", str(number)) for cell in table["row"]]
        for number in range(table["repeat"])
    ]
    return {"names": table["names"], "rows": rows}


def main(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)
    wrong = 0
    for vector in vectors:
        secrets = [bytes.fromhex(vector[name]) for name in ("seed", "bareSalt", "indexKey")]
        found = digests(expanded(vector["table"]), *secrets)
        for name, value in vector["expected"].items():
            if found[name] != value:
                wrong += 1
                print(f"{vector['name']}: {name} is {found[name]}, not {value}")
    print(f"{len(vectors)} tables, {wrong} digests differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
