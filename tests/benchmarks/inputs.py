"""Photos to measure with, all made from one that anyone may use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples" / "astronaut.jpg"
SMALL_PX, SQUARE_PX = 512, 1024
# 12 megapixels at 4 to 3, as telephones take them.
LARGE_PX = (4000, 3000)
_QUALITY = 92


@dataclass(frozen=True)
class Inputs:
    """Files to paint.

    Attributes:
        small: a JPEG of 512 x 512 pixels.
        square: the same at 1024 x 1024.
        large: the same, cut and enlarged, at 4000 x 3000.
        folder: holds ``count`` JPEGs of 512 x 512, no two alike.
        count: how many.
    """

    small: Path
    square: Path
    large: Path
    folder: Path
    count: int


def make_inputs(place: Path, count: int, example: Path = EXAMPLE) -> Inputs:
    """Write the photos to a folder.

    Args:
        place: where to; exists.
        count: photos in the folder of many.
        example: a photo with one face in its upper middle.
    """
    with Image.open(example) as opened:
        photo = opened.convert("RGB")
    inputs = Inputs(place / "small.jpg", place / "square.jpg", place / "large.jpg", place / "photos", count)
    for path, side in ((inputs.small, SMALL_PX), (inputs.square, SQUARE_PX)):
        photo.resize((side, side), Image.Resampling.LANCZOS).save(path, quality=_QUALITY)
    upper = photo.crop((0, 0, photo.width, photo.width * LARGE_PX[1] // LARGE_PX[0]))
    upper.resize(LARGE_PX, Image.Resampling.LANCZOS).save(inputs.large, quality=_QUALITY)
    inputs.folder.mkdir()
    random = np.random.default_rng(0)
    for number in range(count):
        varied(photo, random).save(inputs.folder / f"{number:03d}.jpg", quality=_QUALITY)
    return inputs


def varied(photo: Image.Image, random: np.random.Generator) -> Image.Image:
    """The photo a little moved, cut and lighter or darker, at 512 x 512 pixels."""
    side = int(min(photo.size) * random.uniform(0.9, 0.98))
    left, top = (int(random.integers(0, length - side + 1)) for length in photo.size)
    cut = photo.resize((SMALL_PX, SMALL_PX), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
    light = float(random.uniform(0.85, 1.1))
    return cut.point(lambda value: min(255, round(value * light)))
