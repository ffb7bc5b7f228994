"""Whether a picture's file has its end, told from how the file is built and without decoding it."""

from __future__ import annotations

import struct

from portraitify.io.jpeg import has_end
from portraitify.io.sources import START_BYTES, begins_like_picture

_RESERVED = bytes(16)


def is_whole(data: bytes) -> bool | None:
    """Whether the end of a picture is there; nothing where its format does not tell.

    A file that grows, or whose place on the disk was reserved before it was
    written, is not whole. What is no picture is whole: no end will make it one.

    Source: ITU-T T.81 annex B; PNG specification, 5; WebP container specification; ISO/IEC 14496-12, 4.2; GIF89a, 27.

    Args:
        data: all that is there of the file.
    """
    if len(data) < START_BYTES or not data[:START_BYTES].strip(b"\0"):
        return False
    try:
        whole = _has_end(data)
    except (struct.error, IndexError):
        return False
    # Of what was reserved and never written sizes in a header know nothing.
    return None if whole and data.endswith(_RESERVED) and not data.startswith(b"\xff\xd8") else whole


def _has_end(data: bytes) -> bool | None:
    if data.startswith(b"\xff\xd8"):
        return has_end(data)
    if data.startswith(b"\x89PNG"):
        return _png_has_end(data)
    if data.startswith(b"RIFF"):
        (size,) = struct.unpack_from("<I", data, 4)
        return bool(len(data) >= 8 + size)
    if data[4:8] == b"ftyp":
        return _boxes_end(data)
    if data.startswith(b"GIF8"):
        return data.rstrip(b"\0").endswith(b";")
    return None if begins_like_picture(data[:START_BYTES]) else True


def _png_has_end(data: bytes) -> bool:
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        at += 12 + length
        if kind == b"IEND":
            return bool(at <= len(data))
        if not kind.isalpha():
            return False
    return False


def _boxes_end(data: bytes) -> bool | None:
    """Whether the last box of a HEIC or AVIF file ends where the file does."""
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
        elif size == 0:
            # It reaches to the end of the file, wherever that will be.
            return None
        if size < 8:
            return False
        at += size
    return at == len(data)
