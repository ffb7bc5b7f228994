"""Subjects keep their hues: no violet hair, no blotches in flesh."""

import numpy as np
import pytest

from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.media.own_hue import OwnHue

SIDE = 256
HAIR, FACE = (slice(20, 80), slice(60, 196)), (slice(110, 210), slice(80, 176))


def flat(hair: tuple[float, float, float], face: tuple[float, float, float]) -> np.ndarray:
    """Even hair and an even face on grey, CIELAB."""
    lab = np.full((SIDE, SIDE, 3), (60, 0, 0), np.float32)
    lab[HAIR], lab[FACE] = hair, face
    return lab


@pytest.fixture
def photo() -> np.ndarray:
    return (to_rgb(flat((20, 5, 8), (60, 16, 20))) + 0.5).astype(np.uint8)


@pytest.fixture
def subject() -> tuple[np.ndarray, np.ndarray]:
    """The mask of the subject, and that of the face."""
    masks = np.zeros((2, SIDE, SIDE), np.float32)
    masks[0][HAIR] = masks[0][FACE] = masks[1][FACE] = 1
    return masks[0], masks[1]


def held(lab: np.ndarray, photo: np.ndarray, subject: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    result = lab.copy()
    OwnHue().hold(result, photo, *subject)
    return result


def middle(lab: np.ndarray, where: tuple[slice, slice]) -> np.ndarray:
    rows, columns = where
    return lab[rows, columns][15:-15, 15:-15].mean((0, 1))


def test_hair_that_was_painted_violet_is_brown_again(photo, subject):
    lab = held(flat((20, 14, -14), (60, 16, 20)), photo, subject)
    lightness, red, yellow = middle(lab, HAIR)
    assert lightness == pytest.approx(20, abs=0.1)
    assert yellow > 4
    assert red < 8


def test_flesh_loses_its_blotches_and_keeps_its_mean(photo, subject):
    blotched = flat((20, 5, 8), (60, 16, 20))
    rows, columns = FACE
    blotched[rows, columns.start : columns.start + 48] += (0, -10, 0)
    blotched[rows, columns.start + 48 : columns.stop] += (0, 14, 4)
    lab = held(blotched, photo, subject)
    left, right = middle(lab[:, :128], (rows, slice(80, 128))), middle(lab, (rows, slice(128, 176)))
    assert np.abs(left - right)[1:].max() < 4
    assert np.allclose(middle(lab, FACE)[1:], middle(blotched, FACE)[1:], atol=1)


def test_what_is_near_the_photo_stays_as_it_was_painted(photo, subject):
    lab = flat((20, 6, 9), (60, 16.5, 20.5))
    assert np.abs(held(lab, photo, subject) - lab).max() < 0.7


def test_a_photo_without_colour_tells_nothing(subject):
    grey = (to_rgb(flat((20, 0, 0), (60, 0, 0))) + 0.5).astype(np.uint8)
    lab = flat((20, 14, -14), (60, 16, 20))
    assert np.array_equal(held(lab, grey, subject), lab)


def test_loud_cloth_is_muted_and_a_blue_one_does_not_turn_violet(subject):
    blue = (to_rgb(flat((35, 45, -85), (60, 16, 20))) + 0.5).astype(np.uint8)
    lab = held(to_lab(blue), blue, subject)
    before, after = middle(to_lab(blue), HAIR), middle(lab, HAIR)
    assert np.hypot(*after[1:]) < 0.8 * np.hypot(*before[1:])
    assert after[1] / -after[2] < before[1] / -before[2]
