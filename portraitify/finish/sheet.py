"""Several paintings on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_GAP = 1 / 32
_MAT = (244, 241, 234)


def side_by_side(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Lay pictures of one size on a light mat, in rows from left to right; a single one stays as it is.

    Args:
        pictures: ``(S, S, 3)`` uint8 each; at least one.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    if len(pictures) == 1:
        return pictures[0]
    side = pictures[0].shape[0]
    gap = max(1, round(side * _GAP))
    columns = math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    step = side + gap
    sheet = np.full((rows * step + gap, columns * step + gap, 3), _MAT, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = (gap + step * place for place in divmod(number, columns))
        sheet[top : top + side, left : left + side] = picture
    return sheet
