"""Several paintings on one sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

GAP = 1 / 32
MAT = (244, 241, 234)


def side_by_side(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Lay pictures on a light mat, in rows from left to right; a single one stays as it is.

    Args:
        pictures: ``(H, W, 3)`` uint8 each; at least one.

    Returns:
        One picture, uint8.
    """
    if len(pictures) == 1:
        return pictures[0]
    height, width = (max(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    gap = max(1, round(max(height, width) * GAP))
    columns = math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    step_y, step_x = height + gap, width + gap
    sheet = np.full((rows * step_y + gap, columns * step_x + gap, 3), MAT, np.uint8)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        # Each in the middle of its place, as the faces of a photo may be upright or square.
        top = gap + step_y * row + (height - picture.shape[0]) // 2
        left = gap + step_x * column + (width - picture.shape[1]) // 2
        sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return sheet
