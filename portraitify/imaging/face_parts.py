"""Parts of faces as soft masks, from the 468 points of MediaPipe's face mesh; left and right are the viewer's."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np

from portraitify.imaging.filters import blur

# Fractional bits of drawn outlines.
_SHIFT = 4
# Blur of eyes, brows and lips, in widths of an eye, and what it is multiplied with: lids belong to them.
_EXPRESSION_SIGMA, _EXPRESSION_GAIN = 0.26, 5.0
# Points of the left and the right eye as the viewer sees them: outer and inner corner.
_EYE_CORNERS = ((33, 133), (362, 263))


class FacePart(Enum):
    """The outline of a part: numbers of the mesh's points in order, each outline closed.

    Source: ``face_mesh_connections.py`` of MediaPipe, Apache 2.0.
    """

    FACE = (
        *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
        *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    )
    LEFT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
    RIGHT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
    LEFT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
    RIGHT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
    LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
    NOSE = (168, 412, 358, 327, 2, 98, 129, 188)
    # The opening between the lips: teeth, or nothing in a closed mouth.
    MOUTH = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)


# What a face's expression lies in.
EXPRESSION = (FacePart.LEFT_EYE, FacePart.RIGHT_EYE, FacePart.LEFT_BROW, FacePart.RIGHT_BROW, FacePart.LIPS)

# What moves with the expression, and so says nothing about how a head is turned, or how large it is.
MOVING = sorted({*FacePart.LIPS.value, *FacePart.MOUTH.value})


def outline_of(mesh: np.ndarray, part: FacePart) -> np.ndarray:
    """The outline of a part: ``(n, 2)`` float64 in pixels, of a mesh ``(468, 3)`` in pixels."""
    return np.asarray(mesh[list(part.value), :2], np.float64)


def outline_width(mesh: np.ndarray) -> float:
    """Of the outline of a face ``(468, 3)`` as it is seen, pixels."""
    return float(np.ptp(outline_of(mesh, FacePart.FACE)[:, 0]))


def eye_distance(mesh: np.ndarray) -> float:
    """Between the middles of both eyes of a face ``(468, 3)``, pixels."""
    left, right = _eye_middles(mesh[None])[0]
    return float(np.linalg.norm(right - left))


def part_mask(meshes: np.ndarray, parts: tuple[FacePart, ...], shape: tuple[int, ...], sigma_px: float) -> np.ndarray:
    """Where any of some parts of any face lies.

    Args:
        meshes: ``(M, 468, 3)`` in pixels.
        parts: which.
        shape: height and width of the picture, pixels; what follows is ignored.
        sigma_px: standard deviation of the blur of the borders, pixels; 0 for crisp ones.

    Returns:
        ``(H, W)`` float32 in 0 to 1.
    """
    drawn = np.zeros(shape[:2], np.uint8)
    for mesh in meshes:
        for part in parts:
            points = np.rint((outline_of(mesh, part) - 0.5) * 2**_SHIFT).astype(np.int32)
            cv2.fillPoly(drawn, [points], 255, cv2.LINE_AA, _SHIFT)
    mask = drawn.astype(np.float32) * np.float32(1 / 255)
    return blur(mask, sigma_px) if sigma_px > 0 else mask


def expression_parts(meshes: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Eyes with lids and brows, and lips, with soft borders.

    Args:
        meshes: ``(M, 468, 3)`` in pixels.
        shape: height and width of the picture, pixels; what follows is ignored.

    Returns:
        ``(H, W)`` float32 in 0 to 1.
    """
    mask: np.ndarray = np.zeros(shape[:2], np.float32)
    for mesh in meshes:
        eye_px = max(float(np.linalg.norm(mesh[outer, :2] - mesh[inner, :2])) for outer, inner in _EYE_CORNERS)
        soft = part_mask(mesh[None], EXPRESSION, shape, max(_EXPRESSION_SIGMA * eye_px, 0.5))
        mask[:] = np.maximum(mask, np.minimum(np.float32(_EXPRESSION_GAIN) * soft, 1))
    return mask


def without_mesh(landmarks: np.ndarray, meshes: np.ndarray) -> np.ndarray:
    """Of the landmarks of some faces, those whose mesh is not known.

    Args:
        landmarks: ``(N, 5, 2)`` in pixels, eyes first.
        meshes: ``(M, 468, 3)`` in pixels.

    Returns:
        ``(K, 5, 2)``: where no mesh's eyes lie within half the distance between a face's own.
    """
    if not len(meshes):
        return landmarks
    eyes = _eye_middles(meshes)
    away = np.linalg.norm(landmarks[:, None, :2] - eyes, axis=-1).max(-1).min(1)
    return np.asarray(landmarks[away > np.linalg.norm(landmarks[:, 1] - landmarks[:, 0], axis=-1) / 2])


def _eye_middles(meshes: np.ndarray) -> np.ndarray:
    """Middles of the left and the right eye of faces ``(M, 468, 3)``: ``(M, 2, 2)``."""
    return np.stack([meshes[:, list(corners), :2].mean(1) for corners in _EYE_CORNERS], 1)
