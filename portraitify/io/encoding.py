"""From pixels to the bytes of a picture file."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from portraitify.config import DEFAULT_QUALITY
from portraitify.errors import ConfigError

PNG = "png"
LOSSY = ("jpeg", "webp")
XMP_KEYWORD = "XML:com.adobe.xmp"
_XMP_TAG = 700
_EXIF_IFD, _DATE_TAKEN, _DATE_CHANGED = 0x8769, 0x9003, 0x0132


@dataclass(frozen=True)
class PictureFormat:
    """A format that paintings can be written in.

    Attributes:
        name: as given to ``--format``.
        suffixes: of its files, the usual one first.
        largest_px: side that it can hold.
    """

    name: str
    suffixes: tuple[str, ...]
    largest_px: int = 65500


FORMATS = {
    item.name: item
    for item in (
        PictureFormat(PNG, (".png",)),
        PictureFormat("jpeg", (".jpg", ".jpeg")),
        PictureFormat("webp", (".webp",), 16383),
        PictureFormat("tiff", (".tif", ".tiff")),
    )
}
OUTPUT_SUFFIXES = frozenset(suffix for item in FORMATS.values() for suffix in item.suffixes)


def format_of(path: Path) -> str:
    """Name of the format that a file name asks for.

    Raises:
        ConfigError: no such format can be written.
    """
    for name, item in FORMATS.items():
        if path.suffix.lower() in item.suffixes:
            return name
    known = ", ".join(sorted(OUTPUT_SUFFIXES))
    raise ConfigError(f"{path}: cannot be written in that format. End the name with {known}, or with / for a folder.")


@dataclass(frozen=True)
class Marks:
    """What is written into a file beside its pixels.

    Attributes:
        xmp: an XMP packet, or empty.
        text: keyword and text, for formats that have text entries.
        taken: when the photo was taken, ``YYYY:MM:DD HH:MM:SS``, or empty.
    """

    xmp: str = ""
    text: Mapping[str, str] | None = None
    taken: str = ""


def encode(pixels: np.ndarray, kind: str = PNG, quality: int = DEFAULT_QUALITY, marks: Marks | None = None) -> bytes:
    """Encode a picture with an sRGB profile; the same arguments give the same bytes.

    Args:
        pixels: ``(H, W, 3)`` uint8 sRGB.
        kind: a key of ``FORMATS``.
        quality: 1 to 100, of JPEG and WebP; 100 makes WebP lossless.
        marks: what else to write.

    Raises:
        ConfigError: the format cannot hold a picture so large.
    """
    if max(pixels.shape[:2]) > FORMATS[kind].largest_px:
        raise ConfigError(f"{kind} holds at most {FORMATS[kind].largest_px} pixels a side. Choose another --format.")
    marks = marks or Marks()
    options: dict[str, Any] = {"icc_profile": srgb_profile()}
    if marks.taken and kind != "tiff":
        options["exif"] = _dated(marks.taken)
    image, stream = Image.fromarray(pixels), io.BytesIO()
    options |= _OPTIONS[kind](quality, marks)
    image.save(stream, kind.upper(), **options)
    return stream.getvalue()


def _png_options(quality: int, marks: Marks) -> dict[str, Any]:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for key, value in (marks.text or {}).items():
        info.add_itxt(key, value)
    if marks.xmp:
        info.add_itxt(XMP_KEYWORD, marks.xmp)
    # Paint and grain repeat nowhere: looking for repetitions doubled the time and saved 2 % of the bytes.
    return {"pnginfo": info, "compress_type": zlib.Z_RLE}


def _jpeg_options(quality: int, marks: Marks) -> dict[str, Any]:
    # Full chroma resolution from 90 on: strokes of pure colour lose their edges otherwise.
    options: dict[str, Any] = {"quality": quality, "optimize": True, "progressive": True}
    options["subsampling"] = "4:4:4" if quality >= 90 else "4:2:0"
    return options | ({"xmp": marks.xmp.encode()} if marks.xmp else {})


def _webp_options(quality: int, marks: Marks) -> dict[str, Any]:
    options: dict[str, Any] = {"quality": quality, "lossless": quality == 100, "method": 4}
    return options | ({"xmp": marks.xmp.encode()} if marks.xmp else {})


def _tiff_options(quality: int, marks: Marks) -> dict[str, Any]:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    if marks.xmp:
        tags[_XMP_TAG] = marks.xmp.encode()
        tags.tagtype[_XMP_TAG] = 1
    if marks.taken:
        # libtiff, which compresses, cannot write an EXIF directory.
        tags[_DATE_CHANGED] = marks.taken
    for tag, key in ((305, "Software"), (270, "Description")):
        if marks.text and key in marks.text:
            tags[tag] = marks.text[key].encode("ascii", "replace").decode()
    return {"compression": "tiff_lzw", "tiffinfo": tags}


_OPTIONS = {PNG: _png_options, "jpeg": _jpeg_options, "webp": _webp_options, "tiff": _tiff_options}


def _dated(taken: str) -> bytes:
    """EXIF data that hold the date and nothing else."""
    exif = Image.Exif()
    exif.get_ifd(_EXIF_IFD)[_DATE_TAKEN] = taken
    return exif.tobytes()


@cache
def srgb_profile() -> bytes:
    """An sRGB profile whose bytes do not depend on when it was made."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Bytes 24 to 35 of the header hold the time of creation (ICC.1:2010, section 7.2.8).
    profile[24:36] = bytes([7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0])
    return bytes(profile)
