"""How well a painting shows what its medium is known for, to be drawn more often in training."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.media.base import PaintingStatistics
from portraitify.media.registry import STYLES, medium_of

LEAST, MOST = 0.3, 2.5


def suitability(image: np.ndarray, masks: np.ndarray, style: str) -> float:
    """How often a painting is drawn, relative to an average one of its style.

    Half of the oils are smooth and brown, half of the watercolors opaque or
    grey; drawn evenly they taught the painter a brown filter. What counts is
    for the medium to say.

    Args:
        image: ``(S, S, 3)`` uint8 RGB.
        masks: ``(S, S, 2)`` uint8, subject mask and inside the picture.
        style: one of ``STYLES``; others give 1.

    Returns:
        Between ``LEAST`` and ``MOST``.
    """
    if style not in STYLES:
        return 1.0
    subject_mask, valid = masks[..., 0] / 255.0, masks[..., 1] / 255.0
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    statistics = PaintingStatistics(
        chroma=_mean(np.hypot(lab[..., 1], lab[..., 2]), valid),
        background_lightness=_mean(lab[..., 0], valid * (1 - subject_mask)) / 100,
        texture=_texture(lab[..., 0], valid),
    )
    return float(np.clip(medium_of(style).suitability(statistics), LEAST, MOST))


def _texture(light: np.ndarray, weight: np.ndarray) -> float:
    """Deviation of fine detail as a fraction of the whole deviation of brightness."""
    fine = cv2.GaussianBlur(light, (0, 0), 1.0) - cv2.GaussianBlur(light, (0, 0), 4.0)
    whole = _mean((light - _mean(light, weight)) ** 2, weight)
    return float(np.sqrt(_mean(fine**2, weight) / (whole + 25.0)))


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    return float((values * weight).sum() / max(weight.sum(), 1.0))
