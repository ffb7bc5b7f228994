"""A part of the picture, and of the canvas on which a pen draws twice as finely."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.filters import smoothstep
from portraitify.media.surfaces.pen_lines import CANVAS_SCALE

# Of a part of the picture around what is drawn in it, pixels.
_MARGIN_PX = 3


@dataclass(frozen=True)
class CanvasPatch:
    """A part of the picture: its first column and row, and those after the last."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, points: np.ndarray, side: int, margin_px: float = _MARGIN_PX) -> CanvasPatch:
        """The part of a picture around points ``(n, 2)`` in pixels."""
        first = np.clip(np.floor(points.min(0) - margin_px).astype(int), 0, side - 1)
        last = np.clip(np.ceil(points.max(0) + margin_px).astype(int), first + 1, side)
        return cls(int(first[0]), int(first[1]), int(last[0]), int(last[1]))

    def of(self, field: np.ndarray) -> np.ndarray:
        return field[self.top : self.bottom, self.left : self.right]

    def on(self, canvas: np.ndarray) -> np.ndarray:
        rows = slice(CANVAS_SCALE * self.top, CANVAS_SCALE * self.bottom)
        return canvas[rows, CANVAS_SCALE * self.left : CANVAS_SCALE * self.right]

    def blacken(self, canvas: np.ndarray, dark: np.ndarray, share: np.ndarray, black: tuple[float, float]) -> None:
        """Draw what is black.

        Args:
            canvas: ``(2 S, 2 S)`` uint8, on which it is drawn.
            dark: ``(h, w)`` float32 darkness of the part, 0 to 1.
            share: ``(h, w)`` float32 in 0 to 1, where in it.
            black: darkness, 0 to 1, between which paper turns black.
        """
        drawn = self.on(canvas)
        fine, shown = (cv2.resize(part, drawn.shape[::-1], interpolation=cv2.INTER_CUBIC) for part in (dark, share))
        ink = 255 * smoothstep(fine, *black) * np.clip(shown, 0, 1)
        np.maximum(drawn, ink.astype(np.uint8), out=drawn)

    def local(self, mesh: np.ndarray) -> np.ndarray:
        """Points ``(468, 3)`` in pixels of the part."""
        return np.asarray(mesh - np.array([self.left, self.top, 0.0]))
