"""Parts of faces as soft masks, from five landmarks: left and right eye, nose, left and right mouth corner."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class FaceEllipse:
    """A soft ellipse on a face, in units of the distance from the eyes down to the mouth.

    Attributes:
        centre: from the middle between the eyes (0) to the middle of the mouth (1).
        half_width: half its width.
        half_height: half its height.
        sharpness: slope at its border, in parts of the radius.
        leans: whether it leans with the head, or stands upright.
        follows_eyes: whether it is as wide as the distance between the eyes asks for, if that is the larger unit.
    """

    centre: float
    half_width: float
    half_height: float
    sharpness: float
    leans: bool = False
    follows_eyes: bool = False

    def scaled(self, factor: float) -> FaceEllipse:
        """The same ellipse, so many times as large."""
        return replace(self, half_width=factor * self.half_width, half_height=factor * self.half_height)


# From above the brows to the chin, also in three-quarter views.
FACE = FaceEllipse(0.42, 0.92625, 1.31625, 3.9, leans=True, follows_eyes=True)
# Narrower, from the hairline to the chin: where skin is looked for.
SKIN_OVAL = FaceEllipse(0.27, 0.80, 1.26, 6.0, leans=True)
BROWS_TO_CHIN = FaceEllipse(0.45, 0.80, 1.2 / 1.15, 6.0)
HAIRLINE_TO_CHIN = FaceEllipse(0.25, 0.80, 1.45 / 1.15, 6.0)
# The face without hair; scaled by 1.35 with the hair around it.
HEAD = FaceEllipse(0.3, 0.9 / 1.15, 1.3 / 1.15, 5.0)
HEAD_WITH_HAIR = HEAD.scaled(1.35)
# Around each eye in parts of the distance between them, and around the mouth in parts of its width.
_EYE_REACH, _MOUTH_REACH = 0.27, 0.72
# How low the mouth's ellipse is beside its width.
_MOUTH_FLATNESS = 0.55


def face_mask(landmarks: np.ndarray, shape: tuple[int, ...], region: FaceEllipse = FACE) -> np.ndarray:
    """A soft ellipse on each face.

    Args:
        landmarks: ``(5, 2)``, or ``(N, 5, 2)`` of several faces, in pixels.
        shape: height and width of the picture, pixels; what follows is ignored.
        region: which part of the face.

    Returns:
        ``(H, W)`` float32 in 0 to 1.
    """
    faces = np.asarray(landmarks, np.float64).reshape(-1, 5, 2)
    mask = np.zeros(shape[:2], np.float32)
    for points in faces:
        _add_ellipse(mask, points, region)
    return mask


def _add_ellipse(mask: np.ndarray, landmarks: np.ndarray, region: FaceEllipse) -> None:
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    down = mouth - eyes
    tall = max(float(np.linalg.norm(down)), 1.0)
    wide = max(float(np.linalg.norm(landmarks[1] - landmarks[0])), 0.8 * tall) if region.follows_eyes else tall
    centre, axis = eyes + region.centre * down, down / tall if region.leans else np.array([0.0, 1.0])
    # No further than where it has fallen to 0.
    reach = (1 + 0.5 / region.sharpness) * max(region.half_width * wide, region.half_height * tall) + 1
    first, end = (np.clip(centre + sign * reach, 0, mask.shape[::-1]).astype(int) for sign in (-1, 1))
    x, y = (np.arange(first[axis], end[axis], dtype=np.float32) + 0.5 - centre[axis] for axis in (0, 1))
    along, across = x * axis[0] + y[:, None] * axis[1], x * axis[1] - y[:, None] * axis[0]
    radius = np.hypot(across / (region.half_width * wide), along / (region.half_height * tall))
    part = mask[first[1] : end[1], first[0] : end[0]]
    np.maximum(part, np.clip((1 - radius) * region.sharpness + 0.5, 0, 1), out=part, casting="same_kind")


def without_features(mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """A mask without eyes and mouth, whose colour is not skin.

    Args:
        mask: ``(H, W)`` float32, changed in place.
        landmarks: ``(5, 2)`` in pixels.

    Returns:
        ``mask``.
    """
    left_eye, right_eye, _, left_mouth, right_mouth = landmarks
    mouth = (left_mouth + right_mouth) / 2
    between_eyes = max(float(np.linalg.norm(right_eye - left_eye)), 1.0)
    wide = _MOUTH_REACH * max(float(np.linalg.norm(right_mouth - left_mouth)), 1.0)
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32) + 0.5
    for eye in (left_eye, right_eye):
        mask[np.hypot(x - eye[0], y - eye[1]) < _EYE_REACH * between_eyes] = 0
    mask[np.hypot((x - mouth[0]) / wide, (y - mouth[1]) / (_MOUTH_FLATNESS * wide)) < 1] = 0
    return mask


def expression_mask(landmarks: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Soft spots over the eyes and along the mouth.

    Args:
        landmarks: ``(5, 2)`` in pixels, or ``(N, 5, 2)`` of several faces.
        shape: height and width of the picture, pixels; what follows is ignored.

    Returns:
        ``(H, W)`` float32 in 0 to 1.
    """
    height, width = shape[:2]
    x, y = np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32)[:, None] + 0.5
    mask = np.zeros((height, width), np.float32)
    for left_eye, right_eye, _, left_mouth, right_mouth in landmarks.reshape(-1, 5, 2):
        reach = 0.3 * max(float(np.linalg.norm(right_eye - left_eye)), 1.0)
        far = 2 / 1.4 * reach + 1
        for spot in (left_eye, right_eye, left_mouth, (left_mouth + right_mouth) / 2, right_mouth):
            # No further than where it has fallen to 0.
            first, end = (np.clip(spot + sign * far, 0, (width, height)).astype(int) for sign in (-1, 1))
            rows, columns = slice(first[1], end[1]), slice(first[0], end[0])
            distance = np.hypot(x[columns] - spot[0], y[rows] - spot[1]) / reach
            mask[rows, columns] = np.maximum(mask[rows, columns], np.clip(2 - 1.4 * distance, 0, 1))
    return mask
