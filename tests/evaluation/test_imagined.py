"""Whether made-up people are different people: the way it is measured."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from portraitify.errors import ConfigError
from portraitify.evaluation import imagined
from portraitify.evaluation.imagined import measure_imagined, to_markdown, to_record

SEEDS = 3


def _data(images, landmarks):
    return SimpleNamespace(rows=lambda name, split: range(len(images)), images=images, landmarks=landmarks)


@pytest.fixture
def judged(astronaut, monkeypatch):
    """Three people, and photos of one sitter, twice."""
    pytest.importorskip("dlib")
    monkeypatch.setattr(imagined, "_SIZE_PX", 256)
    landmarks = np.array([[[203, 100], [243, 98], [227, 122], [208, 143], [243, 141]]] * 2) / 512
    return _data([astronaut, astronaut[:, ::-1].copy()[:, ::-1]], landmarks)


def test_people_are_compared_with_each_other_and_with_photos(judged):
    people = measure_imagined(judged, None, SEEDS, "oil")
    assert (people.seeds, people.one_face, people.read) == (SEEDS, SEEDS, SEEDS)
    assert (people.pairs, people.photos_pairs, people.photos_same) == (3, 1, 1)
    assert people.nearest_other.shape == people.nearest_photo.shape == (SEEDS,)
    assert people.same == sum(people.nearest_other < imagined.SAME_PERSON) // 2 or people.same > 1
    table = to_markdown(people)
    assert f"| one face found | {SEEDS} of {SEEDS} |" in table
    assert "1 of 1 (100.00%)" in table
    assert to_record(people)["photos"] == 2


def test_data_without_faces_is_refused(judged):
    judged.images = [np.full((512, 512, 3), 128, np.uint8)] * 2
    with pytest.raises(ConfigError, match="less than two faces"):
        measure_imagined(judged, None, 2, "oil")
