"""Broad planes without specks, with the contours of large forms kept."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb


def rolling_guidance(
    picture: np.ndarray, luma: np.ndarray, guide: np.ndarray, radius_px: float, edge: float, rounds: int
) -> np.ndarray:
    """Leave out what a guide does not show, and give the forms that it shows their contours back.

    Sources: Zhang, Shen, Xu and Jia, Rolling Guidance Filter, ECCV 2014, with the guided filter of He and Sun, Fast
    Guided Filter, arXiv 1505.00996, in the place of the bilateral one: its coefficients are found at half the size.

    Args:
        picture: ``(S, S, 3)`` float32.
        luma: ``(S, S)`` float32 in 0 to 1, its brightness.
        guide: ``(S, S)`` float32 in 0 to 1, brightness without what is to go.
        radius_px: half the window.
        edge: contrast, in 0 to 1, from which on a change of brightness is a contour.
        rounds: how often contours are sharpened before the colours follow.

    Returns:
        ``(S, S, 3)`` float32.
    """
    for _ in range(rounds):
        guide = _guided(luma, guide, radius_px, edge)
    return _guided(picture, guide, radius_px, edge)


def _guided(field: np.ndarray, guide: np.ndarray, radius_px: float, edge: float) -> np.ndarray:
    """The field, ``(S, S)`` or ``(S, S, 3)``, as a smoothly varying straight line of the guide."""
    side = guide.shape[0]
    half = max(side // 2, 1)
    window = 2 * max(round(radius_px / 2), 1) + 1

    def coarse(full: np.ndarray) -> np.ndarray:
        return cv2.resize(full, (half, half), interpolation=cv2.INTER_AREA)

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (window, window), borderType=cv2.BORDER_REFLECT_101)

    def spread(plane: np.ndarray) -> np.ndarray:
        return plane if field.ndim == 2 else gray_to_rgb(plane)

    small, values = coarse(guide), coarse(field)
    level, middle = mean(small), mean(values)
    variance = mean(small * small) - level * level + np.float32(edge**2)
    slope = (mean(spread(small) * values) - spread(level) * middle) / spread(variance)
    base = middle - slope * spread(level)
    full = (side, side)
    painted = np.asarray(cv2.resize(mean(slope), full, interpolation=cv2.INTER_LINEAR), np.float32)
    painted *= spread(guide)
    painted += cv2.resize(mean(base), full, interpolation=cv2.INTER_LINEAR)
    return painted
