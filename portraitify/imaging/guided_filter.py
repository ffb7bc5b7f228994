"""The sitter's outline, as fine as the photo shows it."""

from __future__ import annotations

import cv2
import numpy as np

# Half the window, in parts of the crop's side, and how much contrast makes an edge.
_RADIUS, _EDGE = 0.03, 1e-3


def guided_filter(image: np.ndarray, subject_mask: np.ndarray) -> np.ndarray:
    """Let a coarse mask follow hair and shoulders as the photo shows them.

    Source: He, Sun and Tang, Guided Image Filtering, IEEE TPAMI 35(6), 2013,
    equations 5, 6 and 8, with the brightness as guide.

    Args:
        image: ``(S, S, 3)`` uint8.
        subject_mask: ``(S, S)`` float32 in 0 to 1.

    Returns:
        ``(S, S)`` float32 in 0 to 1.
    """
    guide = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    size = 2 * max(round(_RADIUS * len(image)), 1) + 1

    def mean(field: np.ndarray) -> np.ndarray:
        return cv2.blur(field, (size, size), borderType=cv2.BORDER_REFLECT_101)

    level, share = mean(guide), mean(subject_mask)
    slope = (mean(guide * subject_mask) - level * share) / (mean(guide * guide) - level * level + _EDGE)
    fine = mean(slope) * guide + mean(share - slope * level)
    # Filtering leaves a veil over what is surely background or surely sitter.
    return np.asarray(np.clip((fine - 0.2) / 0.6, 0, 1).astype(np.float32))
