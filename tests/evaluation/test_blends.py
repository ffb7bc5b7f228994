"""Whether a blend is as much the one sitter as the other: the way it is measured."""

from __future__ import annotations

import numpy as np
import pytest

from portraitify.errors import ConfigError
from portraitify.evaluation import blends
from portraitify.evaluation.blends import BlendReading, measure_blends, to_markdown, to_records

SIDE = 448


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
