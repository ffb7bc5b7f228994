"""Named streams of random numbers: what is drawn for one purpose does not depend on what others draw."""

from __future__ import annotations

import zlib

import numpy as np

# Of the generator SplitMix64: what is added for each number, then shifts and factors.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIXING = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))
# Bits of a number: as many as float32 holds.
_BITS = 24


def random_stream(seed: int, name: str) -> np.random.Generator:
    """The generator of random numbers for one purpose; the same seed and name give the same numbers."""
    return np.random.default_rng(_key(seed, name))


def numbered_uniforms(seed: int, name: str, numbers: np.ndarray, count: int) -> np.ndarray:
    """Random numbers of things that have numbers of their own, such as the cells of a grid.

    What a thing draws does not depend on which others are there: engines and processors differ in single values of
    a sketch, and where a stroke came or went, all later ones would draw other numbers from a common generator.

    Source: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014 (SplitMix64).

    Args:
        seed: of the picture.
        name: of the purpose.
        numbers: ``(N,)`` integers of 0 or more.
        count: of random numbers for each.

    Returns:
        ``(count, N)`` float32, evenly spread over 0 to 1, less than 1.
    """
    (key,) = np.random.SeedSequence(_key(seed, name)).generate_state(1, np.uint64)
    # Each state gives two numbers.
    states = -(-count // 2)
    state = numbers.astype(np.uint64) * np.uint64(states) + np.arange(1, states + 1, dtype=np.uint64)[:, None]
    state *= _STEP
    state += key
    for shift, factor in _MIXING:
        state ^= state >> np.uint64(shift)
        state *= np.uint64(factor)
    halves = np.concatenate([state >> np.uint64(64 - _BITS), state & np.uint64(2**_BITS - 1)])[:count]
    return np.asarray(halves.astype(np.float32) * np.float32(2.0**-_BITS))


def normals(uniforms: np.ndarray) -> np.ndarray:
    """Normally distributed numbers, an even count of rows ``(2 n, N)`` float32 from as many in 0 to 1, less than 1.

    Source: Box and Muller, A Note on the Generation of Random Normal Deviates, Annals of Mathematical Statistics
    29(2), 1958.
    """
    first, second = np.split(uniforms, 2)
    radius, turn = np.sqrt(-2 * np.log(1 - first)), np.float32(2 * np.pi) * second
    return np.concatenate([radius * np.cos(turn), radius * np.sin(turn)])


def _key(seed: int, name: str) -> tuple[int, int]:
    return seed, zlib.crc32(name.encode())
