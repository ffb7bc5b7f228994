"""What the tests of this folder share."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from portraitify.io.reading import read_image
from portraitify.morphing.sitter import find_sitter
from portraitify.pipeline import Portraitist

SIDE = 448


@pytest.fixture
def examples(astronaut_path) -> SimpleNamespace:
    """The two examples as prepared data, both held out and without a label."""
    with Portraitist() as portraitist:
        paths = (astronaut_path, astronaut_path.with_name("grace_hopper.jpg"))
        sitters = [find_sitter(read_image(path), portraitist.engine) for path in paths]
    return SimpleNamespace(
        rows=lambda name, split: np.arange(2),
        images=[cv2.resize(sitter.view, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for sitter in sitters],
        landmarks=[sitter.landmarks / len(sitter.view) for sitter in sitters],
        records=[{"file": f"{number}.jpg", "split": "held-out"} for number in range(2)],
    )
