"""Reading pictures: the only place that knows what cameras, phones and scanners make.

Writing them is in ``portraitify.io.encoding``.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import struct
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from portraitify.errors import ImageError
from portraitify.io.colour import to_srgb
from portraitify.io.depth import prepare, to_eight_bits
from portraitify.io.in_memory import (
    Picture,
    Readable,
    from_array,
    from_pil,
    is_binary,
    pixel_digest,
    read_stream,
    stream_name,
    wrong_type,
)
from portraitify.io.incomplete import Remainder, remainder
from portraitify.io.signals import signalled_encoding
from portraitify.io.sources import DAMAGE, START_BYTES, check_size, openers, read_source

MAX_PIXELS = 250_000_000
# Faces are searched and cut at no more than this: a 108-megapixel photo is read at half its sides.
WORKING_PIXELS = 32_000_000
_EXIF_IFD, _DATE_TAKEN, _DATE_CHANGED, _ORIENTATION = 0x8769, 0x9003, 0x0132, 0x0112
# Where the lowest row that is stored is seen, and where the highest, by the orientation.
_SIDES = {
    1: ("bottom", "top"),
    2: ("bottom", "top"),
    3: ("top", "bottom"),
    4: ("top", "bottom"),
    5: ("right", "left"),
    6: ("left", "right"),
    7: ("left", "right"),
    8: ("right", "left"),
}
_TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


@dataclass(frozen=True)
class SourceImage:
    """A picture as people see it.

    Attributes:
        pixels: ``(H, W, 3)`` uint8 sRGB, turned upright as its EXIF data says.
        name: what to call it in messages.
        digest: first half of the file's SHA-256 in hexadecimal; that of shape and pixels for a PIL image or
            an array. Paintings say by it which photo they belong to. Empty if it does not matter.
        taken: when the photo was taken, as EXIF writes it, or empty.
        warnings: what people should know about how it was read.
    """

    pixels: np.ndarray
    name: str
    digest: str = ""
    taken: str = ""
    warnings: tuple[str, ...] = field(default=())


def read_image(source: Picture | SourceImage, name: str = "", max_pixels: int = MAX_PIXELS) -> SourceImage:
    """Read a picture from a file, from bytes, or from pixels; what a file's name ends in does not matter.

    The first frame of an animation counts, transparent becomes white, colours
    are converted to sRGB, more than eight bits a channel become eight, and
    what is larger than ``WORKING_PIXELS`` is read at a half, a quarter or an
    eighth of its sides. Of a file that ends too early, as after an interrupted
    download, the rows that are there are read if at most a tenth of the picture
    is missing, with a warning. Nothing that belongs to the whole process is
    touched, so that threads may read at the same time; what Pillow warns of
    goes through Python's own filters.

    >>> import numpy as np
    >>> read_image(np.zeros((40, 30), np.uint8)).pixels.shape
    (40, 30, 3)

    Args:
        source: a path; the encoded picture as bytes or as a binary file object, positioned at its start; a PIL
            image, whose EXIF orientation and colour profile count as they do in a file; or a uint8 array:
            ``(H, W, 3)`` RGB (not BGR), ``(H, W)`` or ``(H, W, 1)`` grey, ``(H, W, 4)`` RGBA. None of them is
            changed. What was read already is given back.
        name: what to call it in messages; a path by default.
        max_pixels: larger pictures are refused before they are decoded.

    Raises:
        ImageError: it is missing, empty, not a picture, damaged or too large, or an array of another kind.
        TypeError: it is none of these.
    """
    if isinstance(source, (Image.Image, np.ndarray, SourceImage)):
        return _from_pixels(source, name, max_pixels)
    if isinstance(source, (str, os.PathLike)):
        source = Path(os.fsdecode(source))
        name = name or str(source)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        name = name or "bytes"
    elif is_binary(source):
        name = name or stream_name(source)
    else:
        raise wrong_type(source)
    with translated(name):
        data = _encoded(source, name)
        try:
            return _decoded(data, Remainder(data), name, max_pixels)
        except UnidentifiedImageError:
            raise
        except (*DAMAGE, OSError, Warning):
            left = _left_of(data, name, max_pixels)
            if left is None:
                raise
            return _decoded(data, left, name, max_pixels)


def _encoded(source: Path | bytes | bytearray | memoryview | Readable, name: str) -> bytes:
    """A picture as it is stored."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    return read_source(source, name) if isinstance(source, Path) else read_stream(source, name)


