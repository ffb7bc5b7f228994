import numpy as np
import pytest

from portraitify.imaging.calm_detail import calm_detail

SIDE = 128


@pytest.fixture
def noise() -> np.ndarray:
    # Of all sizes; what is coarse stays.
    return np.random.default_rng(1).normal(0, 12, (SIDE, SIDE, 1)).astype(np.float32)


def strength(picture: np.ndarray) -> float:
    return float(picture[16:-16, 16:-16].std())


def everywhere(value: float) -> np.ndarray:
    return np.full((SIDE, SIDE), value, np.float32)


def test_texture_that_the_photo_has_not_is_weakened(noise):
    painting, smooth = 128 + np.tile(noise, 3), np.full((SIDE, SIDE, 3), 128, np.uint8)
    assert strength(calm_detail(painting, smooth, everywhere(1))) < 0.8 * strength(painting)


def test_texture_that_the_photo_has_stays(noise):
    painting = np.float32(128 + np.tile(noise, 3))
    photo = np.uint8(np.clip(128 + np.tile(noise[::-1], 3), 0, 255))
    assert strength(calm_detail(painting, photo, everywhere(1))) > 0.95 * strength(painting)


def test_elsewhere_and_in_broad_shapes_nothing_changes(noise):
    painting, smooth = np.float32(128 + np.tile(noise, 3)), np.full((64, 64, 3), 128, np.uint8)
    assert np.array_equal(calm_detail(painting, smooth, everywhere(0)), painting)
    ramp = np.tile(np.linspace(60, 200, SIDE, dtype=np.float32)[None, :, None], (SIDE, 1, 3))
    assert np.abs(calm_detail(ramp, smooth, everywhere(1)) - ramp).max() < 1
