"""The sitter's outline, as fine as the photo shows it."""

from __future__ import annotations

import cv2
import numpy as np


def guided_filter(guide: np.ndarray, field: np.ndarray, radius: float, edge: float) -> np.ndarray:
    """Let a coarse field follow the edges of a picture.

    Source: He, Sun and Tang, Guided Image Filtering, IEEE TPAMI 35(6), 2013,
    equations 5, 6 and 8.

    Args:
        guide: ``(S, S)`` float32, about 0 to 1.
        field: ``(S, S)`` float32 in 0 to 1.
        radius: half the window, in parts of the side.
        edge: variance of the guide that makes an edge.

    Returns:
        ``(S, S)`` float32, about 0 to 1.
    """
    size = 2 * max(round(radius * len(guide)), 1) + 1

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (size, size), borderType=cv2.BORDER_REFLECT_101)

    level, share = mean(guide), mean(field)
    slope = (mean(guide * field) - level * share) / (mean(guide * guide) - level * level + edge)
    return np.asarray(mean(slope) * guide + mean(share - slope * level))
