import cv2
import numpy as np
import pytest

from portraitify.imaging import kuwahara
from portraitify.imaging.face_regions import expression_mask
from portraitify.imaging.kuwahara import SECTORS, kuwahara_filter, kuwahara_filter_box
from portraitify.media.base import Preprocessing
from portraitify.media.registry import STYLES, medium_of
from portraitify.painting.preprocessing import preprocess


@pytest.fixture
def noisy_edge() -> np.ndarray:
    """A dark and a light half with noise on both."""
    image = np.full((64, 64, 3), 60, np.float32)
    image[:, 32:] = 190
    return np.clip(image + np.random.default_rng(0).normal(0, 12, image.shape), 0, 255).astype(np.uint8)


def test_noise_goes_and_the_edge_stays(noisy_edge):
    simple = kuwahara_filter(noisy_edge, 3.0).astype(float)
    assert simple[:, 5:25].std() < 0.6 * noisy_edge[:, 5:25].std()
    assert np.abs(simple[10:-10, 28].mean() - 60) < 8
    assert np.abs(simple[10:-10, 35].mean() - 190) < 8


def plainly_simplified(image: np.ndarray, radius: float) -> np.ndarray:
    """What the paper says, with whole kernels and in double precision."""
    reach = int(np.ceil(1.5 * radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(float)
    colours = image.astype(float)
    luma = colours @ (0.299, 0.587, 0.114)
    total, weights = np.zeros_like(colours), np.zeros_like(luma)
    for sector in range(SECTORS):
        turn = 2 * np.pi * sector / SECTORS
        toward = (x * np.cos(turn) + y * np.sin(turn)) / np.maximum(np.hypot(x, y), 1e-6)
        kernel = np.exp(-(x**2 + y**2) / (2 * (0.6 * radius) ** 2)) * np.maximum(toward, 0) ** 2
        kernel[reach, reach] = 1 / SECTORS
        kernel /= kernel.sum()
        mean, first, second = (cv2.filter2D(field, -1, kernel) for field in (colours, luma, luma**2))
        weight = (1 + np.sqrt(np.maximum(second - first**2, 0))) ** -8.0
        total += mean * weight[..., None]
        weights += weight
    return total / weights[..., None]


# 3.25 is the largest radius whose kernels stay whole.
@pytest.mark.parametrize("radius", [0.75, 2.0, 3.25, 3.5, 5.0])
def test_it_is_the_filter_of_the_paper(astronaut, radius):
    part = np.ascontiguousarray(astronaut[40:200, 140:300])
    away = np.abs(kuwahara_filter(part, radius) - plainly_simplified(part, radius))
    # Half a step from rounding, the rest from single precision in the eighth power.
    assert away.max() < 0.6


def test_a_part_alone_becomes_what_it_becomes_in_the_whole(astronaut):
    wanted = np.zeros(astronaut.shape[:2], np.float32)
    wanted[100:140, 0:60] = 0.5
    part, box = kuwahara_filter_box(astronaut, 2.5, wanted)
    assert box == (slice(100, 140), slice(0, 60))
    # Ends of rows are summed in another order than their middles, and these end elsewhere.
    assert np.abs(part.astype(int) - kuwahara_filter(astronaut, 2.5)[box]).max() <= 1


@pytest.mark.parametrize("radius", [1.2, 3.3, 6.9])
@pytest.mark.parametrize("height", [127, 129, 300])
def test_bands_are_not_seen(astronaut, monkeypatch, height, radius):
    image = astronaut[100 : 100 + height, :200]
    banded = kuwahara_filter(image, radius)
    monkeypatch.setattr(kuwahara, "_BAND_PX", 512)
    assert np.array_equal(kuwahara_filter(image, radius), banded)


def test_where_nothing_is_wanted_there_is_no_part(astronaut):
    part, box = kuwahara_filter_box(astronaut, 2.5, np.zeros(astronaut.shape[:2]))
    assert part.size == 0
    assert astronaut[box].size == 0


def test_landmarks_outside_the_frame_leave_it_as_it_is(noisy_edge):
    subject_mask, far = np.ones((64, 64), np.float32), np.full((5, 2), 900.0)
    settings = Preprocessing(background_blur=0, patch_radius=0.06)
    assert np.array_equal(
        preprocess(noisy_edge, subject_mask, 64, settings, far), preprocess(noisy_edge, subject_mask, 64, settings)
    )


def test_eyes_and_mouth_are_soft_spots():
    landmarks = np.array([[20.3, 22], [42, 21.6], [32, 32], [24, 44], [40, 62.0]])
    reach = 0.3 * np.linalg.norm(landmarks[1] - landmarks[0])
    y, x = np.mgrid[:64, :48] + 0.5
    spots = [*landmarks[:2], *landmarks[3:], landmarks[3:].mean(0)]
    away = np.min([np.hypot(x - spot[0], y - spot[1]) for spot in spots], axis=0)
    # Single precision against double.
    assert np.allclose(expression_mask(landmarks, (64, 48)), np.clip(2 - 1.4 * away / reach, 0, 1), atol=1e-5)


def test_even_colour_is_kept_exactly():
    image = np.full((32, 32, 3), (200, 100, 50), np.uint8)
    assert np.array_equal(kuwahara_filter(image, 4.0), image)


def test_small_radii_change_nothing(noisy_edge):
    assert kuwahara_filter(noisy_edge, 0.5) is noisy_edge


def test_detail_stays_in_eyes_and_mouth(noisy_edge):
    landmarks = np.array([[22, 22], [42, 22], [32, 32], [24, 44], [40, 44.0]])
    subject_mask = np.ones((64, 64), np.float32)
    settings = Preprocessing(background_blur=0, patch_radius=0.06)
    simple = preprocess(noisy_edge, subject_mask, 64, settings).astype(int)
    kept = preprocess(noisy_edge, subject_mask, 64, settings, landmarks).astype(int)
    detail = np.abs(kept - simple).mean(2)
    assert detail[20:25, 20:25].mean() > 2
    assert detail[56:, :].max() == 0


def test_every_style_has_a_sitting(noisy_edge):
    subject_mask = np.ones((64, 64), np.float32)
    for style in STYLES:
        settings = medium_of(style).preprocessing
        assert preprocess(noisy_edge, subject_mask, 512, settings).shape == noisy_edge.shape
    assert np.array_equal(preprocess(noisy_edge, subject_mask, 512, Preprocessing(background_blur=0)), noisy_edge)
