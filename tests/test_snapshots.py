"""Small paintings of both example photos in every style and crop, as they looked when somebody last looked at them.

``pytest --update-snapshots`` writes them anew. Look at ``tests/snapshots/`` before you commit what it wrote.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from portraitify import PaintConfig, Portraitist
from portraitify.config import CROPS
from portraitify.media.registry import STYLES

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOTS = ROOT / "tests" / "snapshots"
SIZE_PX = 192
TONE_SIGMA_PX = 3.0
# Mean difference, that of the tones (both in levels of 0 to 255), and that of the contrast of detail, as a share. On
# another processor the networks' arithmetic differs in the last bit. The engines, which differ by more than processors
# do, are apart by at most 0.011, 0.007 and 0.0001.
TOLERANCE = (0.3, 0.1, 0.01)


@lru_cache(maxsize=1)
def portraitist(style: str, crop: str) -> Portraitist:
    return Portraitist(PaintConfig(style=style, crop=crop, size_px=SIZE_PX, device="cpu"))


def tones(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture.astype(np.float32), (0, 0), TONE_SIGMA_PX)


def differences(picture: np.ndarray, wanted: np.ndarray) -> tuple[float, float, float]:
    """Mean difference, mean difference of the tones, and how the contrast of detail differs, as a share."""
    mean = float(np.abs(picture.astype(int) - wanted).mean())
    tone = float(np.abs(tones(picture) - tones(wanted)).mean())
    detail = float((picture - tones(picture)).std() / (wanted - tones(wanted)).std())
    return mean, tone, abs(detail - 1)


@pytest.mark.weights
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize("photo", ["astronaut", "grace_hopper"])
def test_paintings_look_as_they_did(photo, crop, style, update_snapshots):
    picture = portraitist(style, crop).paint(ROOT / "examples" / f"{photo}.jpg").pixels
    path = SNAPSHOTS / f"{photo}.{crop}.{style}.webp"
    if update_snapshots:
        SNAPSHOTS.mkdir(exist_ok=True)
        Image.fromarray(picture).save(path, lossless=True, method=6)
        return
    with Image.open(path) as image:
        wanted = np.asarray(image.convert("RGB"))
    assert picture.shape == wanted.shape
    found = differences(picture, wanted)
    assert all(value <= limit for value, limit in zip(found, TOLERANCE, strict=True)), (
        f"{path.name}: mean, tones and detail differ by {found}, allowed are {TOLERANCE}. If the look was "
        "changed on purpose, run pytest --update-snapshots, and look at what it wrote."
    )
