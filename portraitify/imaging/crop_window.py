"""The part of the square canvas that a painting shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class CropWindow:
    """The part of the square canvas that is kept, in fractions of its side."""

    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0

    def box(self, side_px: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in pixels of a canvas; at least one pixel wide and high."""
        left, top = round(self.left * side_px), round(self.top * side_px)
        width, height = (max(1, round(length * side_px)) for length in (self.width, self.height))
        return left, top, min(left + width, side_px), min(top + height, side_px)

    def cut(self, canvas: np.ndarray) -> np.ndarray:
        """This part of a square picture."""
        left, top, right, bottom = self.box(canvas.shape[0])
        return canvas[top:bottom, left:right]


WHOLE_CANVAS = CropWindow()


def middle_window(width: float, height: float) -> CropWindow:
    """The window of this size, in fractions of the side, in the middle of the canvas."""
    return CropWindow((1 - width) / 2, (1 - height) / 2, width, height)
