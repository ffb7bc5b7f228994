"""What sticks out of a head and has another colour: posts, twigs and tufts of an old ground, and bows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.head_frame import HeadFrame
from portraitify.imaging.filters import blur
from portraitify.imaging.morphology import disc
from portraitify.imaging.skin import mean_color

_TINY = 1e-6
# CIELAB distance of crown and hair beside the face from which on there is a hat.
_HAT = 35.0


def usual_colours(lab: np.ndarray, parts: tuple[np.ndarray, np.ndarray]) -> list[np.ndarray]:
    """The colour of a crown, and, below a hat, which has quite another one, that of the hair beside the face.

    Args:
        lab: ``(C, C, 3)`` float32, CIELAB.
        parts: ``(C, C)`` bool, the crown, and the hair beside the face.
    """
    found = [np.median(lab[part], 0) for part in parts if part.any()]
    return found if len(found) < 2 or np.linalg.norm(found[0] - found[1]) > _HAT else found[:1]


def least_distance(own: np.ndarray, usual: list[np.ndarray]) -> float:
    """CIELAB distance of a colour ``(3,)`` from the nearest of :func:`usual_colours`."""
    return min(float(np.linalg.norm(own - colour)) for colour in usual)


@dataclass(frozen=True)
class Outgrowth:
    """How it is told from hair.

    Attributes:
        radius: of the smallest disc that a head is made of, in widths of the face; narrower things stick out.
        least: area of what is worth a look, cells.
        strange: CIELAB distance from the hair's colour from which on it is no hair.
        crown: level above which the hair's colour is learnt.
        bald: distances of hue and of lightness of crown and face, CIELAB units, below which a crown may be bald, so
            that nothing sticks out of it.
        level: below which nothing is looked for; levels are 0 at the forehead and 1 at the chin.
    """

    radius: float = 0.16
    least: int = 4
    strange: float = 15.0
    crown: float = 0.3
    bald: tuple[float, float] = (8.0, 12.0)
    level: float = 0.62

    def find(
        self,
        head: np.ndarray,
        lab: np.ndarray,
        skin: np.ndarray,
        spared: tuple[np.ndarray, np.ndarray],
        roots: np.ndarray,
        frame: HeadFrame,
    ) -> np.ndarray:
        """Find it.

        Args:
            head: ``(C, C)`` float32 in 0 to 1.
            lab: ``(C, C, 3)`` float32, CIELAB.
            skin: ``(C, C)`` float32 in 0 to 1, how much each cell has the colours of skin.
            spared: ``(C, C)`` float32 in 0 to 1, face and ears, which are never taken for it.
            roots: likewise, around the face, where its colour is looked for.
            frame: the face.

        Returns:
            ``(C, C)`` float32 in 0 to 1.
        """
        face, kept = spared[0] > 0.5, np.maximum(*spared)
        inside = (head > 0.5).astype(np.uint8)
        core = cv2.morphologyEx(inside, cv2.MORPH_OPEN, disc(self.radius * frame.width))
        outside = (inside > core) & (kept < 0.5) & (frame.below < self.level)
        crown = (core > 0) & (kept < 0.5) & (frame.below < self.crown)
        if not crown.any():
            return np.zeros_like(head)
        apart = np.abs(np.median(lab[crown], 0) - mean_color(lab, face + _TINY))
        bald = np.linalg.norm(apart[1:]) < self.bald[0] and apart[0] < self.bald[1]
        hair = (core > 0) & (kept < 0.5) & (skin < 0.5)
        near, beside = hair & crown & (roots > 0.5), hair & (frame.below >= self.crown) & (frame.below < self.level)
        usual = usual_colours(lab, (near if near.any() else crown, beside))
        count, parts, sizes, _ = cv2.connectedComponentsWithStats(outside.astype(np.uint8), connectivity=4)
        found = np.zeros(head.shape, np.uint8)
        for number in np.flatnonzero(sizes[1:count, cv2.CC_STAT_AREA] >= self.least) + 1:
            part = parts == number
            own = mean_color(lab, part + _TINY)
            if bald or least_distance(own, usual) > self.strange:
                found |= part.astype(np.uint8)
        return np.asarray(np.minimum(blur(cv2.dilate(found, disc(1)).astype(np.float32), 0.7), 1 - kept))
