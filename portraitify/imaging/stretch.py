"""Rows of a coarse field that is stretched over a square picture, quickly where whole numbers allow it."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.bands import upsampled_rows


def stretched_rows(field: np.ndarray, top: int, bottom: int, size_px: int) -> np.ndarray:
    """Resample a square field linearly to ``size_px`` and give some of the rows.

    Args:
        field: ``(S, S)`` or ``(S, S, C)`` uint8 or float32.
        top: first row; may lie above the picture, where the field's border is continued.
        bottom: row after the last.
        size_px: side of the whole.

    Returns:
        ``(bottom - top, size_px)`` or ``(bottom - top, size_px, C)``, of the field's type.
    """
    scale, rest = divmod(size_px, len(field))
    if rest:
        return upsampled_rows(field, top, bottom, (size_px, size_px))
    # Whole rows of the field, one more on each side, for which resizing is three times as fast as an affine map.
    first, end = top // scale - 1, -(-bottom // scale) + 1
    known = field[max(first, 0) : min(end, len(field))]
    border = cv2.BORDER_REPLICATE
    rows = cv2.copyMakeBorder(known, max(-first, 0), max(end - len(field), 0), 0, 0, border)
    large = cv2.resize(rows, (size_px, scale * len(rows)), interpolation=cv2.INTER_LINEAR)
    return large[top - scale * first : bottom - scale * first]
