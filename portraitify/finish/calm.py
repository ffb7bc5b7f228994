"""What the generator leaves in faces and no painter would: spots."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.finish.scene import face_mask
from portraitify.finish.sitting import expression_mask
from portraitify.finish.structure import ramp, strongest, thrice

# Of the side: spots are smaller than this.
_SPOT = 0.021
# Spots reach beyond the face's ellipse, along the jaw.
_WIDER = 1.15
# Contrast, in 0 to 255, of what is no spot but the rim of glasses, a nostril or a furrow, and of what surely is one.
_FAINT = (55.0, 30.0)


def calm_skin(painting: np.ndarray, landmarks: np.ndarray, share: float, rest: float = 0.0) -> np.ndarray:
    """Take spots out of faces, and leave eyes and mouth alone (median filter).

    Args:
        painting: ``(S, S, 3)`` uint8.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in its pixels.
        share: 0 to 1, how far in faces.
        rest: 0 to 1, how far elsewhere.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    side, faces = len(painting), np.asarray(landmarks, np.float64).reshape(-1, 5, 2)
    where = np.max([face_mask(_wider(points), side) for points in faces], 0)
    where = (rest + (share - rest) * where) * (1 - expression_mask(faces, side, side))
    left, top, width, height = cv2.boundingRect((where > 0).astype(np.uint8))
    box = slice(top, top + height), slice(left, left + width)
    result = painting.copy()
    if width:
        part = painting[box].astype(np.float32)
        even = cv2.medianBlur(painting, 2 * round(_SPOT * side / 2) + 1)[box]
        change = even - part
        spot = where[box] * ramp(strongest(np.abs(change)), *_FAINT)
        result[box] = (part + change * thrice(spot) + np.float32(0.5)).astype(np.uint8)
    return result


def _wider(landmarks: np.ndarray) -> np.ndarray:
    """Landmarks whose ellipse has the same centre and is larger."""
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    centre = eyes + 0.42 * (mouth - eyes)
    return centre + _WIDER * (landmarks - centre)
