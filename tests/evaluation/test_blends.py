"""Whether a blend is as much the one sitter as the other: the way it is measured."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from portraitify.errors import ConfigError
from portraitify.evaluation import blends
from portraitify.evaluation.blends import BlendReading, measure_blends, to_markdown, to_records
from portraitify.io.reading import read_image
from portraitify.morphing.sitter import find_sitter
from portraitify.pipeline import Portraitist

SIDE = 448


@pytest.fixture
def examples(astronaut_path) -> SimpleNamespace:
    """The two examples as prepared data, both held out."""
    with Portraitist() as portraitist:
        paths = (astronaut_path, astronaut_path.with_name("grace_hopper.jpg"))
        sitters = [find_sitter(read_image(path), portraitist.engine) for path in paths]
    return SimpleNamespace(
        rows=lambda name, split: np.arange(2),
        images=[cv2.resize(sitter.view, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for sitter in sitters],
        landmarks=[sitter.landmarks / len(sitter.view) for sitter in sitters],
        records=[{"file": f"{number}.jpg"} for number in range(2)],
    )


def test_a_blend_is_compared_with_both(examples, monkeypatch):
    pytest.importorskip("dlib")
    monkeypatch.setattr(blends, "_SIZE_PX", 256)
    (reading,), refused = measure_blends(examples, None, 1, 0)
    assert (reading.faces, refused) == (1, 0)
    assert min(reading.first, reading.second) > reading.strangers


def test_photos_without_faces_are_drawn_again_but_not_for_ever(examples, monkeypatch):
    pytest.importorskip("dlib")
    examples.images = [np.full((SIDE, SIDE, 3), 128, np.uint8)] * 2
    with pytest.raises(ConfigError, match="no two held-out photos that can"):
        measure_blends(examples, None, 2, 0)


def test_the_table_counts_pairs():
    readings = [BlendReading(0.93, 0.92, 0.8, 0, 1), BlendReading(0.98, 0.86, 0.81, 1, 1)]
    table = to_markdown(readings, 2)
    assert "| pairs in which it is at most 0.05 | 1 of 2 |" in table
    assert "| taken for neither, one, both of them | 1, 1, 0 |" in table
    assert "| pairs left out | 2 |" in table
    assert to_records(readings)[1]["first"] == 0.98
