"""Pictures that a program holds: file objects, PIL images and NumPy arrays."""

from __future__ import annotations

import hashlib
import io
import os
from typing import BinaryIO, Protocol, TypeAlias, cast

import numpy as np
from PIL import Image

from portraitify.errors import ImageError
from portraitify.io.sources import read_source

_TAKEN = "a path, bytes, a binary file object, a PIL image, a NumPy array or a SourceImage"
_SHAPES = "(H, W, 3) for RGB, (H, W) or (H, W, 1) for grey, or (H, W, 4) for RGBA"
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


class Readable(Protocol):
    """A binary file object, of which only this is used."""

    def read(self, size: int, /) -> bytes | None:
        """At most so many bytes; none at the end."""
        ...


Picture: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | Image.Image | np.ndarray"


def wrong_type(source: object) -> TypeError:
    """The error for what is no picture."""
    hint = " Turn it into an array with numpy.asarray." if hasattr(source, "__array__") else ""
    return TypeError(f"A picture must be {_TAKEN}, not {type(source).__name__}.{hint}")


def is_binary(source: object) -> bool:
    """Whether something is a file object that gives bytes; one that gives text does not.

    Raises:
        ImageError: it is closed, or open for writing only.
    """
    read = getattr(source, "read", None)
    if not callable(read) or isinstance(source, io.TextIOBase):
        return False
    try:
        return isinstance(read(0), (bytes, type(None)))
    except (OSError, ValueError) as error:
        why = "not open for reading" if isinstance(error, io.UnsupportedOperation) else error
        raise ImageError(f"{stream_name(source)}: cannot be read ({why}).") from error


def stream_name(stream: object) -> str:
    """What to call a file object in messages."""
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) and name else "file object"


def read_stream(stream: Readable, name: str) -> bytes:
    """The rest of a file object, within the bounds of :func:`portraitify.io.sources.read_source`.

    Args:
        stream: positioned at the photo's start.
        name: what to call it in messages.

    Raises:
        ImageError: nothing is left, or it holds no picture.
        OSError: it cannot be read.
    """
    whole = _WholeReads(stream)
    try:
        return read_source(cast("BinaryIO", whole), name)
    except ImageError:
        if whole.count or not _position(stream):
            raise
    raise ImageError(f"{name}: nothing is left to read. Rewind it with seek(0).")


class _WholeReads:
    """Reads as much as is asked for, and no less before the end.

    It has no file number: that of a compressed stream tells how long the file
    is, not what it holds.

    Args:
        stream: what is read.
    """

    def __init__(self, stream: Readable):
        self._stream = stream
        self.count = 0

    def read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size > 0 and (part := self._stream.read(size)):
            parts.append(part)
            size -= len(part)
            self.count += len(part)
        return b"".join(parts)


def _position(stream: object) -> int:
    try:
        return int(stream.tell())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return 0


def from_array(array: np.ndarray, name: str) -> Image.Image:
    """A PIL image with the pixels of an array.

    Args:
        array: uint8, in one of the shapes for RGB, grey and RGBA; may be any view.
        name: what to call it in messages.

    Raises:
        ImageError: its values or its shape are none of a picture.
    """
    if array.dtype != np.uint8:
        raise ImageError(
            f"{name}: its values are {array.dtype}, and pixels must be uint8 from 0 to 255. Scale and convert them."
        )
    flat = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    if flat.ndim not in (2, 3) or (flat.ndim == 3 and flat.shape[2] not in _MODES) or not flat.size:
        raise ImageError(f"{name}: its shape is {array.shape}, and must be {_SHAPES}.")
    return Image.fromarray(np.ascontiguousarray(flat))


def from_pil(image: Image.Image) -> Image.Image:
    """A copy that may be changed, of a mode that is known here.

    Raises:
        ImageError: it has no pixels.
        OSError: it is not loaded yet, and its file cannot be decoded.
    """
    if not image.width or not image.height:
        raise ImageError(f"PIL image: {image.width} x {image.height} pixels are none. Give it a size.")
    copy = image.copy()
    # Pillow knows no way from this mode to one with colours.
    return copy.convert("LA") if copy.mode == "La" else copy


def pixel_digest(pixels: np.ndarray) -> str:
    """First half of the SHA-256 of shape and pixels in hexadecimal.

    Args:
        pixels: ``(H, W, 3)`` uint8.
    """
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()[:32]