def _from_pixels(source: Image.Image | np.ndarray | SourceImage, name: str, max_pixels: int) -> SourceImage:
    """Make of pixels what a file with the same pixels would give."""
    if isinstance(source, SourceImage):
        if np.asarray(source.pixels).shape[2:] != (3,):
            raise ImageError(f"{source.name}: its pixels must be of shape (H, W, 3).")
        from_array(source.pixels, source.name)
        return source
    name = name or ("NumPy array" if isinstance(source, np.ndarray) else "PIL image")
    with translated(name):
        given = from_array(source, name) if isinstance(source, np.ndarray) else source
        _check_count(given, name, max_pixels)
        notes: list[str] = []
        image = from_pil(given)
        _orient(image, given)
        small = _reduced(to_eight_bits(image, lambda: nullcontext(image), notes), image)
        ImageOps.exif_transpose(small, in_place=True)
        pixels = np.asarray(to_srgb(small, None, notes))
        return SourceImage(pixels, name, pixel_digest(pixels), _taken(given), tuple(notes))


def _decoded(data: bytes, left: Remainder, name: str, max_pixels: int) -> SourceImage:
    """Decode a file, or what is left of it."""

    def reopened() -> AbstractContextManager[ImageFile.ImageFile]:
        return opened(io.BytesIO(left.data), name, max_pixels)

    with reopened() as image:
        notes = _frame_notes(image)
        _bound(image)
        prepare(image)
        image.load()
        taken = _taken(image)
        encoding = signalled_encoding(image, left.data, notes)
        small = _reduced(to_eight_bits(image, reopened, notes), image)
        if left.data is not data:
            notes.append(_missing_note(left, _orientation(image)))
            small = _whole_part(small, image, left)
        ImageOps.exif_transpose(small, in_place=True)
        pixels = np.asarray(to_srgb(small, encoding, notes))
    return SourceImage(pixels, name, short_digest(data), taken, tuple(notes))


def _left_of(data: bytes, name: str, max_pixels: int) -> Remainder | None:
    """What is left of a file that cannot be decoded; nothing if too much is missing."""

    def stored_pixels(mended: bytes) -> np.ndarray:
        with opened(io.BytesIO(mended), name, max_pixels) as image:
            _bound(image)
            prepare(image)
            return np.asarray(image)

    return remainder(data, stored_pixels)


def _missing_note(left: Remainder, orientation: int) -> str:
    """What people should know about a file that ends too early."""
    if left.lacks_detail:
        return "the file ends too early; part of the photo lacks its finest detail"
    if not left.missing:
        return "the file ends too early, but the whole photo is there"
    side = _SIDES[orientation][left.first > 0]
    share = f"{left.missing:.0%}" if left.missing >= 0.01 else "less than 1%"
    return f"the file ends too early; {share} of the photo, at its {side}, was left out"


def _whole_part(image: Image.Image, source: Image.Image, left: Remainder) -> Image.Image:
    """Cut off the rows that are not whole."""
    top, bottom = math.ceil(left.first * image.height), math.floor(left.last * image.height)
    part = image.crop((0, top, image.width, bottom))
    _orient(part, source)
    return part


def check_image(path: Path, max_pixels: int = MAX_PIXELS) -> None:
    """Read only a picture's header, to tell of a wrong file early.

    Raises:
        ImageError: it is missing, empty, not a picture, or too large.
    """
    with translated(str(path)), open(path, "rb") as stream:
        check_size(stream, str(path))
        try:
            with opened(stream, str(path), max_pixels):
                pass
        except UnidentifiedImageError:
            raise
        except (*DAMAGE, OSError, Warning):
            # The plug-in for WebP reads all of a file, and refuses one whose end is missing.
            stream.seek(0)
            if _left_of(stream.read(), str(path), max_pixels) is None:
                raise


def looks_like_picture(path: Path) -> bool:
    """Whether a file begins as a picture does; for files without a suffix."""
    try:
        check_image(path)
    except ImageError:
        return False
    return True


