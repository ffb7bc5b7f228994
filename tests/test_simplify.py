import numpy as np
import pytest

from portraitify.config import STYLES
from portraitify.finish.simplify import simplify
from portraitify.finish.sitting import SITTINGS, Sitting


@pytest.fixture
def noisy_edge() -> np.ndarray:
    """A dark and a light half with noise on both."""
    image = np.full((64, 64, 3), 60, np.float32)
    image[:, 32:] = 190
    return np.clip(image + np.random.default_rng(0).normal(0, 12, image.shape), 0, 255).astype(np.uint8)


def test_noise_goes_and_the_edge_stays(noisy_edge):
    simple = simplify(noisy_edge, 3.0).astype(float)
    assert simple[:, 5:25].std() < 0.6 * noisy_edge[:, 5:25].std()
    assert np.abs(simple[10:-10, 28].mean() - 60) < 8
    assert np.abs(simple[10:-10, 35].mean() - 190) < 8


def test_even_colour_is_kept_exactly():
    image = np.full((32, 32, 3), (200, 100, 50), np.uint8)
    assert np.array_equal(simplify(image, 4.0), image)


def test_small_radii_change_nothing(noisy_edge):
    assert simplify(noisy_edge, 0.5) is noisy_edge


def test_detail_stays_in_eyes_and_mouth(noisy_edge):
    landmarks = np.array([[22, 22], [42, 22], [32, 32], [24, 44], [40, 44.0]])
    sitter = np.ones((64, 64), np.float32)
    sitting = Sitting(ground_blur=0, patch=0.06)
    simple = sitting.arrange(noisy_edge, sitter, 64).astype(int)
    kept = sitting.arrange(noisy_edge, sitter, 64, landmarks).astype(int)
    detail = np.abs(kept - simple).mean(2)
    assert detail[20:25, 20:25].mean() > 2
    assert detail[56:, :].max() == 0


def test_every_style_has_a_sitting(noisy_edge):
    assert set(SITTINGS) == set(STYLES)
    sitter = np.ones((64, 64), np.float32)
    for sitting in SITTINGS.values():
        assert sitting.arrange(noisy_edge, sitter, 512).shape == noisy_edge.shape
    assert np.array_equal(Sitting(ground_blur=0).arrange(noisy_edge, sitter, 512), noisy_edge)
