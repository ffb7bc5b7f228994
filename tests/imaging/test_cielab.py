import cv2
import numpy as np
import pytest

from portraitify.imaging.cielab import lab_to_rgb, rgb_to_lab


def patch(*colour: float) -> np.ndarray:
    return np.full((2, 3, 3), colour, np.float32)


# Computed with the formulas of the CIE in double precision; so they stand in tables.
@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((0, 0, 0), (0, 0, 0)),
        ((1, 1, 1), (100, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
    ],
)
def test_known_colours(rgb, lab):
    assert rgb_to_lab(patch(*rgb))[1, 2] == pytest.approx(lab, abs=0.03)
    assert lab_to_rgb(patch(*lab))[1, 2] == pytest.approx(rgb, abs=0.002)


def test_there_and_back():
    rgb = np.random.default_rng(0).random((40, 50, 3), np.float32)
    # Dark colours take the straight parts of both curves.
    rgb[:20] *= 0.05
    assert np.abs(lab_to_rgb(rgb_to_lab(rgb)) - rgb).max() < 1e-4


def test_what_does_not_exist_is_cut_off():
    assert lab_to_rgb(patch(50, 120, -120)).min() == 0
    assert lab_to_rgb(patch(99, -80, 90)).max() == pytest.approx(1, abs=1e-6)
    assert np.isfinite(lab_to_rgb(patch(-5, 10, 10))).all()


def test_it_is_what_opencv_gives_but_for_its_coarse_table():
    rgb = np.random.default_rng(0).random((64, 64, 3), np.float32)
    assert np.abs(rgb_to_lab(rgb) - cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)).max() < 0.6
