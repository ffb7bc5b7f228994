"""Blurs, and curves that rise softly."""

from __future__ import annotations

import cv2
import numpy as np

# Less than this share of known places around a pixel is next to nothing.
LEAST_KNOWN = 1e-3


def blur(field: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur, mirrored at the border; wide ones on a coarser grid.

    Args:
        field: ``(H, W)`` or ``(H, W, 3)`` float32 or uint8.
        sigma: pixels.

    Returns:
        The same shape and type.
    """
    factor = int(sigma / 4)
    if factor < 2:
        return cv2.GaussianBlur(field, (0, 0), max(sigma, 0.05))
    height, width = field.shape[:2]
    small = (max(1, width // factor), max(1, height // factor))
    coarse = cv2.GaussianBlur(cv2.resize(field, small, interpolation=cv2.INTER_AREA), (0, 0), sigma / factor)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def normalized_blur(weighted: np.ndarray, weight: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Blur what is known of a field, so that what is not known leaves no halo (normalised convolution).

    Source: Knutsson and Westin, Normalized and Differential Convolution, CVPR 1993.

    Args:
        weighted: ``(H, W)`` or ``(H, W, C)`` float32, the field times ``weight``.
        weight: ``(H, W)`` float32 in 0 to 1, how well each place is known.
        sigma: of the Gaussian, pixels.

    Returns:
        The blurred field, of the shape of ``weighted``, and how well it is known, ``(H, W)``, both float32; where
        next to nothing is known near by, the field falls to 0.
    """
    known = np.asarray(cv2.GaussianBlur(weight, (0, 0), sigma), np.float32)
    mean = np.asarray(cv2.GaussianBlur(weighted, (0, 0), sigma), np.float32)
    divisor = np.maximum(known, np.float32(LEAST_KNOWN))
    mean /= divisor if mean.ndim == 2 else cv2.merge([divisor] * mean.shape[2])
    return mean, known


def weighted_mean(values: np.ndarray, weight: np.ndarray) -> float:
    """Mean of ``(H, W)`` values under weights of 0 or more; 0 where all weights are 0."""
    return float((values * weight).sum() / max(float(weight.sum()), 1e-6))


def smoothstep(field: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at ``low`` to 1 at ``high``; falls where ``high`` is the smaller."""
    t = np.clip((field - low) * (1 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)
