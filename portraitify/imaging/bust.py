"""Where head and shoulders stand when nothing but a face is known."""

from __future__ import annotations

import cv2
import numpy as np


def bust_mask(landmarks: np.ndarray, size_px: int) -> np.ndarray:
    """Outline of head and shoulders as the landmarks suggest them.

    Args:
        landmarks: ``(5, 2)`` in crop pixels.
        size_px: side of the crop.

    Returns:
        ``(size_px, size_px)`` uint8, 255 inside.
    """
    eyes = landmarks[:2].mean(0)
    unit = float(np.linalg.norm(landmarks[3:].mean(0) - eyes)) / 1.15
    mask = np.zeros((size_px, size_px), np.uint8)

    def ellipse(down: float, wide: float, high: float) -> None:
        centre = (round(eyes[0]), round(eyes[1] + down * unit))
        cv2.ellipse(mask, centre, (round(wide * unit), round(high * unit)), 0, 0, 360, 255, -1)

    ellipse(0.35, 1.25, 1.9)
    ellipse(4.2, 2.9, 2.2)
    return cv2.GaussianBlur(mask, (0, 0), max(0.08 * unit, 0.5))
