"""Poles, cords and frames behind a sitter, which the mask's network took for a part of the sitter."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.morphology import disc
from portraitify.imaging.straight_lines import LineFinder, StraightLine

# How far beyond its line a post reaches towards the sitter, pixels: its own edge.
_EDGE_PX = 1.5


@dataclass(frozen=True)
class Posts:
    """What is no sitter because a straight line goes on there that is seen behind the sitter too.

    Lengths are parts of the crop's side.

    Attributes:
        lines: how these are found.
        inside: value of the mask from which on a place counts as the sitter's.
        behind: length at least over which a line is seen where the sitter is not.
        beside: at least where the mask says that the sitter is.
        margin: how far from the mask a line is behind the sitter; the sitter's own straight edges are at its border.
        seen: share of a line that is seen at least.
        clear: how far a line stays away from faces, in widths of the face.
        most: share of the sitter beyond a line, from which on it is an arm's or a hat's.
    """

    lines: LineFinder = field(default_factory=LineFinder)
    inside: float = 0.5
    behind: float = 0.1
    beside: float = 0.05
    margin: float = 0.006
    seen: float = 0.6
    clear: float = 0.02
    most: float = 0.1

    def without(self, image: np.ndarray, mask: np.ndarray, meshes: np.ndarray) -> np.ndarray:
        """A mask without them, and without what lies beyond them as seen from the face.

        Args:
            image: ``(S, S, 3)`` uint8, the crop.
            mask: ``(S, S)`` float32 in 0 to 1, as the mask's network finds it.
            meshes: ``(M, 468, 3)`` in pixels of the crop; without any the mask stays as it is.

        Returns:
            ``(S, S)`` float32 in 0 to 1.
        """
        if not len(meshes):
            return mask
        sitter = mask > self.inside
        wide = cv2.dilate(sitter.astype(np.uint8), disc(self.margin * len(mask))) > 0
        result = mask
        for line in self.lines.find(image):
            inwards = None
            if line.length >= (self.behind + self.beside) * len(mask):
                inwards = self._towards_faces(line, meshes)
            if inwards is None or not self._goes_on(line, sitter, wide):
                continue
            beyond = _beyond(line, inwards, mask.shape)
            if (beyond & sitter).sum() <= self.most * sitter.sum():
                result = np.where(beyond, 0, result)
        return np.asarray(result, np.float32)

    def _towards_faces(self, line: StraightLine, meshes: np.ndarray) -> np.ndarray | None:
        """Across the line, ``(2,)`` of length 1; nothing where faces lie on it or on both of its sides."""
        across = line.direction[::-1] * (-1, 1)
        away = (meshes[..., :2] - line.start) @ across
        side = np.sign(away.mean())
        width = float(np.ptp(meshes[..., 0], axis=1).max())
        return across * side if (side * away).min() > self.clear * width else None

    def _goes_on(self, line: StraightLine, sitter: np.ndarray, wide: np.ndarray) -> bool:
        """Whether it is seen both behind the sitter and where the mask has it."""
        side = len(sitter)
        along = np.arange(0, line.length)
        columns, rows = np.clip((line.start + along[:, None] * line.direction).astype(int), 0, side - 1).T
        seen = ((along[:, None] >= line.seen[:, 0]) & (along[:, None] <= line.seen[:, 1])).any(1)
        behind, beside = (seen & ~wide[rows, columns]).sum(), (seen & sitter[rows, columns]).sum()
        return bool(seen.mean() >= self.seen and behind >= self.behind * side and beside >= self.beside * side)


def _beyond(line: StraightLine, inwards: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Where, as seen from the faces, a line has passed: ``(S, S)`` bool."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    along = (columns - line.start[0]) * line.direction[0] + (rows - line.start[1]) * line.direction[1]
    away = (columns - line.start[0]) * inwards[0] + (rows - line.start[1]) * inwards[1]
    return np.asarray((away < _EDGE_PX) & (along > -_EDGE_PX) & (along < line.length + _EDGE_PX))
