"""Small copies of paintings and photos, in a hidden folder beside a gallery.

They are files, not data inside the page: with 5,000 paintings those would be 100 MB that a browser has to read before
it shows anything, and could not load late. The folder is hidden so that no later batch takes copies for photos.
Without it the page shows the paintings themselves.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Set
from pathlib import Path

import numpy as np
from PIL import Image

from portraitify.io.files import make_folder, write_atomically
from portraitify.io.reading import opened, translated

FOLDER = ".gallery"
SIDE_PX, BEFORE_PX = 320, 512
_QUALITY = 80
_NAME = re.compile(r"[0-9a-f]{16}(\.photo)?\.jpg")


def thumbnail_name(mark: str) -> str:
    """File of a painting's small copy."""
    return f"{mark}.jpg"


def before_name(mark: str) -> str:
    """File of the small copy of a photo."""
    return f"{mark}.photo.jpg"


def write_thumbnail(painting: Path, folder: Path, mark: str) -> None:
    """Write a small copy of a painting, without its metadata, unless it is there.

    Args:
        painting: a picture.
        folder: of the small copies.
        mark: see :func:`portraitify.gallery.entry.mark_of`.

    Raises:
        ImageError: the painting cannot be read, or the copy not be written.
    """
    target = folder / thumbnail_name(mark)
    if target.exists():
        return
    with translated(str(painting)), open(painting, "rb") as stream, opened(stream, str(painting)) as image:
        # JPEG decodes at an eighth, a quarter or a half by itself.
        image.draft("RGB", (2 * SIDE_PX, 2 * SIDE_PX))
        small = image.convert("RGB")
    small.thumbnail((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=2.0)
    _write(small, target)


def write_before(pixels: np.ndarray, folder: Path, mark: str) -> None:
    """Write a small copy of a photo's part that a painting shows; nothing of the photo's metadata is in it.

    Args:
        pixels: ``(H, W, 3)`` uint8 sRGB.
        folder: of the small copies.
        mark: see :func:`portraitify.gallery.entry.mark_of`.

    Raises:
        ImageError: it cannot be written.
    """
    small = Image.fromarray(np.ascontiguousarray(pixels))
    small.thumbnail((BEFORE_PX, BEFORE_PX), Image.Resampling.LANCZOS)
    _write(small, folder / before_name(mark))


def remove_others(folder: Path, wanted: Set[str]) -> None:
    """Remove small copies that no page shows any more; other files stay."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if _NAME.fullmatch(name) and name not in wanted:
                os.unlink(folder / name)


def _write(image: Image.Image, target: Path) -> None:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=_QUALITY, optimize=True)
    make_folder(target.parent)
    write_atomically(target, stream.getvalue())
