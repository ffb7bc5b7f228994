"""Shapes of brush strokes: where each lies, and its outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Points along each side of a stroke's outline.
_POINTS = 5
# Fractional bits of the drawn outlines.
FRACTIONAL_BITS = 4


@dataclass(frozen=True)
class StrokeOutline:
    """A stroke of a flat brush; lengths in parts of the stroke's, widths in parts of the brush's.

    Attributes:
        head: length of the rounded beginning.
        head_width: width at the very beginning.
        tail: length of the tapering end.
        tail_width_squared: square of the width at the very end.
    """

    head: float = 0.2
    head_width: float = 0.45
    tail: float = 0.25
    tail_width_squared: float = 0.22

    def profile(self) -> tuple[np.ndarray, np.ndarray]:
        """Places along a stroke from 0 to 1, and its width there in 0 to 1: ``(5,)`` float32 each."""
        t = np.linspace(0, 1, _POINTS, dtype=np.float32)
        head = np.minimum(1, np.sqrt(np.clip(t / self.head, 0, 1)) * (1 - self.head_width) + self.head_width)
        return t, head * np.sqrt(np.clip((1 - t) / self.tail, self.tail_width_squared, 1))


@dataclass(frozen=True)
class Strokes:
    """Strokes in the order of painting; lengths in parts of the picture's side.

    Attributes:
        place: ``(N, 2)`` float32 centres.
        angle: ``(N,)`` float32 directions at the centre, radians.
        bend: ``(N,)`` float32 curvature.
        back: ``(N,)`` float32 length behind the centre.
        front: ``(N,)`` float32 length before it.
        width: ``(N,)`` float32.
        colour: ``(N, 3)`` float32 in 0 to 255.
        chance: ``(N, 2)`` float32 in 0 to 1, random numbers by which a surface tells strokes apart.
    """

    place: np.ndarray
    angle: np.ndarray
    bend: np.ndarray
    back: np.ndarray
    front: np.ndarray
    width: np.ndarray
    colour: np.ndarray
    chance: np.ndarray


def outlines(strokes: Strokes, outline: StrokeOutline, size_px: int) -> np.ndarray:
    """The strokes' outlines at a size: ``(N, 2 * 5, 2)`` int32 with 4 fractional bits."""
    t, profile = outline.profile()
    along = -strokes.back[:, None] + (strokes.back + strokes.front)[:, None] * t
    half = 0.5 * strokes.width[:, None] * profile
    middle = 0.5 * strokes.bend[:, None] * along**2
    u = np.concatenate([along, along[:, ::-1]], 1)
    v = np.concatenate([middle + half, (middle - half)[:, ::-1]], 1)
    cosine, sine = np.cos(strokes.angle)[:, None], np.sin(strokes.angle)[:, None]
    x = strokes.place[:, :1] + u * cosine - v * sine
    y = strokes.place[:, 1:] + u * sine + v * cosine
    points: np.ndarray = np.rint((np.stack([x, y], -1) * size_px - 0.5) * 2**FRACTIONAL_BITS)
    return points.astype(np.int32)
