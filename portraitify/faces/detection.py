"""Finding faces in any orientation, and the detector that does it with torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from portraitify.errors import NoFaceError

SEARCH_SIZE_PX = 640
MIN_FACE_PX = 24
# From this score on a standing face ends the search for other orientations.
CERTAIN = 0.99
# Certainty that each of MTCNN's three stages asks for, and the score below which faces are dropped.
THRESHOLDS = (0.6, 0.7, 0.7)
MIN_SCORE = 0.85


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


def find_faces(detector: FaceDetector, image: np.ndarray) -> Faces:
    """Find faces, upright first and then in the other three orientations.

    The search runs on a copy whose longer side is at most
    ``SEARCH_SIZE_PX``, whatever the size of the photo; if that shows nothing,
    once more on a copy twice as large, for small faces in large photos.

    Args:
        detector: finds upright faces.
        image: ``(H, W, 3)`` uint8 RGB.

    Returns:
        At least one face; boxes and landmarks are in pixels of
        ``np.rot90(image, turns)``.

    Raises:
        NoFaceError: no orientation shows a face.
    """
    for limit_px in (SEARCH_SIZE_PX, 2 * SEARCH_SIZE_PX):
        longer = max(image.shape[:2])
        if limit_px > SEARCH_SIZE_PX and longer <= SEARCH_SIZE_PX:
            break
        scale = min(1.0, limit_px / longer)
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
        found = _search_orientations(detector, small)
        if found is not None:
            return Faces(found.boxes / scale, found.landmarks / scale, found.scores, found.quarter_turns)
    raise NoFaceError("No face was found.")


def _search_orientations(detector: FaceDetector, image: np.ndarray) -> Faces | None:
    """The faces of the orientation in which the foremost one is most convincing; as given if that one is certain."""
    best: Faces | None = None
    best_rank = 0.0
    for turns in (0, 1, 3, 2):
        turned = np.ascontiguousarray(np.rot90(image, turns))
        found = detector.detect(turned)
        if len(found) == 0:
            continue
        found = _ranked(found, turned, turns)
        stands = _stands_upright(found.landmarks[0])
        if turns == 0 and stands and found.scores[0] >= CERTAIN:
            return found
        rank = float(prominence(found.boxes[:1], found.scores[:1], turned.shape[1], turned.shape[0])[0])
        # A face lying on its side is often found too, but less surely than when it stands.
        rank *= 1.0 if stands else 0.5
        if best is None or rank > best_rank:
            best, best_rank = found, rank
    return best


def _stands_upright(landmarks: np.ndarray) -> bool:
    """Whether the mouth lies below the eyes, within 55 degrees of straight down."""
    down = landmarks[3:].mean(0) - landmarks[:2].mean(0)
    return bool(down[1] > 0 and abs(down[0]) < 1.43 * down[1])


def _ranked(faces: Faces, image: np.ndarray, quarter_turns: int) -> Faces:
    order = np.argsort(-prominence(faces.boxes, faces.scores, image.shape[1], image.shape[0]), kind="stable")
    return Faces(faces.boxes[order], faces.landmarks[order], faces.scores[order], quarter_turns)


class MTCNNDetector:
    """Multi-task cascaded convolutional networks, as packaged by facenet-pytorch.

    Source: Zhang et al., IEEE Signal Processing Letters 23(10), 2016.

    Args:
        device: a torch device name.
        thresholds: certainty that each of the three stages asks for.
        min_score: faces of a lower final score are dropped.
    """

    def __init__(
        self,
        device: str = "cpu",
        thresholds: tuple[float, float, float] = THRESHOLDS,
        min_score: float = MIN_SCORE,
    ) -> None:
        from facenet_pytorch import MTCNN

        self._min_score = min_score
        self._mtcnn = MTCNN(
            keep_all=True, device=device, post_process=False, min_face_size=MIN_FACE_PX, thresholds=list(thresholds)
        )

    def detect(self, image: np.ndarray) -> Faces:
        """Find upright faces in ``(H, W, 3)`` uint8 RGB; none gives an empty result."""
        if min(image.shape[:2]) < MIN_FACE_PX:
            return no_faces()
        boxes, scores, landmarks = self._mtcnn.detect(image, landmarks=True)
        if boxes is None or boxes[0] is None:
            return no_faces()
        keep = np.asarray(scores, np.float64) >= self._min_score
        return Faces(
            np.asarray(boxes, np.float64)[keep],
            np.asarray(landmarks, np.float64)[keep],
            np.asarray(scores, np.float64)[keep],
        )