def short_digest(data: bytes) -> str:
    """First half of the SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()[:32]


@contextmanager
def opened(stream: BinaryIO, name: str, max_pixels: int = MAX_PIXELS) -> Iterator[ImageFile.ImageFile]:
    """Open a picture without decoding it.

    Args:
        stream: positioned at its start.
        name: what to call it in messages.
        max_pixels: larger pictures are refused.

    Raises:
        ImageError: it is empty or too large. What Pillow raises is for :func:`translated` to turn.
    """
    start = stream.read(START_BYTES)
    if not start:
        raise ImageError(f"{name}: the file is empty.")
    with _identified(stream, start) as image:
        _check_count(image, name, max_pixels)
        yield image


def _check_count(image: Image.Image, name: str, max_pixels: int) -> None:
    if image.width * image.height > max_pixels:
        raise ImageError(
            f"{name}: {image.width} x {image.height} pixels are more than the limit of "
            f"{max_pixels / 1e6:g} megapixels. Raise it with --max-pixels if you trust the file."
        )


def _identified(stream: BinaryIO, start: bytes) -> ImageFile.ImageFile:
    for opener in openers(start):
        stream.seek(0)
        try:
            return opener(stream, "")
        except (SyntaxError, IndexError, TypeError, struct.error):
            # How a plug-in says that the file is none of its own.
            continue
    if start.startswith(_TIFF_MARKS):
        raise ImageError("a TIFF file of a kind that cannot be read, or damaged. Save it with 8 or 16 bits a channel.")
    raise UnidentifiedImageError


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what Pillow and the system raise into errors that name the picture."""
    try:
        yield
    except ImageError as error:
        raise error if str(error).startswith(name) else ImageError(f"{name}: {error}") from error
    except FileNotFoundError as error:
        raise ImageError(f"{name}: no such file.") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{name}: not a picture in a format that can be read.") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: the picture claims to be too large ({error}).") from error
    except MemoryError as error:
        raise ImageError(f"{name}: not enough memory to read it.") from error
    except OSError as error:
        if error.errno is not None:
            raise ImageError(f"{name}: cannot be read ({error.strerror}).") from error
        raise ImageError(f"{name}: the picture is damaged or incomplete ({error}).") from error
    except (*DAMAGE, Warning) as error:
        # Where warnings are errors, Pillow's are raised too.
        raise ImageError(f"{name}: the picture is damaged or incomplete ({error}).") from error


def _frame_notes(image: ImageFile.ImageFile) -> list[str]:
    """A warning if there is more in the file than what will be painted."""
    if image.format == "MPO":
        return []
    try:
        # Not always the first: a HEIC file may say which of its pictures is the main one.
        shown = image.tell()
        frames = getattr(image, "n_frames", 1)
        image.seek(shown)
    except (*DAMAGE, OSError):
        return []
    if frames < 2:
        return []
    kind = "pages" if image.format == "TIFF" else "pictures" if image.format in ("HEIF", "AVIF") else "frames"
    which = "first" if shown == 0 else "main"
    return [f"the file holds {frames} {kind}; the {which} one was painted"]


def _bound(image: ImageFile.ImageFile) -> None:
    """Let a JPEG decoder leave out what will not be needed, before it decodes."""
    factor = _factor(image.width * image.height)
    if factor > 1:
        image.draft(None, (-(-image.width // factor), -(-image.height // factor)))


def _reduced(image: Image.Image, source: Image.Image) -> Image.Image:
    """Shrink before colours are converted: every later step makes a copy.

    Args:
        image: of eight bits a channel.
        source: what it was made of, or itself; has its profile and orientation.
    """
    factor = _factor(image.width * image.height)
    if factor == 1 and image is source:
        return image
    if image.mode in ("1", "P", "PA") and factor > 1:
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in source.info else "RGB")
    small = image.reduce(factor)
    # Palette and transparency were resolved; profile and orientation still count.
    small.info = {key: source.info[key] for key in ("icc_profile",) if key in source.info}
    _orient(small, source)
    return small


def _orientation(image: Image.Image) -> int:
    """As the EXIF data says, 1 to 8; 1 where it says nothing that has a meaning."""
    value = image.getexif().get(_ORIENTATION)
    return value if isinstance(value, int) and value in _SIDES else 1


def _orient(image: Image.Image, source: Image.Image) -> None:
    """Give a picture the orientation of what it was made of."""
    exif = Image.Exif()
    exif[_ORIENTATION] = _orientation(source)
    image.info["exif"] = exif.tobytes()


def _factor(pixels: int) -> int:
    """By how much to shrink each side: 1, 2, 4 or 8."""
    factor = 1
    while factor < 8 and pixels > WORKING_PIXELS * factor**2:
        factor *= 2
    return factor


def _taken(image: Image.Image) -> str:
    """When the photo was taken as ``YYYY:MM:DD HH:MM:SS``, or empty; nothing else is kept of EXIF data."""
    try:
        exif = image.getexif()
        value = exif.get_ifd(_EXIF_IFD).get(_DATE_TAKEN) or exif.get(_DATE_CHANGED)
    except (*DAMAGE, OSError):
        return ""
    text = value.strip("\0 ") if isinstance(value, str) else ""
    return text if len(text) == 19 and text[4] == text[7] == ":" and text.isascii() else ""
