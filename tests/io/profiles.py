"""Colour profiles by hand."""

from __future__ import annotations

import struct


def grey_profile(exponent: float) -> bytes:
    """A profile of version 2 for grey whose light is a power of its numbers (ICC.1:2001)."""
    tags = {
        b"kTRC": b"curv" + struct.pack(">4xIH2x", 1, round(exponent * 256)),
        b"wtpt": b"XYZ " + struct.pack(">4xiii", 0xF6D6, 0x10000, 0xD32D),
        b"cprt": b"text" + struct.pack(">4x") + b"none\0\0\0\0",
        b"desc": b"desc" + struct.pack(">4xI", 5) + b"grey\0" + bytes(78 + 1),
    }
    body, table = b"", struct.pack(">I", len(tags))
    for name, data in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    size = 128 + len(table) + len(body)
    header = struct.pack(">I4sI4s4s4s12x4s", size, b"none", 0x02100000, b"mntr", b"GRAY", b"XYZ ", b"acsp")
    header += bytes(68 - len(header)) + struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + table + body
