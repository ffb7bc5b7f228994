"""Reading pictures: the only place that knows what cameras, phones and scanners make.

Writing them is in ``portraitify.io.encoding``.
"""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from portraitify.errors import ImageError

MAX_PIXELS = 250_000_000
# Faces are searched and cut at no more than this: a 108-megapixel photo is read at half its sides.
WORKING_PIXELS = 32_000_000
_EXIF_IFD, _DATE_TAKEN, _DATE_CHANGED = 0x8769, 0x9003, 0x0132
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
# What damaged files make decoders raise besides OSError; all of it seen in the fuzz test.
_DAMAGE = (
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


@dataclass(frozen=True)
class SourceImage:
    """A picture as people see it.

    Attributes:
        pixels: ``(H, W, 3)`` uint8 sRGB, turned upright as its EXIF data says.
        name: what to call it in messages.
        digest: first half of the file's SHA-256 in hexadecimal; empty for pixels without a file.
        taken: when the photo was taken, as EXIF writes it, or empty.
        warnings: what people should know about how it was read.
    """

    pixels: np.ndarray
    name: str
    digest: str = ""
    taken: str = ""
    warnings: tuple[str, ...] = field(default=())


def read_image(source: Path | bytes, name: str = "", max_pixels: int = MAX_PIXELS) -> SourceImage:
    """Read a picture from a file or from bytes; what its name ends in does not matter.

    The first frame of an animation counts, transparent becomes white, colour
    profiles are converted to sRGB, and what is larger than ``WORKING_PIXELS``
    is read at a half, a quarter or an eighth of its sides.

    Args:
        source: a path, or the encoded picture itself.
        name: what to call it in messages; a path by default.
        max_pixels: larger pictures are refused before they are decoded.

    Raises:
        ImageError: it is missing, empty, not a picture, damaged or too large.
    """
    name = name or (str(source) if isinstance(source, Path) else "standard input")
    with translated(name):
        data = source if isinstance(source, bytes) else source.read_bytes()
        with opened(io.BytesIO(data), name, max_pixels) as image:
            notes = _frame_notes(image)
            _bound(image)
            image.load()
            taken = _taken(image)
            small = _reduced(image)
            ImageOps.exif_transpose(small, in_place=True)
            pixels = np.asarray(_to_srgb(small, notes))
        return SourceImage(pixels, name, short_digest(data), taken, tuple(notes))


def check_image(path: Path, max_pixels: int = MAX_PIXELS) -> None:
    """Read only a picture's header, to tell of a wrong file early.

    Raises:
        ImageError: it is missing, empty, not a picture, or too large.
    """
    with translated(str(path)), open(path, "rb") as stream, opened(stream, str(path), max_pixels):
        pass


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


_opening = threading.Lock()


@contextmanager
def opened(stream: BinaryIO, name: str, max_pixels: int = MAX_PIXELS) -> Iterator[ImageFile.ImageFile]:
    """Open a picture without decoding it; inside, nothing that Pillow warns of is heard.

    Args:
        stream: positioned at its start.
        name: what to call it in messages.
        max_pixels: larger pictures are refused.

    Raises:
        ImageError: it is empty or too large. What Pillow raises is for :func:`translated` to turn.
    """
    start = stream.read(16)
    stream.seek(0)
    if not start:
        raise ImageError(f"{name}: the file is empty.")
    if start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS:
        _register_heif()
    with warnings.catch_warnings():
        # What Pillow warns of is either harmless or becomes an error of ours.
        warnings.simplefilter("ignore")
        with _opening:
            # Pillow's limit is one for the whole process; ours comes with the call and is checked below.
            limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
            try:
                image = Image.open(stream)
            finally:
                Image.MAX_IMAGE_PIXELS = limit
        with image:
            if image.width * image.height > max_pixels:
                raise ImageError(
                    f"{name}: {image.width} x {image.height} pixels are more than the limit of "
                    f"{max_pixels / 1e6:g} megapixels. Raise it with --max-pixels if you trust the file."
                )
            yield image


@cache
def _register_heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise ImageError("HEIC pictures need the package pillow-heif. Install it with pip.") from None
    pillow_heif.register_heif_opener()


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
    except _DAMAGE as error:
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
    except (*_DAMAGE, OSError):
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


def _reduced(image: Image.Image) -> Image.Image:
    """Shrink before anything else: every later step makes a copy."""
    factor = _factor(image.width * image.height)
    if factor == 1:
        return image
    info, exif = image.info, image.getexif()
    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in info else "RGB")
    elif image.mode in _SIXTEEN_BIT:
        image = _eight_bit(image)
    small = image.reduce(factor)
    # Palette and transparency were resolved; profile and orientation still count.
    small.info = {key: info[key] for key in ("icc_profile",) if key in info}
    small.info["exif"] = exif.tobytes()
    return small


def _factor(pixels: int) -> int:
    """By how much to shrink each side: 1, 2, 4 or 8."""
    factor = 1
    while factor < 8 and pixels > WORKING_PIXELS * factor**2:
        factor *= 2
    return factor


def _taken(image: ImageFile.ImageFile) -> str:
    """When the photo was taken as ``YYYY:MM:DD HH:MM:SS``, or empty; nothing else is kept of EXIF data."""
    try:
        exif = image.getexif()
        value = exif.get_ifd(_EXIF_IFD).get(_DATE_TAKEN) or exif.get(_DATE_CHANGED)
    except (*_DAMAGE, OSError):
        return ""
    text = value.strip("\0 ") if isinstance(value, str) else ""
    return text if len(text) == 19 and text[4] == text[7] == ":" and text.isascii() else ""


def _to_srgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """RGB of any mode, in sRGB; what is transparent becomes white."""
    profile = image.info.get("icc_profile")
    if image.mode in _SIXTEEN_BIT:
        return _eight_bit(image).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        image = Image.alpha_composite(paper, rgba).convert("RGB")
    elif image.mode not in ("RGB", "CMYK", "L", "LAB"):
        image = image.convert("RGB")
    if profile:
        converted = _from_profile(image, profile)
        if converted is not None:
            return converted
        notes.append("its colour profile cannot be used; colours may be a little off")
    return image.convert("RGB")


def _from_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Convert to sRGB, or nothing where the profile is damaged or of another colour space."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}.get(space) != image.mode:
            return image.convert("RGB") if space == "GRAY" and image.mode == "RGB" else None
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, *_DAMAGE, OSError):
        return None


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits, or of floating point, to 8 bits."""
    values = np.nan_to_num(np.asarray(image, np.float32), posinf=0.0, neginf=0.0)
    highest = float(values.max(initial=0.0))
    # Floating point runs to 1, and where lights are brighter than white a little above.
    full = 1.0 if image.mode == "F" and highest <= 4.0 else 255.0 if highest <= 255 else 65535.0
    return Image.fromarray((np.clip(values / full, 0, 1) * 255 + 0.5).astype(np.uint8))
