"""JPEG files that end too early: whether they do, their scans, and what a picture can do without."""

from __future__ import annotations

import re
import struct
from collections import defaultdict
from dataclasses import dataclass, field

_END, _SCAN, _RESTARTS = 0xD9, 0xDA, 0xDD
# Markers without a length: TEM and RST0 to RST7.
_BARE = (0x01, *range(0xD0, 0xD8))
# Start of frame, but for DHT, JPG and DAC, which share the numbers.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# In coded data only stuffed zeros and restart markers follow 0xFF.
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
_RESERVED = bytes(16)
_COEFFICIENTS = 64
# Coefficients that lack their last bit only are within one step of the file's own rounding.
_SPARED_BITS = 1
_UNKNOWN = 99


@dataclass(frozen=True)
class CutJpeg:
    """A JPEG file without its end.

    Attributes:
        data: without what is left of a last segment that holds no coded data; an end may be put behind it.
        coded: whether it ends inside of coded data.
        in_detail: whether nothing is missing but the last bit of coefficients.
        restart: number of the restart marker that comes next; nothing if the file has none.
        whole: whether all coefficients are known completely.
    """

    data: bytes
    coded: bool
    in_detail: bool
    restart: int | None = None
    whole: bool = False


@dataclass
class _Known:
    """What complete scans have told: for each component the lowest bit that is known of each coefficient."""

    components: tuple[int, ...] = ()
    lowest: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [_UNKNOWN] * _COEFFICIENTS))

    def up_to(self, bit: int) -> bool:
        """Whether all coefficients are known down to a bit."""
        return bool(self.components) and all(max(self.lowest[component]) <= bit for component in self.components)

    def add(self, header: bytes) -> None:
        """Add a scan, by the content of its header."""
        count = header[0]
        first, last, bits = header[1 + 2 * count], header[2 + 2 * count], header[3 + 2 * count] & 15
        for number in range(count):
            for coefficient in range(first, min(last, _COEFFICIENTS - 1) + 1):
                self.lowest[header[1 + 2 * number]][coefficient] = bits


def cut_jpeg(data: bytes) -> CutJpeg | None:
    """Look at a JPEG file that cannot be decoded; nothing if its end is there or a whole scan that matters is not.

    Source: ITU-T T.81, annexes B and G.

    Args:
        data: the file.

    Raises:
        IndexError: it is damaged.
        struct.error: it is damaged.
    """
    known, restarts = _Known(), False
    at = _marker(data, 2)
    while at + 4 <= len(data):
        kind, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        if kind == _END:
            return None
        if at + 2 + length > len(data):
            break
        body, at = data[at + 4 : at + 2 + length], at + 2 + length
        if kind in _FRAMES:
            known.components = tuple(body[6 + 3 * number] for number in range(body[5]))
        elif kind == _RESTARTS:
            restarts = body[:2] != b"\0\0"
        elif kind == _SCAN:
            in_detail = known.up_to(_SPARED_BITS)
            known.add(body)
            found = _NEXT_MARKER.search(data, at)
            if found is None:
                # Many zeros are what was reserved for the file and never written.
                kept = (data.rstrip(b"\0") if data.endswith(_RESERVED) else data).rstrip(b"\xff")
                restart = _next_restart(data, at) if restarts else None
                usable = known.up_to(_SPARED_BITS) and len(kept) > at
                return CutJpeg(kept, True, in_detail, restart) if usable else None
            at = found.start()
        at = _marker(data, at)
    if data[at + 1 : at + 2] == bytes([_END]) or not known.up_to(_SPARED_BITS):
        return None
    return CutJpeg(data[:at], False, True, whole=known.up_to(0))


def has_end(data: bytes) -> bool:
    """Whether the end of the (first) picture of a JPEG file is there; one in a segment, such as a preview, is no end.

    Source: ITU-T T.81, annex B.

    Raises:
        struct.error: the file is damaged.
    """
    at = _marker(data, 2)
    while at + 2 <= len(data):
        kind = data[at + 1]
        if kind == _END:
            return True
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + length
        if kind == _SCAN:
            found = _NEXT_MARKER.search(data, at)
            if found is None:
                return False
            at = found.start()
        at = _marker(data, at)
    return False


def _marker(data: bytes, at: int) -> int:
    """Where the next marker with a length begins, or the end."""
    while at + 1 < len(data) and data[at] == 0xFF and (data[at + 1] == 0xFF or data[at + 1] in _BARE):
        at += 1 if data[at + 1] == 0xFF else 2
    return at if at + 1 < len(data) and data[at] == 0xFF else len(data)


def _next_restart(data: bytes, at: int) -> int:
    found: list[bytes] = _RESTART.findall(data, at)
    return (found[-1][0] + 1) % 8 if found else 0
