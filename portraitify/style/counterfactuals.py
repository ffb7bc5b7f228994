"""Edits of a portrait crop that change one thing about a photo and leave the rest, in NumPy and OpenCV.

They answer what would be if the background were darker, or the light came
from the front. Pictures are CIELAB here: float32, L* from 0 to 100.
"""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.face_regions import HEAD, HEAD_WITH_HAIR, face_mask
from portraitify.imaging.filters import normalized_blur, weighted_mean

# Means of a* and b* on the sitter in an ordinary photo: what a grey one is tinted with.
ORDINARY_TINT = (9.0, 11.0)
_MOST_CHROMA_GAIN = 2.5
_GREY = 3.0


def with_key(lab: np.ndarray, target: float, weight: np.ndarray | None = None) -> np.ndarray:
    """Bring the mean L* to a value by a gamma curve, which leaves black black and white white.

    Args:
        lab: ``(H, W, 3)``.
        target: mean L*.
        weight: ``(H, W)`` in 0 to 1, where to change and to measure; everywhere by default.
    """
    weight = np.ones(lab.shape[:2], np.float32) if weight is None else weight
    light = np.clip(lab[..., 0] / 100, 1e-3, 1)
    curved = light
    for _ in range(3):
        mean = min(max(weighted_mean(curved, weight), 0.02), 0.98)
        gamma = np.log(np.clip(target / 100, 0.02, 0.98)) / np.log(mean)
        curved = curved ** float(np.clip(gamma, 0.2, 5))
    return _with_light(lab, lab[..., 0] + weight * (100 * curved - lab[..., 0]))


def with_contrast(lab: np.ndarray, target: float) -> np.ndarray:
    """Bring the standard deviation of L* to a value, about its mean."""
    light = lab[..., 0]
    mean, deviation = float(light.mean()), float(light.std())
    return _with_light(lab, mean + (light - mean) * float(np.clip(target / (deviation + 1e-3), 0.25, 3)))


def with_chroma(lab: np.ndarray, target: float) -> np.ndarray:
    """Bring the mean chroma to a value; what has none gets the tint of ordinary photos."""
    chroma = float(np.hypot(lab[..., 1], lab[..., 2]).mean())
    changed = lab.copy()
    if chroma < _GREY < target:
        middle = 4 * (lab[..., 0] / 100) * (1 - lab[..., 0] / 100)
        for channel, tint in enumerate(ORDINARY_TINT, 1):
            changed[..., channel] += middle * tint * target / float(np.hypot(*ORDINARY_TINT))
        return np.asarray(changed)
    changed[..., 1:] *= min(target / (chroma + 1e-3), _MOST_CHROMA_GAIN)
    return np.asarray(changed)


def with_warmth(lab: np.ndarray, target: float) -> np.ndarray:
    """Bring the mean b* (blue to yellow) to a value by a shift, least in black and white."""
    middle = np.clip(4 * (lab[..., 0] / 100) * (1 - lab[..., 0] / 100), 0, 1)
    changed = lab.copy()
    changed[..., 2] += (target - float(lab[..., 2].mean())) * middle / max(float(middle.mean()), 0.1)
    return np.asarray(changed)


def with_background_lightness(lab: np.ndarray, subject_mask: np.ndarray, target: float) -> np.ndarray:
    """Bring the mean L* behind the sitter, ``(H, W)`` in 0 to 1, to a value."""
    return with_key(lab, target, 1 - subject_mask)


def with_blurred_background(lab: np.ndarray, subject_mask: np.ndarray, share: float = 1.0) -> np.ndarray:
    """Blur what is behind the sitter; the sitter's own colours do not bleed into it.

    Args:
        lab: ``(H, W, 3)``.
        subject_mask: ``(H, W)`` in 0 to 1.
        share: 0 leaves it, 1 leaves nothing but soft patches.
    """
    background = np.ascontiguousarray(1 - subject_mask, np.float32)
    sigma = lab.shape[0] / 12
    soft, _ = normalized_blur(lab * background[..., None], background, sigma)
    return np.asarray(lab + (share * background)[..., None] * (soft - lab))


def side_light(lab: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """How much lighter each part of the head is than its mirror image, low frequencies only.

    Args:
        lab: ``(S, S, 3)``.
        landmarks: ``(5, 2)`` in pixels; the eyes are level.

    Returns:
        ``(S, S)`` L*, half the difference, 0 away from the head.
    """
    low, head = _low_light(lab, landmarks), face_mask(landmarks, lab.shape, HEAD_WITH_HAIR)
    axis = float(landmarks[:, 0].mean())
    columns = np.clip(2 * axis - 1 - np.arange(lab.shape[1]), 0, lab.shape[1] - 1).round().astype(int)
    return np.asarray(head * (low - low[:, columns]) / 2)


def without_side_light(lab: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Light both sides of the head alike."""
    return _with_light(lab, lab[..., 0] - side_light(lab, landmarks))


def modelling(lab: np.ndarray, landmarks: np.ndarray) -> float:
    """Standard deviation of low frequencies of L* on the face: how much it is modelled by light."""
    low, head = _low_light(lab, landmarks), face_mask(landmarks, lab.shape, HEAD)
    mean = weighted_mean(low, head)
    return float(np.sqrt(weighted_mean((low - mean) ** 2, head)))


def with_modelling(lab: np.ndarray, landmarks: np.ndarray, target: float) -> np.ndarray:
    """Bring :func:`modelling` to a value."""
    low, head = _low_light(lab, landmarks), face_mask(landmarks, lab.shape, HEAD)
    gain = float(np.clip(target / (modelling(lab, landmarks) + 1e-3), 0.2, 3))
    return _with_light(lab, lab[..., 0] + head * (gain - 1) * (low - weighted_mean(low, head)))


def softened(lab: np.ndarray, sigma_px: float) -> np.ndarray:
    """Blur the whole crop."""
    return cv2.GaussianBlur(lab, (0, 0), sigma_px) if sigma_px > 0 else lab


def sharpened(lab: np.ndarray, amount: float) -> np.ndarray:
    """Add ``amount`` times the finest detail of L*."""
    light = lab[..., 0]
    return _with_light(lab, light + amount * (light - cv2.GaussianBlur(light, (0, 0), 1.2)))


def _low_light(lab: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    unit = max(float(np.linalg.norm(landmarks[1] - landmarks[0])), 2.0)
    return cv2.GaussianBlur(np.ascontiguousarray(lab[..., 0]), (0, 0), 0.22 * unit)


def _with_light(lab: np.ndarray, light: np.ndarray) -> np.ndarray:
    changed = lab.copy()
    changed[..., 0] = np.clip(light, 0, 100)
    return np.asarray(changed)
