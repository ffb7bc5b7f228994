"""Long straight lines of a photo: poles, cords, frames and edges of walls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class StraightLine:
    """A line of which some parts are seen.

    Attributes:
        start: ``(2,)`` float64, where it begins, pixels.
        direction: ``(2,)`` float64 of length 1; what is lighter lies always on the same side of it.
        seen: ``(N, 2)`` float64, distances from the start between which it is seen, in their order.
    """

    start: np.ndarray
    direction: np.ndarray
    seen: np.ndarray

    @property
    def length(self) -> float:
        """From where it is first seen to where it is last seen, pixels."""
        return float(self.seen[:, 1].max())


@dataclass(frozen=True)
class LineFinder:
    """How lines are found; lengths in parts of the picture's side.

    Source: Grompone von Gioi, Jakubowicz, Morel and Randall, LSD: a Line Segment Detector, Image Processing On Line 2,
    2012, as OpenCV has it; twisted cords come in pieces, which are put together here.

    Attributes:
        shrunk: by what factor the picture is made smaller first, which takes a quarter of the time.
        shortest: of a piece.
        longest: of the longest piece of a line at the least.
        turn_degrees: by which pieces of a line may be turned against each other.
        aside: by how much they may lie beside each other.
        gap: between them at the most.
    """

    shrunk: int = 2
    shortest: float = 0.04
    longest: float = 0.08
    turn_degrees: float = 2.5
    aside: float = 0.006
    gap: float = 0.06

    def find(self, image: np.ndarray) -> Iterator[StraightLine]:
        """All lines of a picture ``(S, S, 3)`` uint8."""
        side = len(image)
        small = (max(side // self.shrunk, 1),) * 2
        grey = cv2.cvtColor(cv2.resize(image, small, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
        if found is None:
            return
        pieces = np.asarray(found, float).reshape(-1, 2, 2) * self.shrunk
        ways = pieces[:, 1] - pieces[:, 0]
        lengths = np.linalg.norm(ways, axis=1)
        order = np.argsort(-lengths)[: int((lengths >= self.shortest * side).sum())]
        pieces, ways, lengths = pieces[order], ways[order], lengths[order]
        while len(pieces) and lengths[0] >= self.longest * side:
            start, direction = pieces[0, 0], ways[0] / lengths[0]
            straight = ways @ direction >= np.cos(np.radians(self.turn_degrees)) * lengths
            aside = np.abs((pieces - start) @ (direction[::-1] * (-1, 1))).max(1)
            of_line = straight & (aside <= self.aside * side)
            of_line[0] = True
            for seen in self._runs((pieces[of_line] - start) @ direction, self.gap * side):
                yield StraightLine(start + seen[0, 0] * direction, direction, seen - seen[0, 0])
            pieces, ways, lengths = pieces[~of_line], ways[~of_line], lengths[~of_line]

    def _runs(self, parts: np.ndarray, gap_px: float) -> list[np.ndarray]:
        """Parts ``(N, 2)`` in their order, apart where too much between them is missing."""
        parts = parts[np.argsort(parts[:, 0])]
        reached = np.maximum.accumulate(parts[:, 1])
        return np.split(parts, np.flatnonzero(parts[1:, 0] > reached[:-1] + gap_px) + 1)
