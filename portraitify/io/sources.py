"""The bytes of a photo, read within bounds of size and time, and only from what begins like a picture."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import struct
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

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
# How long somebody may take to open a pipe for writing, and how long one who did may write nothing.
WRITER_TIMEOUT_S, SILENCE_TIMEOUT_S = 10.0, 60.0
_PAUSE_S = 0.02
# Names of descriptors that whoever began this process opened, as for `<(command)` in a shell: their
# writers are there already, or gone.
_HANDED_OVER = ("/dev/fd/", "/proc/", "/dev/stdin")
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
        with open_source(source) as stream:
            return read_source(stream, name, limit)
    start = b""
    while len(start) < START_BYTES and (part := _part(source, START_BYTES - len(start))):
        start += part
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
    while chunk := _part(source, _CHUNK_BYTES):
        chunks.append(chunk)
        count += len(chunk)
        if count > limit:
            raise _too_large(name, limit)
    return b"".join(chunks)


def _part(stream: BinaryIO, size: int) -> bytes:
    """Up to so many bytes of a stream; none at its end only, also where it does not block and has none for now."""
    while True:
        part: bytes | None = stream.read(size)
        if part is not None:
            return part
        select.select([stream.fileno()], [], [])


def open_source(path: Path) -> BinaryIO:
    """Open a file, a device or a pipe for reading, and wait for none of them for ever.

    A pipe that nobody writes to counts as one that will be written to for
    ``WRITER_TIMEOUT_S``; then, or where its writer is silent for
    ``SILENCE_TIMEOUT_S``, reading from it raises :class:`ImageError`.

    Raises:
        ImageError: it is a socket.
        OSError: it is missing, closed to us, or a folder.
    """
    if not hasattr(os, "O_NONBLOCK"):
        return open(path, "rb")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.EOPNOTSUPP):
            raise ImageError(f"{path}: a socket or a device from which nothing can be read.") from error
        raise
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        os.close(descriptor)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    waits = stat.S_ISFIFO(mode) and not str(path).startswith(_HANDED_OVER)
    return io.BufferedReader(_Patient(descriptor, waits))


class _Patient(io.FileIO):
    """A descriptor that does not block, read as if it did, but not for ever.

    Args:
        descriptor: closed with it.
        waits: whether its end counts as a beginning until something has come.
    """

    def __init__(self, descriptor: int, waits: bool):
        super().__init__(descriptor, "r")
        self._waits = waits

    def readinto(self, buffer: Any) -> int:
        """Read what is there, or wait.

        Raises:
            ImageError: nothing comes.
        """
        begun_s = time.monotonic()
        while True:
            count = super().readinto(buffer)
            if count or (count == 0 and not self._waits):
                self._waits = False
                return count
            limit_s = WRITER_TIMEOUT_S if count == 0 else SILENCE_TIMEOUT_S
            if time.monotonic() - begun_s > limit_s:
                raise ImageError(f"nothing came for {limit_s:g} s. Is something writing to it?")
            if count is None:
                select.select([self.fileno()], [], [], 1.0)
            else:
                # Where all writers have left the system says at once that it can be read.
                time.sleep(_PAUSE_S)


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
