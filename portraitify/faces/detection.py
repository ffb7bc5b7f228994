"""What a detector of upright faces gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

MIN_FACE_PX = 24
# Certainty that each of MTCNN's three stages asks for, and the score below which faces are dropped: what is
# doubtful is looked at once more, see :mod:`portraitify.faces.search`.
THRESHOLDS = (0.6, 0.7, 0.7)
MIN_SCORE = 0.7


@dataclass(frozen=True)
class Faces:
    """Faces of one picture, the most prominent first.

    Attributes:
        boxes: ``(N, 4)`` float64, xyxy in pixels of the picture as given.
        landmarks: ``(N, 5, 2)`` float64: left eye, right eye, nose, left and
            right mouth corner, left as the viewer sees it on an upright face.
        scores: ``(N,)`` float64 in 0 to 1.
        quarter_turns: quarter turns counter-clockwise after which the face is upright.
    """

    boxes: np.ndarray
    landmarks: np.ndarray
    scores: np.ndarray
    quarter_turns: int = 0

    def __len__(self) -> int:
        return len(self.boxes)


def no_faces() -> Faces:
    """The empty result."""
    return Faces(np.zeros((0, 4)), np.zeros((0, 5, 2)), np.zeros(0))


class FaceDetector(Protocol):
    """What the pipeline needs from a detector."""

    def detect(self, image: np.ndarray) -> Faces:
        """Find upright faces in ``(H, W, 3)`` uint8 RGB; none gives an empty result."""
        ...


def prominence(boxes: np.ndarray, scores: np.ndarray, width: int, height: int) -> np.ndarray:
    """Rank faces as a viewer would: by size, then nearness to the middle, then certainty.

    Args:
        boxes: ``(N, 4)`` xyxy in pixels.
        scores: ``(N,)`` detector's certainty, 0 to 1.
        width: of the picture, pixels.
        height: of the picture, pixels.

    Returns:
        ``(N,)`` float64, larger is more prominent.
    """
    side = np.sqrt(np.clip((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]), 0, None))
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    offset = np.linalg.norm((centre - [width / 2, height / 2]) / [width, height], axis=1)
    return np.asarray(side * (1 - 0.6 * offset) * scores**2)
