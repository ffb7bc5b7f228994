"""What files say of their colours without a profile: PNG chunks, and boxes of HEIC and AVIF.

Numbers of primaries and transfer functions are those of ITU-T H.273.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from PIL import ImageFile

SRGB, PQ, HLG = "sRGB", "PQ", "HLG"
# x and y of white, red, green and blue.
Primaries = tuple[float, float, float, float, float, float, float, float]
_D65, _C = (0.3127, 0.3290), (0.310, 0.316)
BT_709: Primaries = (*_D65, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
# H.273, table 2; 2 is "unspecified".
_PRIMARIES: dict[int, Primaries] = {
    1: BT_709,
    2: BT_709,
    4: (*_C, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
# Table 3. What is shot with the camera curve of BT.709 (1, 6, 14, 15) is shown as sRGB is, as browsers do.
_TRANSFERS: dict[int, str | float] = {1: SRGB, 2: SRGB, 6: SRGB, 13: SRGB, 14: SRGB, 15: SRGB, 16: PQ, 18: HLG}
_TRANSFERS |= {4: 2.2, 5: 2.8, 8: 1.0}
# Deviations from sRGB that nobody sees: in the exponent, and in x and y.
_EXPONENT_SLACK, _PRIMARY_SLACK = 0.05, 0.002
_EXPONENTS = (0.5, 10.0)
_SRGB_EXPONENT = 2.2
_MOST_BOXES = 4096


@dataclass(frozen=True)
class Encoding:
    """How the numbers of a picture stand for colours.

    Attributes:
        primaries: of its channels, and its white.
        transfer: from numbers to light: ``SRGB``, ``PQ``, ``HLG``, or the exponent of a power.
        full_range: whether 0 is black and 255 white; else 16 and 235 are.
    """

    primaries: Primaries = BT_709
    transfer: str | float = SRGB
    full_range: bool = True


def signalled_encoding(image: ImageFile.ImageFile, data: bytes, notes: list[str]) -> Encoding | None:
    """The encoding that a file states and that counts more than its profile; nothing if it is sRGB or is not stated.

    In a PNG file cICP counts before the profile, and sRGB, gAMA and cHRM after it (PNG, third edition,
    section 4.3). In a HEIC or AVIF file the profile counts before the code points, as in browsers.

    Args:
        image: loaded.
        data: the whole file.
        notes: a warning is added where what is stated cannot be used.
    """
    has_profile = bool(image.info.get("icc_profile"))
    found: Encoding | None = None
    try:
        if image.format == "PNG":
            ranged = _png_code_points(data)
            if ranged:
                found = _from_code_points(*ranged)
            elif not has_profile and "srgb" not in image.info:
                found = _from_gamma(image.info.get("gamma"), image.info.get("chromaticity"))
        elif image.format in ("HEIF", "AVIF") and not has_profile:
            code_points = _box_code_points(data)
            # The decoder has widened a narrow range already.
            found = _from_code_points(*code_points, True) if code_points else None
    except (ValueError, IndexError, struct.error):
        if not has_profile:
            notes.append("what it says of its colours cannot be used; they may be a little off")
    return None if found == Encoding() else found


def _from_code_points(primaries: int, transfer: int, full_range: bool) -> Encoding:
    if primaries not in _PRIMARIES or transfer not in _TRANSFERS:
        raise ValueError(f"primaries {primaries} with transfer function {transfer}")
    return Encoding(_PRIMARIES[primaries], _TRANSFERS[transfer], full_range)


def _from_gamma(gamma: float | None, chromaticity: Primaries | None) -> Encoding:
    """From gAMA, the exponent of encoding, and cHRM; either may be missing."""
    transfer: str | float = SRGB
    if gamma is not None:
        exponent = 1 / gamma if gamma else 0.0
        if not _EXPONENTS[0] <= exponent <= _EXPONENTS[1]:
            raise ValueError(f"gamma {gamma}")
        if abs(exponent / _SRGB_EXPONENT - 1) > _EXPONENT_SLACK:
            transfer = exponent
    if chromaticity is None or max(abs(a - b) for a, b in zip(chromaticity, BT_709, strict=True)) < _PRIMARY_SLACK:
        return Encoding(transfer=transfer)
    _check_primaries(chromaticity)
    return Encoding(chromaticity, transfer)


def _check_primaries(primaries: Primaries) -> None:
    """Primaries must span a triangle with white inside it.

    Raises:
        ValueError: they do not.
    """
    white, *corners = ((primaries[place], primaries[place + 1]) for place in range(0, 8, 2))
    turns = []
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        turns.append((x2 - x1) * (white[1] - y1) - (y2 - y1) * (white[0] - x1))
    spanned = min(abs(turn) for turn in turns) > 1e-3 and min(turns) * max(turns) > 0
    if not spanned or min(primaries) < 0 or max(primaries) > 1 or min(primaries[1::2]) < 1e-3:
        raise ValueError(f"primaries {primaries}")


def _png_code_points(data: bytes) -> tuple[int, int, bool] | None:
    """Primaries, transfer function and range of the chunk cICP, which Pillow does not read."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"cICP":
            primaries, transfer, matrix, full_range = struct.unpack(">4B", data[at + 8 : at + 8 + length])
            if matrix:
                raise ValueError("only RGB is allowed")
            return primaries, transfer, bool(full_range)
        if kind == b"IDAT":
            return None
        at += 12 + length
    return None


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Boxes side by side (ISO/IEC 14496-12): kind, and first and last byte but one of the content."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        content = start + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, content)
            content += 8
        stop = end if size == 0 else start + size
        if not content <= stop <= end:
            raise ValueError(f"box {kind!r} ends outside of what holds it")
        yield kind, content, stop
        start = stop


