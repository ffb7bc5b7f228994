"""The bytes of a photo, read within bounds, and only from what begins like a picture."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile

from portraitify.errors import ImageError

# 150 megapixels of three 16-bit channels, as the largest cameras write them, are 0.9 GB.
MAX_BYTES = 1 << 30
# Pillow knows its formats by as many.
START_BYTES = 16
_CHUNK_BYTES = 1 << 20
# What damaged files make decoders raise besides OSError; all of it seen in the fuzz test.
DAMAGE = (
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    ZeroDivisionError,
    RuntimeError,
    struct.error,
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")

Opener = Callable[[BinaryIO, str], ImageFile.ImageFile]


def read_source(source: Path | BinaryIO, name: str, limit: int = MAX_BYTES) -> bytes:
    """Read a whole photo; a device, a pipe or a file that holds something else is left after its first bytes.

    Args:
        source: a path, or a stream positioned at the photo's start.
        name: what to call it in messages.
        limit: of bytes.

    Raises:
        ImageError: it is empty, does not begin like a picture, or does not end within the limit.
        OSError: the system cannot read it.
    """
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return read_source(stream, name, limit)
    start = source.read(START_BYTES)
    if not start:
        raise ImageError(f"{name}: the file is empty.")
    if not begins_like_picture(start):
        raise ImageError(f"{name}: not a picture in a format that can be read.")
    check_size(source, name, limit)
    size = _size(source)
    if size:
        source.seek(-len(start), os.SEEK_CUR)
        return source.read(size)
    chunks, count = [start], len(start)
    while chunk := source.read(_CHUNK_BYTES):
        chunks.append(chunk)
        count += len(chunk)
        if count > limit:
            raise _too_large(name, limit)
    return b"".join(chunks)


def check_size(stream: BinaryIO, name: str, limit: int = MAX_BYTES) -> None:
    """Refuse a file that is longer than any photo.

    Raises:
        ImageError: it is.
    """
    if _size(stream) > limit:
        raise _too_large(name, limit)


def _too_large(name: str, limit: int) -> ImageError:
    return ImageError(f"{name}: longer than {limit >> 20} MiB, the most that is read. Save the photo smaller.")


def _size(stream: BinaryIO) -> int:
    """Bytes of a regular file; 0 for anything else."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError, AttributeError):
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def begins_like_picture(start: bytes) -> bool:
    """Whether the first ``START_BYTES`` are those of a format that can be read."""
    return next(openers(start), None) is not None


def openers(start: bytes) -> Iterator[Opener]:
    """Pillow's plug-ins that recognise the first bytes of a file, the likeliest first.

    ``Image.open`` would look for them too, but checks a limit of pixels that
    is one for the whole process, and warns.

    Args:
        start: the first ``START_BYTES`` of the file.

    Raises:
        ImageError: the plug-in for HEIC is not installed.
    """
    if start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS:
        _register_heif()
    seen: set[str] = set()
    # The second imports some forty rarely used plug-ins.
    for load in (Image.preinit, Image.init):
        load()
        for kind in [kind for kind in Image.ID if kind not in seen]:
            seen.add(kind)
            factory, accepts = Image.OPEN[kind]
            if accepts is not None and _accepted(accepts, start):
                yield factory


def _accepted(accepts: Callable[[bytes], bool | str], start: bytes) -> bool:
    try:
        answer = accepts(start)
    except (SyntaxError, IndexError, TypeError, struct.error):
        return False
    # A text says why the format cannot be read here.
    return bool(answer) and not isinstance(answer, str)


@cache
def _register_heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise ImageError("HEIC pictures need the package pillow-heif. Install it with pip.") from None
    pillow_heif.register_heif_opener()
