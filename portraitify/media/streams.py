"""Named streams of random numbers: what is drawn for one purpose does not depend on what others draw."""

from __future__ import annotations

import zlib

import numpy as np

# Streams that had a number before they had a name keep it, so that their paintings stay as they are.
_NUMBERED = {
    "painter.background": 17,
    "oil.torn_ends": 20,
    "oil.canvas": 21,
    "strokes.directions": 22,
    "oil.bristle_offsets": 23,
    "oil.bristles": 24,
    "oil.grit": 25,
    "oil.mixture": 26,
    "oil.temperature": 27,
    **{f"oil.layer{number}": 30 + number for number in range(6)},
    "ink.wobble": 50,
    **{f"ink.pressure{number}": 51 + number for number in range(3)},
    "ink.paper": 60,
    "ink.paper.fine": 61,
    "watercolor.paper": 70,
    "watercolor.paper.fine": 71,
    "watercolor.washes": 71,
    "watercolor.pools": 72,
    "renaissance.cracks": 80,
    "renaissance.marks": 81,
    "renaissance.glaze": 82,
    "renaissance.varnish": 83,
    "renaissance.crackled": 84,
    "renaissance.crack_paths": 85,
    **{f"renaissance.layer{number}": 86 + number for number in range(3)},
    "renaissance.grit": 89,
}


def random_stream(seed: int, name: str) -> np.random.Generator:
    """The generator of random numbers for one purpose; the same seed and name give the same numbers."""
    return np.random.default_rng((seed, _NUMBERED.get(name, zlib.crc32(name.encode()))))
