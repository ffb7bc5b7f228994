"""Hand-made features of a picture's medium: colour, strokes and grain of background, sitter and face.

None of them was learned, and no loss of training uses them, so that they can
judge what was trained against learned features. Not quite outsiders: finishes
and some paintings of the bank were chosen with them, on other pictures.
"""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.face_regions import BROWS_TO_CHIN, face_mask

SIDE_PX = 256
REGIONS = ("background", "sitter", "face")
LEVELS = 4
DIRECTIONS = 4
_PATTERN_LEVELS = (0, 1, 2)
_COLOR_SIZE, _LEVEL_SIZE, _PATTERN_SIZE = 16, 6 + DIRECTIONS, 10
FEATURE_COUNT = len(REGIONS) * (_COLOR_SIZE + LEVELS * _LEVEL_SIZE + len(_PATTERN_LEVELS) * _PATTERN_SIZE)
# Differences of brightness below this, in L*, are the camera's noise and say nothing of texture.
_NOISE = 0.7
# In L*; a region counts by how much of it is lighter than each.
_LIGHT_LEVELS = (15, 30, 50, 70, 85)
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))


def medium_features(image: np.ndarray, masks: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Measure colour statistics, oriented multi-scale energies and local binary patterns by region.

    Only shares and means are taken, no areas, so that the framing tells
    little. Regions that are empty give zeros.

    Sources: steerable energies after Portilla and Simoncelli, IJCV 40(1),
    2000; structure tensor after Bigün and Granlund, ICCV 1987; rotation
    invariant uniform patterns after Ojala et al., IEEE TPAMI 24(7), 2002.

    Args:
        image: ``(S, S, 3)`` uint8 RGB.
        masks: ``(S, S, 2)`` uint8, subject mask and inside the picture.
        landmarks: ``(5, 2)`` in fractions of the side.

    Returns:
        ``(FEATURE_COUNT,)`` float32.
    """
    size = (SIDE_PX, SIDE_PX)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    regions = region_weights(cv2.resize(masks, size, interpolation=cv2.INTER_AREA), landmarks)
    values: list[np.ndarray] = [_color_statistics(lab, regions)]
    for level in range(LEVELS):
        values.append(_stroke_statistics(lab, regions))
        if level in _PATTERN_LEVELS:
            values.append(_pattern_shares(lab[..., 0], regions))
        lab = cv2.pyrDown(lab)
        regions = np.stack([cv2.pyrDown(region) for region in regions])
    return np.concatenate([value.reshape(len(REGIONS), -1) for value in values], 1).ravel().astype(np.float32)


def region_weights(masks: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Background, sitter without face, and face, inside the picture.

    Args:
        masks: ``(S, S, 2)`` uint8, subject mask and inside the picture.
        landmarks: ``(5, 2)`` in fractions of the side.

    Returns:
        ``(3, S, S)`` float32 in 0 to 1.
    """
    subject_mask, valid = (masks[..., index].astype(np.float32) / 255 for index in range(2))
    face = face_mask(landmarks * masks.shape[0], masks.shape, BROWS_TO_CHIN)
    return np.stack([valid * (1 - subject_mask) * (1 - face), valid * subject_mask * (1 - face), valid * face])


def _means(maps: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Weighted means: ``(H, W, C)`` maps and ``(R, H, W)`` weights to ``(R, C)`` float64."""
    weights = regions.reshape(len(regions), -1).astype(np.float64)
    sums = weights @ maps.reshape(weights.shape[1], -1)
    return np.asarray(sums / np.maximum(weights.sum(1, keepdims=True), 1.0))


def _covariances(maps: np.ndarray, means: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Weighted covariances of ``(H, W, C)`` maps about their ``(R, C)`` means: ``(R, C, C)`` float64.

    As a difference of squares in single precision, an even grey deviated by 0.4 L* on some processors.
    """
    weights = regions.reshape(len(regions), -1).astype(np.float64)
    away = maps.reshape(1, weights.shape[1], -1) - means[:, None]
    sums = (away * weights[..., None]).transpose(0, 2, 1) @ away
    return np.asarray(sums / np.maximum(weights.sum(1), 1.0)[:, None, None])


def _color_statistics(lab: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Means, deviations, correlations, chroma, and shares of dark and light: ``(R, 16)``."""
    mean = _means(lab, regions)
    covariance = _covariances(lab, mean, regions)
    deviation = np.sqrt(covariance[:, [0, 1, 2], [0, 1, 2]])
    scale = deviation[:, [0, 0, 1]] * deviation[:, [1, 2, 2]] + 1.0
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    lighter = [1 / (1 + np.exp((level - lab[..., 0]) / 4)) for level in _LIGHT_LEVELS]
    shares = _means(np.stack([chroma, chroma**2 / 100, *lighter], -1), regions)
    return np.concatenate([mean, deviation, covariance[:, [0, 0, 1], [1, 2, 2]] / scale, shares], 1)


def _stroke_statistics(lab: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Energies, peakedness, skewness, coherence and directions at one scale: ``(R, 10)``."""
    light = lab[..., 0]
    across, down = cv2.Scharr(light, cv2.CV_32F, 1, 0) / 32, cv2.Scharr(light, cv2.CV_32F, 0, 1) / 32
    strength = np.hypot(across, down)
    detail = lab - cv2.GaussianBlur(lab, (0, 0), 1.5)
    band = detail[..., 0]
    tensor = cv2.GaussianBlur(np.dstack([across**2, down**2, across * down]), (0, 0), 2.0)
    gap = np.sqrt((tensor[..., 0] - tensor[..., 1]) ** 2 + 4 * tensor[..., 2] ** 2)
    coherence = gap / (tensor[..., 0] + tensor[..., 1] + 0.1)
    angle = np.arctan2(down, across) % np.pi
    shares = [strength * np.cos(angle - np.pi * k / DIRECTIONS) ** 4 for k in range(DIRECTIONS)]
    color = np.hypot(detail[..., 1], detail[..., 2])
    maps = np.stack([strength, strength**2, band**2, band**3, coherence, color, *shares], -1)
    mean = _means(maps, regions)
    energy = mean[:, 2] + 0.05
    return np.column_stack(
        [
            np.log(mean[:, 0] + 0.1),
            np.log((mean[:, 1] + 0.05) / (mean[:, 0] ** 2 + 0.05)),
            np.log(energy),
            mean[:, 3] / energy**1.5,
            mean[:, 4],
            np.log(mean[:, 5] + 0.1),
            mean[:, 6:] / (mean[:, :1] + 0.1),
        ]
    )


def _pattern_shares(light: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Shares of the ten rotation invariant uniform patterns: ``(R, 10)``."""
    padded = np.pad(light, 1, mode="edge")
    height, width = light.shape
    above = np.stack([padded[1 + y : 1 + y + height, 1 + x : 1 + x + width] - light > _NOISE for y, x in _NEIGHBOURS])
    changes = (above != np.roll(above, 1, 0)).sum(0)
    pattern = np.where(changes <= 2, above.sum(0), 9)
    return np.stack([np.bincount(pattern.ravel(), r.ravel(), 10) / max(float(r.sum()), 1.0) for r in regions])
