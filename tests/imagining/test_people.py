"""Faces drawn from the face space."""

from __future__ import annotations

import numpy as np
import pytest

from portraitify.face_space.space import DIRECTIONS, FaceSpace
from portraitify.imaging.cielab import to_lab
from portraitify.imagining.people import PICTURE_PX, Imagination
from portraitify.weights import WeightsFolder, default_folder

NOSE, LIPS, CHIN = 1, (13, 14), 152
CALM = {"masculine": 0.0, "age": 35.0, "smile": 0.3, "open": 0.008}


@pytest.fixture(scope="module")
def imagination() -> Imagination:
    return Imagination(FaceSpace.load(WeightsFolder(default_folder())))


def _person(imagination, seed=3, **traits):
    return imagination.person(np.random.default_rng(seed), CALM | traits)


def _light(person, points):
    """Mean L* around some points of the mesh."""
    lab = to_lab(person.picture)[..., 0]
    places = np.rint(person.mesh[list(points), :2]).astype(int)
    return np.mean([lab[y - 6 : y + 7, x - 6 : x + 7].mean() for x, y in places])


def test_the_same_chance_makes_the_same_person(imagination):
    first, again, other = (_person(imagination, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.picture, again.picture)
    np.testing.assert_array_equal(first.mesh, again.mesh)
    assert np.abs(first.picture.astype(int) - other.picture).mean() > 5
    assert first.picture.shape == (PICTURE_PX, PICTURE_PX, 3)
    assert first.picture.dtype == np.uint8


def test_a_face_lies_within_its_picture(imagination):
    for seed in range(8):
        mesh = _person(imagination, seed).mesh
        assert mesh.shape == (468, 3)
        assert mesh[:, :2].min() > 0
        assert mesh[:, :2].max() < PICTURE_PX
        assert 0.75 * PICTURE_PX < np.ptp(mesh[:, 1]) < PICTURE_PX
        assert mesh[NOSE, 1] < mesh[LIPS[0], 1] < mesh[CHIN, 1]


def test_an_open_mouth_is_open(imagination):
    shut, opened = (_person(imagination, open=amount).mesh for amount in (0.008, 0.08))
    gap = [mesh[LIPS[1], 1] - mesh[LIPS[0], 1] for mesh in (shut, opened)]
    assert gap[1] > gap[0] + 10


@pytest.mark.parametrize("seed", range(3))
def test_light_falls_from_the_side_that_is_asked_for(imagination, seed):
    # Cheeks to the left and to the right of the picture.
    left, right = (50, 205), (280, 425)
    lit = [_person(imagination, seed, light=amount) for amount in (-15.0, 15.0)]
    assert _light(lit[0], left) > _light(lit[0], right)
    assert _light(lit[1], left) < _light(lit[1], right)


def test_what_is_asked_for_is_read_off_the_components(imagination):
    space = imagination.space
    components = imagination._components(np.random.default_rng(0), {"age": 50.0, "masculine": 0.5})
    for name, wanted in (("age", 50.0), ("masculine", 0.5)):
        number = DIRECTIONS.index(name)
        told = space.usual[number, 0] + space.readings[number] @ components
        # Components that go too far are cut off.
        assert told == pytest.approx(wanted, abs=0.15 * float(space.usual[number, 1]))


def test_skin_has_a_colour_of_skin(imagination):
    for seed in range(12):
        person = _person(imagination, seed)
        cheeks = np.rint(person.mesh[[50, 280], :2]).astype(int)
        lab = to_lab(person.picture)
        a, b = np.mean([lab[y - 8 : y + 9, x - 8 : x + 9, 1:].mean((0, 1)) for x, y in cheeks], 0)
        assert 25 < np.degrees(np.arctan2(b, a)) < 75
        assert 8 < np.hypot(a, b) < 45
