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
        sitter_threshold: value of the mask from which on a place counts as the sitter's.
        min_behind: length over which a line is seen where the sitter is not.
        min_on_sitter: the same where the mask says that the sitter is.
        margin: how far from the mask, and from where the photo ends, a line is behind the sitter: the sitter's own
            straight edges are at the mask's border.
        min_seen_share: share of a line that is seen.
        face_clearance: how far a line stays away from faces, in widths of the face.
        max_cut_share: share of the sitter that is cut off by all lines together; more is an arm or a hat.
    """

    lines: LineFinder = field(default_factory=LineFinder)
    sitter_threshold: float = 0.5
    min_behind: float = 0.1
    min_on_sitter: float = 0.05
    margin: float = 0.006
    min_seen_share: float = 0.6
    face_clearance: float = 0.02
    max_cut_share: float = 0.1

    def without(
        self, image: np.ndarray, mask: np.ndarray, meshes: np.ndarray, landmarks: np.ndarray, valid: np.ndarray
    ) -> np.ndarray:
        """A mask without them, and without what lies beyond them as seen from the faces.

        Args:
            image: ``(S, S, 3)`` uint8, the crop.
            mask: ``(S, S)`` float32 in 0 to 1, as the mask's network finds it.
            meshes: ``(M, 468, 3)`` in pixels of the crop.
            landmarks: ``(N, 5, 2)`` likewise, of all faces; if one has no mesh the mask stays as it is.
            valid: ``(S, S)`` uint8, 255 where the photo reaches.

        Returns:
            ``(S, S)`` float32 in 0 to 1.
        """
        if not 0 < len(landmarks) <= len(meshes):
            return mask
        sitter = mask > self.sitter_threshold
        around = disc(self.margin * len(mask))
        # The photo's own border is a straight line too.
        behind = cv2.erode((~sitter & (valid > 0)).astype(np.uint8), around, borderValue=1) > 0
        beyond = np.zeros_like(sitter)
        for line in self.lines.find(image):
            inwards = self._towards_faces(line, meshes) if self._goes_on(line, sitter, behind) else None
            if inwards is None:
                continue
            more = beyond | _strip_beyond(line, inwards, mask.shape)
            if (more & sitter).sum() <= self.max_cut_share * sitter.sum():
                beyond = more
        return np.where(beyond, np.float32(0), mask)

    def _towards_faces(self, line: StraightLine, meshes: np.ndarray) -> np.ndarray | None:
        """Across the line, ``(2,)`` of length 1; nothing where faces lie on it or on both of its sides."""
        away = (meshes[..., :2] - line.start) @ line.across
        side = np.sign(away.mean())
        width = float(np.ptp(meshes[..., 0], axis=1).max())
        return line.across * side if (side * away).min() > self.face_clearance * width else None

    def _goes_on(self, line: StraightLine, sitter: np.ndarray, behind: np.ndarray) -> bool:
        """Whether it is seen both behind the sitter and where the mask has it."""
        side = len(sitter)
        if line.length < (self.min_behind + self.min_on_sitter) * side:
            return False
        along = np.arange(0, line.length)
        columns, rows = np.clip((line.start + along[:, None] * line.direction).astype(int), 0, side - 1).T
        seen = ((along[:, None] >= line.seen[:, 0]) & (along[:, None] <= line.seen[:, 1])).any(1)
        counts = [(seen & area[rows, columns]).sum() for area in (behind, sitter)]
        enough = counts[0] >= self.min_behind * side and counts[1] >= self.min_on_sitter * side
        return bool(enough and seen.mean() >= self.min_seen_share)


def _strip_beyond(line: StraightLine, inwards: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The strip beyond a line, away from the faces, as wide as the line is long: ``(S, S)`` bool."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    along = (columns - line.start[0]) * line.direction[0] + (rows - line.start[1]) * line.direction[1]
    away = (columns - line.start[0]) * inwards[0] + (rows - line.start[1]) * inwards[1]
    return np.asarray((away < _EDGE_PX) & (along > -_EDGE_PX) & (along < line.length + _EDGE_PX))
