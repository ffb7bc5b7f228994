"""What the generator leaves in a picture and no painter would: specks of hue, spots in skin."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.finish.scene import face_mask
from portraitify.finish.sitting import expression_mask
from portraitify.finish.skin import to_lab, to_rgb
from portraitify.finish.structure import ramp, strongest, thrice

# Of the side: hue varies no finer than the first within a touch of paint, and spots are smaller than the second.
_FINE_HUE, _SPOT = 0.008, 0.021
# Spots reach beyond the face's ellipse, along the jaw.
_WIDER = 1.15
# Contrast, in 0 to 255, of what is no spot but the rim of glasses, a nostril or a furrow, and of what surely is one.
_FAINT = (55.0, 30.0)


def calm_color(painting: np.ndarray, share: float) -> np.ndarray:
    """Even out the fine variation of hue; brightness stays.

    Args:
        painting: ``(S, S, 3)`` uint8.
        share: 0 to 1, how much of it goes.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    lab = to_lab(painting)
    lab[..., 1:] += share * (cv2.GaussianBlur(lab[..., 1:], (0, 0), _FINE_HUE * len(painting)) - lab[..., 1:])
    return (to_rgb(lab) + np.float32(0.5)).astype(np.uint8)


def calm_skin(painting: np.ndarray, landmarks: np.ndarray, share: float) -> np.ndarray:
    """Take spots out of faces, and leave eyes and mouth alone (median filter).

    Args:
        painting: ``(S, S, 3)`` uint8.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in its pixels.
        share: 0 to 1, how far.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    side, faces = len(painting), np.asarray(landmarks, np.float64).reshape(-1, 5, 2)
    where = np.max([face_mask(_wider(points), side) for points in faces], 0)
    where = where * (1 - expression_mask(faces, side, side)) * np.float32(share)
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
