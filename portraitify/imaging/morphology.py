"""Shapes for opening, closing, widening and narrowing masks."""

from __future__ import annotations

import cv2
import numpy as np


def disc(radius_px: float) -> np.ndarray:
    """A disc of a radius, rounded to whole pixels: ``(2 r + 1, 2 r + 1)`` uint8, 1 inside."""
    size = 2 * round(radius_px) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
