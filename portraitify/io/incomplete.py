"""Files that end too early, as after an interrupted download: how much of the picture is there.

The end is filled in twice, each time with something else, and both are
decoded: where they differ, the picture is missing. That holds for every
decoder and touches none of its settings.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from portraitify.io.jpeg import cut_jpeg
from portraitify.io.sources import DAMAGE

MOST_MISSING = 0.1
# What is missing begins inside of a row of blocks, and the whole row goes.
_MOST_CUT = 0.2
_JPEG_BLOCK_PX, _VP8_BLOCK_PX, _HEVC_BLOCK_PX = 16, 16, 64
_JPEG_END = b"\xff\xd9"
# No code is all ones: decoders end the block that they are in, and nothing is made up there.
_ONES = b"\xff\0" * 12
_SPARE_BYTES, _RESTART_BYTES = 4096, 1024
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_RAW_FORMATS = (b"BM", b"P5", b"P6", b"II*\0", b"MM\0*")

Load = Callable[[bytes], np.ndarray]


@dataclass(frozen=True)
class Remainder:
    """What is left of a picture whose file ends too early.

    Attributes:
        data: the file with an end that lets it be decoded.
        first: where the rows that are whole begin, as a share of the height as it is stored.
        last: where they end.
        lacks_detail: whether some rows are less fine than they were meant to be.
    """

    data: bytes
    first: float = 0.0
    last: float = 1.0
    lacks_detail: bool = False

    @property
    def missing(self) -> float:
        """Share of the rows that are not whole."""
        return 1 - (self.last - self.first)


@dataclass(frozen=True)
class _Mended:
    """A file with several ends; ``block_px`` is how high a row of blocks is."""

    variants: Sequence[bytes]
    block_px: int = 1


def remainder(data: bytes, load: Load) -> Remainder | None:
    """What is left of a picture, or nothing where more than ``MOST_MISSING`` of it is missing.

    Args:
        data: the file, which cannot be decoded as it is.
        load: decodes a file into an array whose first axis is that of the rows; raises what Pillow raises.
    """
    if data.startswith(b"\xff\xd8"):
        return _of_jpeg(data, load)
    mended: _Mended | None = None
    if data.startswith(b"\x89PNG"):
        mended = _mended_png(data)
    elif data[8:12] == b"WEBP":
        mended = _mended_webp(data)
    elif data[4:8] == b"ftyp":
        mended = _mended_boxes(data)
    elif data.startswith(_RAW_FORMATS):
        # Compressed TIFF files are refused at the first of them.
        mended = _Mended(_padded(data, len(data) // 8 + 64)[::2])
    return None if mended is None else _compared(mended, load)


def _of_jpeg(data: bytes, load: Load) -> Remainder | None:
    cut = cut_jpeg(data)
    if cut is None:
        return None
    if not cut.coded:
        return Remainder(cut.data + _JPEG_END, lacks_detail=not cut.whole)
    noise = _noise(len(data) // 4 + _SPARE_BYTES)
    if cut.restart is not None:
        noise = _with_restarts(noise, cut.restart)
    mended = _Mended([cut.data + end + _JPEG_END for end in (_ONES, noise)], _JPEG_BLOCK_PX)
    found = _compared(mended, load)
    if found is not None and not found.missing:
        return found
    return Remainder(mended.variants[0], lacks_detail=True) if cut.in_detail else found


def _with_restarts(noise: bytes, first: int) -> bytes:
    """Restart markers in between: without them decoders would pass over what follows a part that is whole."""
    parts = [noise[at : at + _RESTART_BYTES] for at in range(0, len(noise), _RESTART_BYTES)]
    marks = (bytes((0xFF, 0xD0 + (first + number) % 8)) for number in range(len(parts)))
    return b"".join(part + mark for part, mark in zip(parts, marks, strict=True))


def _compared(mended: _Mended, load: Load) -> Remainder | None:
    if len(mended.variants) == 1:
        return Remainder(mended.variants[0])
    decoded: list[tuple[bytes, np.ndarray]] = []
    for number, variant in enumerate(mended.variants):
        # Some decoders refuse some ends, but two are needed.
        if len(decoded) == 2 or len(decoded) + len(mended.variants) - number < 2:
            break
        with suppress(*DAMAGE, OSError, Warning):
            decoded.append((variant, load(variant)))
    if len(decoded) < 2:
        return None
    (file, first), (_, second) = decoded
    if first.shape != second.shape:
        return None
    differs = first != second
    differs = differs.reshape(*differs.shape[:2], -1).any(2)
    rows = differs.any(1)
    if not rows.any():
        return Remainder(file)
    # BMP files begin with the lowest row.
    upwards = bool(rows[0]) and not rows[-1]
    whole = _whole_rows(differs[::-1] if upwards else differs, mended.block_px)
    if whole is None:
        return None
    return Remainder(file, 1 - whole, 1.0) if upwards else Remainder(file, 0.0, whole)


def _whole_rows(differs: np.ndarray, block_px: int) -> float | None:
    """Share of the rows above the first pixel that differs; nothing if too many pixels are missing.

    Args:
        differs: ``(H, W)`` bool.
        block_px: how many rows are stored together.
    """
    height, width = differs.shape
    first = int(differs.any(1).argmax())
    column = int(differs[first : first + block_px].any(0).argmax())
    below = max(0, height - first - block_px)
    missing = below + (height - first - below) * (1 - column / width)
    # Colours of the last whole row may be mixed with those of the next.
    usable = missing <= MOST_MISSING * height + 1 and first >= (1 - _MOST_CUT) * height
    return first / height if usable else None


def _noise(count: int) -> bytes:
    """Bytes that look random, always the same, without 0xFF, which begins a marker in a JPEG file."""
    return random.Random(0).randbytes(count).replace(b"\xff", b"\xfe")


def _padded(data: bytes, count: int) -> list[bytes]:
    return [data + end for end in (bytes(count), _noise(count), b"\xff" * count, b"\x55" * count)]


def _mended_png(data: bytes) -> _Mended | None:
    """Complete the compressed rows; nothing if the file is interlaced, or damaged before its end."""
    head, stream, at, ended = data[:8], b"", 8, False
    while at + 8 <= len(data) and not ended:
        length, kind = struct.unpack_from(">I4s", data, at)
        ended = at + 12 + length > len(data)
        if kind == b"IDAT":
            stream += data[at + 8 : at + 8 + length]
        elif not stream:
            head += data[at : at + 12 + length]
        elif not ended:
            return None
        at += 12 + length
    width, height, depth, kind, *_, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    if not stream or interlaced or kind not in _PNG_CHANNELS:
        return None
    size = height * (1 + (width * depth * _PNG_CHANNELS[kind] + 7) // 8)
    try:
        rows = zlib.decompressobj().decompress(stream, size)
    except zlib.error:
        return None
    if size - len(rows) > size * _MOST_CUT:
        return None
    # Of zeros all rows are black; of ones each pixel is brighter by 1 than the one before.
    ends = [byte * (size - len(rows)) for byte in (b"\0", b"\1")]
    return _Mended([head + _chunk(b"IDAT", zlib.compress(rows + end, 1)) + _chunk(b"IEND", b"") for end in ends])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _mended_webp(data: bytes) -> _Mended | None:
    """Complete the picture's chunk, or leave out one that holds something else."""
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if end > len(data):
            if kind not in (b"VP8 ", b"VP8L"):
                break
            if end - len(data) > len(data) * _MOST_CUT:
                return None
            # Made up codes may be longer than those that are missing, and decoders refuse a picture that runs out.
            spare = end - len(data) + len(data) // 4 + _SPARE_BYTES
            variants = _padded(data, spare + (len(data) + spare) % 2)
            sized = [_with_size(variant, at + 4) for variant in variants]
            return _Mended([_with_size(variant, 4) for variant in sized], _VP8_BLOCK_PX)
        at = end
    return _Mended([_with_size(data[:at], 4)])


def _with_size(data: bytes, at: int) -> bytes:
    """A RIFF file whose chunk with its size at a place reaches to the end."""
    return data[:at] + struct.pack("<I", len(data) - at - 4) + data[at + 4 :]


def _mended_boxes(data: bytes) -> _Mended | None:
    """Complete the box of pictures of a HEIC or AVIF file, if it is the last one."""
    at = 0
    while at + 16 <= len(data):
        size, kind, large = struct.unpack_from(">I4sQ", data, at)
        end = at + (large if size == 1 else size)
        if end <= at:
            return None
        if end > len(data):
            missing = end - len(data)
            # Of a grid of tiles those that are not there at all look the same, whatever is filled in.
            if kind != b"mdat" or b"grid" in data[:at] or missing > len(data) * _MOST_CUT:
                return None
            return _Mended(_padded(data, missing), _HEVC_BLOCK_PX)
        at = end
    return None
