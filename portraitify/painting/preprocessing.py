"""What is done to a crop before it is painted; the same in training and in use."""

from __future__ import annotations

import numpy as np

from portraitify.imaging.background import blur_background
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.face_regions import expression_mask
from portraitify.imaging.kuwahara import kuwahara_filter, kuwahara_filter_box
from portraitify.media.base import Preprocessing

# Of the patch that the rest gets: likeness and expression live in eyes and mouth.
EXPRESSION_SHARE = 0.35


def preprocess(
    crop: np.ndarray,
    subject_mask: np.ndarray,
    side_px: float,
    settings: Preprocessing,
    landmarks: np.ndarray | None = None,
) -> np.ndarray:
    """Make a crop, or a part of one, ready for the generator.

    Args:
        crop: ``(H, W, 3)`` uint8.
        subject_mask: ``(H, W)`` float32 in 0 to 1.
        side_px: side of the whole crop at this scale, to which the settings' lengths refer.
        settings: how far.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels; around eyes and mouth most detail is kept.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    softened = blur_background(crop, subject_mask, settings.background_blur * side_px, settings.background_flatness)
    simple = kuwahara_filter(softened, settings.patch_radius * side_px)
    if landmarks is None:
        return simple
    kept = expression_mask(landmarks, crop.shape)
    fine, box = kuwahara_filter_box(softened, EXPRESSION_SHARE * settings.patch_radius * side_px, kept)
    share = kept[box][..., None]
    result = simple.copy()
    result[box] = to_uint8(simple[box] * (1 - share) + fine * share)
    return np.asarray(result)
