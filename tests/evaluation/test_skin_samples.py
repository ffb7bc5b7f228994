"""Colours at single points."""

import numpy as np
import pytest

from portraitify.evaluation.skin_samples import mean_at, points_within, sample
from portraitify.imaging.cielab import to_lab


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_points_are_between_pixels_and_any_number_is_taken(kind):
    ramp = np.tile(np.arange(200), (100, 1)).astype(kind)
    rng = np.random.default_rng(0)
    points = rng.uniform(1, 99, (40000, 2))
    assert sample(ramp, points) == pytest.approx(points[:, 0] - 0.5, abs=0.51)
    assert sample(ramp, points[:0]).shape == (0,)
    assert sample(ramp, np.array([[-5.0, 50.0]])) == pytest.approx([0])


def test_the_mean_colour_of_what_a_mask_covers():
    picture = np.full((60, 60, 3), 20, np.uint8)
    picture[:, 30:] = 200, 150, 120
    mask = np.zeros((60, 60), np.float32)
    mask[10:50, 36:54] = 1
    points = points_within(mask)
    assert len(points) > 50
    assert mean_at(picture, points) == pytest.approx(to_lab(picture)[0, -1], abs=1e-3)
    assert np.isnan(mean_at(picture, points[:0])).all()
