"""Simple filters that anybody has at hand; a painter that does not beat them is not worth its weights."""

from __future__ import annotations

import cv2
import numpy as np


def pastel(image: np.ndarray) -> np.ndarray:
    """OpenCV's stylization of ``(H, W, 3)`` uint8, which smooths and keeps edges.

    Source: Gastal and Oliveira, Domain Transform for Edge-Aware Image and Video Processing, SIGGRAPH 2011.
    """
    return np.asarray(cv2.stylization(image, sigma_s=60, sigma_r=0.45), np.uint8)


def pencil(image: np.ndarray) -> np.ndarray:
    """OpenCV's grey pencil sketch of ``(H, W, 3)`` uint8, of the same source."""
    grey, _ = cv2.pencilSketch(image, sigma_s=60, sigma_r=0.07, shade_factor=0.05)
    return np.repeat(np.asarray(grey, np.uint8)[..., None], 3, -1)
