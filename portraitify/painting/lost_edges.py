"""Where an outline is lost: painters draw the lit cheek firmly and let hair and the shadow side go into the ground."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.filters import blur, smoothstep
from portraitify.painting.grounds import Sitting

# Side of the grid on which softness is worked out, cells.
_GRID = 128


@dataclass(frozen=True)
class LostEdges:
    """How edges are lost.

    Attributes:
        sigma: standard deviation of the blur of a lost edge, in parts of the side.
        dark: luma in parts of the face's, above and below which an edge is found or lost.
        by_tone: 0 to 1, how far dark edges are lost.
        by_side: 0 to 1, how far those of the shadow side are.
    """

    sigma: float = 0.008
    dark: tuple[float, float] = (0.75, 0.35)
    by_tone: float = 0.75
    by_side: float = 0.6

    def soften(self, picture: np.ndarray, subject_mask: np.ndarray, sitting: Sitting) -> np.ndarray:
        """Let the outline go where it is dark or turned away from the light.

        Args:
            picture: ``(S, S, 3)`` uint8.
            subject_mask: ``(S, S)`` float32 in 0 to 1.
            sitting: how the sitter sits.

        Returns:
            ``(S, S)`` float32 in 0 to 1, the mask with lost edges.
        """
        small = cv2.resize(picture, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
        mask = cv2.resize(subject_mask, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
        luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        inside = blur(luma * mask, 2.0) / np.maximum(blur(mask, 2.0), 0.05)
        ticks = (np.arange(_GRID, dtype=np.float32) + 0.5) / _GRID
        x, y = np.meshgrid(ticks, ticks)
        right, below = ((axis - middle) / sitting.radius for axis, middle in zip((x, y), sitting.centre, strict=True))
        face = np.hypot(right / 0.6, below / 0.8) < 1
        tone = float(luma[face].mean()) if face.any() else 128.0
        dark = smoothstep(inside, *(share * tone for share in self.dark))
        away = smoothstep(right * sitting.light[0] + 0.3 * below * sitting.light[1], 0.1, -0.6)
        lost = np.maximum(self.by_tone * dark, self.by_side * away).astype(np.float32)
        share = cv2.resize(lost, subject_mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
        soft = cv2.GaussianBlur(subject_mask, (0, 0), self.sigma * len(subject_mask))
        return np.asarray(subject_mask + (soft - subject_mask) * share)
