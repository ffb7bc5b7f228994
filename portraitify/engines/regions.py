"""Which parts of a painting are pooled for its style code."""

from __future__ import annotations

import numpy as np


def painting_regions(masks: np.ndarray) -> np.ndarray:
    """Subject and background, both only where the picture reaches.

    Args:
        masks: ``(V, V, 2)`` uint8: the subject, and where the picture reaches; 255 is inside.

    Returns:
        ``(1, 2, V, V)`` float32 in 0 to 1.
    """
    subject, valid = masks[..., 0].astype(np.float32) / 255, masks[..., 1].astype(np.float32) / 255
    return np.stack([subject * valid, (1 - subject) * valid])[None]
