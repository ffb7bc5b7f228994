"""Reading and writing pictures: the only place that knows about file formats."""

from __future__ import annotations

import io
import os
import struct
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from portraitify.errors import ImageError

MAX_PIXELS = 250_000_000
# Pillow refuses at twice its own limit; set so that ours is the one that counts.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True)
class SourceImage:
    """A picture as people see it.

    Attributes:
        pixels: ``(H, W, 3)`` uint8 sRGB, turned upright as its EXIF data says.
        name: what to call it in messages.
    """

    pixels: np.ndarray
    name: str


def read_image(source: Path | bytes, name: str = "") -> SourceImage:
    """Read a picture from a file or from bytes.

    Args:
        source: a path, or the encoded picture itself.
        name: what to call it in messages; a path by default.

    Raises:
        ImageError: it is missing, empty, not a picture, damaged or too large.
    """
    name = name or (str(source) if isinstance(source, Path) else "standard input")
    with _translated(name), warnings.catch_warnings():
        # Pillow warns of large pictures below its own limit; ours is checked here.
        warnings.simplefilter("ignore")
        data = source if isinstance(source, bytes) else source.read_bytes()
        if not data:
            raise ImageError(f"{name}: the file is empty.")
        with Image.open(io.BytesIO(data)) as image:
            _check_size(image, name)
            image.load()
            return SourceImage(np.asarray(_on_white(ImageOps.exif_transpose(image))), name)


def check_image(path: Path) -> None:
    """Read only a picture's header, to tell of a wrong file early.

    Raises:
        ImageError: it is missing, empty or not a picture.
    """
    with _translated(str(path)), open(path, "rb") as stream:
        if not stream.read(1):
            raise ImageError(f"{path}: the file is empty.")
        stream.seek(0)
        with Image.open(stream) as image:
            _check_size(image, str(path))


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn what Pillow and the system raise into errors that name the picture."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImageError(f"{name}: no such file.") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{name}: not a picture in a format that can be read.") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: the picture claims to be too large ({error}).") from error
    except OSError as error:
        if error.errno is not None:
            raise ImageError(f"{name}: cannot be read ({error.strerror}).") from error
        raise ImageError(f"{name}: the picture is damaged or incomplete ({error}).") from error
    except (ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error) as error:
        raise ImageError(f"{name}: the picture is damaged or incomplete ({error}).") from error


def _check_size(image: Image.Image, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"{name}: {image.width} x {image.height} pixels are more than the limit of "
            f"{MAX_PIXELS // 1_000_000} megapixels."
        )


def _on_white(image: Image.Image) -> Image.Image:
    """RGB of any mode; what is transparent becomes white."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I", "F"):
        values = np.asarray(image, np.float32)
        full = 65535.0 if values.max() > 255 else 255.0
        return Image.fromarray((np.clip(values / full, 0, 1) * 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(paper, rgba).convert("RGB")
    return image.convert("RGB")


def encode_png(pixels: np.ndarray, text: dict[str, str] | None = None) -> bytes:
    """Encode ``(H, W, 3)`` uint8 RGB as PNG, with optional text entries.

    The same pixels and text give the same bytes.
    """
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for key, value in (text or {}).items():
        info.add_itxt(key, value)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", pnginfo=info, compress_level=6)
    return stream.getvalue()


def write_atomically(path: Path, data: bytes) -> None:
    """Write bytes so that the file is either complete or not there.

    Raises:
        ImageError: the folder is missing, not writable or full.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}.", suffix=".part")
    except OSError as error:
        raise ImageError(f"{path}: cannot be written ({error.strerror}).") from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise ImageError(f"{path}: cannot be written ({error.strerror}).") from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
