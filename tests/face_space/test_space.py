"""The face space as it ships, and how it is kept."""

from __future__ import annotations

import numpy as np
import pytest

from portraitify.face_space.space import DIRECTIONS, FACE_PX, FRAME_PX, FaceSpace, packed, unpacked
from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.weights import WeightsFolder, default_folder


@pytest.fixture(scope="module")
def space() -> FaceSpace:
    return FaceSpace.load(WeightsFolder(default_folder()))


def test_values_in_a_byte_are_near_to_what_they_were():
    values = np.random.default_rng(0).normal(0, [[[1.0]], [[1e-4]]], (2, 30, 20))
    back = unpacked(packed("moves", values), "moves")
    assert np.abs(back - values).max(axis=(1, 2)) == pytest.approx([0, 0], abs=0.016)
    assert np.abs(back[1] - values[1]).max() < 2e-6


def test_the_mean_face_is_even_and_fills_its_frame(space):
    outline = outline_of(space.points, FacePart.FACE)
    assert outline.mean(0) == pytest.approx([0.5, 0.5], abs=0.06)
    assert np.ptp(outline[:, 1]) == pytest.approx(0.9, abs=0.02)
    assert np.abs(space.light - space.light[:, ::-1]).mean() < 1.0


def test_what_a_direction_moves_is_what_it_is_called(space):
    moves = dict(zip(DIRECTIONS, space.shape_moves, strict=True))
    left, right = 61, 291
    wider = moves["smile"][right, 0] - moves["smile"][left, 0]
    assert wider > 0
    assert moves["open"][14, 1] - moves["open"][13, 1] > 0
    assert moves["weight"][454, 0] - moves["weight"][234, 0] > 0
    light = space.light_moves[DIRECTIONS.index("light")]
    middle = FRAME_PX // 2
    assert light[middle, 3 * FRAME_PX // 4] > 0 > light[middle, FRAME_PX // 4]
    # Folds grow deeper with the years, on both cheeks.
    assert space.detail_moves[DIRECTIONS.index("age")][24:40].mean() > 0


def test_components_are_those_of_faces(space):
    count = len(space.shape_components) + len(space.light_components)
    assert space.covariance.shape == (count, count)
    assert np.diag(space.covariance) == pytest.approx(np.ones(count), abs=0.02)
    assert space.light_components.shape[1:] == (FACE_PX, FACE_PX)
