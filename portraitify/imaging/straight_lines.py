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
    def across(self) -> np.ndarray:
        """``(2,)`` of length 1, at right angles to it."""
        return _across(self.direction)

    @property
    def length(self) -> float:
        """From where it is first seen to where it is last seen, pixels."""
        return float(self.seen[:, 1].max())


@dataclass(frozen=True)
class LineFinder:
    """How lines are found; lengths in parts of the picture's side.

    Source: Grompone von Gioi, Jakubowicz, Morel and Randall, LSD: a Line Segment Detector, Image Processing On Line 2,
    2012, as OpenCV has it; twisted cords come in segments, which are put together here.

    Attributes:
        downscale: by what factor the picture is made smaller first, which takes a quarter of the time.
        min_segment: length of a segment that counts.
        min_longest: length of a line's longest segment.
        max_turn_degrees: between the segments of a line.
        max_offset: how far they may lie beside each other.
        max_gap: between them.
    """

    downscale: int = 2
    min_segment: float = 0.04
    min_longest: float = 0.08
    max_turn_degrees: float = 2.5
    max_offset: float = 0.006
    max_gap: float = 0.06

    def find(self, image: np.ndarray) -> Iterator[StraightLine]:
        """All lines of a picture ``(S, S, 3)`` uint8, those with the longest segments first."""
        side = len(image)
        segments = self._segments(image)
        ways = segments[:, 1] - segments[:, 0]
        lengths = np.linalg.norm(ways, axis=1)
        order = np.argsort(-lengths)[: int((lengths >= self.min_segment * side).sum())]
        segments, ways, lengths = segments[order], ways[order], lengths[order]
        while len(segments) and lengths[0] >= self.min_longest * side:
            start, direction = segments[0, 0], ways[0] / lengths[0]
            straight = ways @ direction >= np.cos(np.radians(self.max_turn_degrees)) * lengths
            offsets = np.abs((segments - start) @ _across(direction)).max(1)
            along = (segments - start) @ direction
            of_line = straight & (offsets <= self.max_offset * side)
            of_line[0] = True
            of_line[of_line] = self._joined(along[of_line], self.max_gap * side)
            seen = along[of_line][np.argsort(along[of_line, 0])]
            yield StraightLine(start + seen[0, 0] * direction, direction, seen - seen[0, 0])
            segments, ways, lengths = segments[~of_line], ways[~of_line], lengths[~of_line]

    def _segments(self, image: np.ndarray) -> np.ndarray:
        """Both ends of each: ``(N, 2, 2)`` float64, pixels of the picture."""
        small = max(len(image) // self.downscale, 1)
        grey = cv2.cvtColor(cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(grey)[0]
        return np.zeros((0, 2, 2)) if found is None else found.reshape(-1, 2, 2).astype(float) * (len(image) / small)

    def _joined(self, along: np.ndarray, gap_px: float) -> np.ndarray:
        """Which segments ``(N, 2)`` of a line go on from the first of them without too large a gap: ``(N,)`` bool."""
        order = np.argsort(along[:, 0])
        reached = np.maximum.accumulate(along[order, 1])
        runs = np.concatenate([[0], np.cumsum(along[order[1:], 0] > reached[:-1] + gap_px)])
        of_run = np.empty(len(along), int)
        of_run[order] = runs
        return np.asarray(of_run == of_run[0])


def _across(direction: np.ndarray) -> np.ndarray:
    return np.asarray(direction[::-1] * (-1, 1))
