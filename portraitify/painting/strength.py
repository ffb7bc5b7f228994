"""Between the photo and its painting."""

from __future__ import annotations

import numpy as np

from portraitify.imaging.bands import bands, coarse_size, resample, upsampled_rows
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.face_regions import expression_mask
from portraitify.imaging.filters import blur
from portraitify.media.base import StrengthCurve

# Longer side at which broad tones are told from detail, pixels.
_PLAN_PX = 512
# Painters begin with the background and end with eyes and mouth: factors of the powers of the strength there.
_BACKGROUND_POWER, _FEATURES_POWER = 0.75, 1.35
# Standard deviations of Gaussians, in parts of the side: of what counts as a broad tone, and of the blur of the subject
# mask.
_TONE_SIGMA, _MASK_SIGMA = 0.008, 0.02


def blend_with_photo(
    painted: np.ndarray,
    photo: np.ndarray,
    subject_mask: np.ndarray,
    landmarks: np.ndarray,
    strength: float,
    curve: StrengthCurve,
) -> np.ndarray:
    """Paint a photo only so far.

    What the painting changes is split into broad tones and detail, which come
    in at different speeds, sooner in the background and later in eyes and mouth.
    Every share rises with the strength everywhere, so the mean distance from
    the photo does as well.

    Args:
        painted: ``(H, W, 3)`` uint8.
        photo: ``(H, W, 3)`` uint8, the same crop.
        subject_mask: ``(h, w)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels of ``subject_mask``.
        strength: 0 gives the photo, 1 the painting, each as it is.
        curve: at what speed the painting comes in.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    if strength in (0, 1):
        return painted if strength else photo
    size = coarse_size(painted, _PLAN_PX)
    change = blur(resample(painted, size).astype(np.float32) - resample(photo, size), _TONE_SIGMA * max(size))
    broad, fine = _shares(
        resample(subject_mask, size), landmarks * (np.array(size) / subject_mask.shape[::-1]), strength, curve
    )
    result = np.empty_like(painted)
    for rows, top, bottom in bands(painted.shape):
        tones = upsampled_rows(change, top, bottom, painted.shape)
        first, second = (upsampled_rows(share, top, bottom, painted.shape)[..., None] for share in (broad, fine))
        below = photo[rows].astype(np.float32)
        detail = painted[rows] - below - tones
        result[rows] = to_uint8(below + first * tones + second * detail)
    return result


def _shares(
    subject_mask: np.ndarray, landmarks: np.ndarray, strength: float, curve: StrengthCurve
) -> tuple[np.ndarray, np.ndarray]:
    """How much of the painting's broad tones and of its detail is there, each ``(h, w)`` float32 in 0 to 1."""
    inside = blur(subject_mask, _MASK_SIGMA * max(subject_mask.shape))
    features = expression_mask(landmarks, subject_mask.shape)
    order = (_BACKGROUND_POWER + (1 - _BACKGROUND_POWER) * inside) * (1 + (_FEATURES_POWER - 1) * features)
    return np.float32(strength) ** (curve.broad_power * order), np.float32(strength) ** (curve.detail_power * order)
