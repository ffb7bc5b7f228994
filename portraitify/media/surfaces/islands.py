"""What is drawn apart from the sitter: dots and patches on bare paper that mean nothing."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.filters import blur


@dataclass(frozen=True)
class Islands:
    """What is left away.

    Attributes:
        gap_px: width of bare paper that parts an island from the rest, pixels of the plan.
        largest: area up to which it is left away, in parts of the picture.
        sigma_px: standard deviation of the Gaussian over its border, pixels of the plan.
    """

    gap_px: int = 7
    largest: float = 0.006
    sigma_px: float = 1.0

    def kept(self, drawn: np.ndarray) -> np.ndarray:
        """Where ink stays, ``(S, S)`` float32 in 0 to 1, of where there is any, ``(S, S)`` bool."""
        near = cv2.dilate(drawn.astype(np.uint8), np.ones((self.gap_px, self.gap_px), np.uint8))
        _, parts, found, _ = cv2.connectedComponentsWithStats(near)
        small = found[:, cv2.CC_STAT_AREA] <= self.largest * drawn.size
        small[0] = False
        if not small.any():
            return np.ones(drawn.shape, np.float32)
        return 1 - blur(small[parts].astype(np.float32), self.sigma_px)


@dataclass(frozen=True)
class Specks:
    """Moles, pores and hairs on bare skin, of which a line would make more than they are.

    Attributes:
        longest: length up to which a line is left away, in parts of the side.
        skin: mean likeness to skin, 0 to 1, from which on a line lies on skin alone.
    """

    longest: float = 0.018
    skin: float = 0.9

    def found(self, lines: np.ndarray, skin: np.ndarray) -> np.ndarray:
        """Where they are, ``(S, S)`` bool.

        Args:
            lines: ``(S, S)`` bool, where lines are drawn.
            skin: ``(S, S)`` float32 in 0 to 1, bare skin without eyes and mouth.
        """
        number, parts, found, _ = cv2.connectedComponentsWithStats(lines.astype(np.uint8), connectivity=8)
        mean = np.bincount(parts.ravel(), skin.ravel(), number) / np.maximum(found[:, cv2.CC_STAT_AREA], 1)
        size = np.maximum(found[:, cv2.CC_STAT_WIDTH], found[:, cv2.CC_STAT_HEIGHT])
        specks = (size <= self.longest * len(lines)) & (mean >= self.skin)
        specks[0] = False
        return np.asarray(specks[parts])
