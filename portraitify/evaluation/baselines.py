"""Simple filters that anybody has at hand; a painter that does not beat them is not worth its weights."""

from __future__ import annotations

import cv2
import numpy as np


def pastel(image: np.ndarray) -> np.ndarray:
    """OpenCV's stylization, an edge-preserving smoothing (Gastal and Oliveira, SIGGRAPH 2011)."""
    return cv2.stylization(image, sigma_s=60, sigma_r=0.45)


def pencil(image: np.ndarray) -> np.ndarray:
    """OpenCV's grey pencil sketch, of the same paper."""
    grey, _ = cv2.pencilSketch(image, sigma_s=60, sigma_r=0.07, shade_factor=0.05)
    return np.repeat(grey[..., None], 3, -1)


# The filter that comes nearest to each style.
FILTERS = {"renaissance": pastel, "oil": pastel, "watercolor": pastel, "ink": pencil}