def _box(data: bytes, start: int, end: int, kind: bytes) -> tuple[int, int] | None:
    """Where the content of the first box of a kind begins and ends."""
    boxes = islice(_boxes(data, start, end), _MOST_BOXES)
    return next(((content, stop) for found, content, stop in boxes if found == kind), None)


def _box_code_points(data: bytes) -> tuple[int, int] | None:
    """Primaries and transfer function of the main picture of a HEIF file (ISO/IEC 23008-12)."""
    meta = _box(data, 0, len(data), b"meta")
    if meta is None:
        return None
    # Version and flags come first.
    inside = (meta[0] + 4, meta[1])
    main, properties = _box(data, *inside, b"pitm"), _box(data, *inside, b"iprp")
    container = properties and _box(data, *properties, b"ipco")
    if main is None or properties is None or container is None:
        return None
    (item,) = struct.unpack_from(">I" if data[main[0]] else ">H", data, main[0] + 4)
    numbers = _property_numbers(data, properties, item)
    stated = {}
    for number, (kind, start, stop) in enumerate(islice(_boxes(data, *container), _MOST_BOXES), 1):
        if kind == b"colr" and data[start : start + 4] == b"nclx" and stop - start >= 10:
            stated[number] = struct.unpack_from(">HH", data, start + 4)
    # Of a grid of tiles sometimes only the tiles have any.
    chosen = next((number for number in stated if number in numbers), next(iter(stated), None))
    return None if chosen is None else stated[chosen]


def _property_numbers(data: bytes, properties: tuple[int, int], item: int) -> set[int]:
    """Numbers of the properties of a picture, from 1, as the box ipma associates them."""
    place = _box(data, *properties, b"ipma")
    if place is None:
        return set()
    at, stop = place
    wide_item, wide_number = data[at] > 0, data[at + 3] & 1
    (count,) = struct.unpack_from(">I", data, at + 4)
    at += 8
    for _ in range(min(count, stop - at)):
        found, listed = struct.unpack_from(">IB" if wide_item else ">HB", data, at)
        at += 5 if wide_item else 3
        numbers = struct.unpack_from(f">{listed}{'H' if wide_number else 'B'}", data, at)
        if found == item:
            return {number & (0x7FFF if wide_number else 0x7F) for number in numbers}
        at += listed * (2 if wide_number else 1)
    return set()
