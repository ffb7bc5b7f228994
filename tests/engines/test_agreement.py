"""Both engines give the same paintings, the finish included."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from portraitify.config import FULL, PaintConfig
from portraitify.io.reading import read_image
from portraitify.media.registry import STYLES
from portraitify.pipeline import Portraitist
from portraitify.results import Sketch

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SIZE_PX = 512
PORTRAIT = PaintConfig().crop


@cache
def portraitist(engine: str, crop: str) -> Portraitist:
    return Portraitist(PaintConfig(size_px=SIZE_PX, engine=engine, crop=crop, device="cpu"))


@cache
def sketches(engine: str, crop: str, photo: str, styles: tuple[str, ...]) -> dict[str, Sketch]:
    """What the generator paints of a photo in some styles; the face is looked for once."""
    painter = portraitist(engine, crop)
    faces = painter.find(read_image(EXAMPLES / f"{photo}.jpg"))
    return {style: painter.sketch(faces, style=style)[0] for style in styles}


@pytest.mark.weights
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("photo", "crop"), [("astronaut", PORTRAIT), ("grace_hopper", PORTRAIT), ("grace_hopper", FULL)]
)
def test_finished_paintings_agree(photo, crop, style):
    ours, theirs = (
        portraitist(engine, crop).finish(sketches(engine, crop, photo, STYLES)[style]).pixels
        for engine in ("onnx", "torch")
    )
    difference = np.abs(ours.astype(int) - theirs)
    assert (difference > 2).mean() <= 0.001
    assert difference.mean() < 0.05
