"""Where the sitter is in crops that the mask's network does not know: faces that fill them, and company."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from portraitify.faces.alignment import Crop, eye_line, warp, warp_with_validity
from portraitify.faces.framing import to_square, unit_matrix
from portraitify.imaging.affine import between_pixel_centres, composed, inverse, transform_points
from portraitify.imaging.face_regions import HEAD, face_mask

MaskOf = Callable[[np.ndarray], np.ndarray]

# Faces larger than this in the crop, by the distance between the eyes, are looked at from further away: at these
# distances, the photo continued smoothly or by its outermost pixels.
CLOSE_IOD = 0.34
_FURTHER = ((0.34, True), (0.12, True), (0.34, False))
_VIEW_PX = 256
# Ellipses around head and body: how far below the eyes their centre lies, half their width and half their
# height, in units of the distance between the eyes.
_HEAD_SHAPE, _BODY_SHAPE = (0.2, 1.45, 2.1), (4.2, 2.7, 2.7)
# Faces nearer than this are another view of the same one, and faces so near to the sitter's axis below the
# mouth are on his clothes or before them; both in the same units.
_SAME_FACE, _IN_FRONT, _BELOW = 1.2, 1.4, 1.3
# By so much farther must a place be from a person to be surely another's, in parts of the ellipse.
_BLEND = 0.06
# The part of the head that is the sitter's, whatever the network says.
_SURE = HEAD.scaled(0.9)


def mask_of_close_up(upright: np.ndarray, landmarks: np.ndarray, crop: Crop, mask_of: MaskOf) -> np.ndarray:
    """The subject mask of a crop that is filled by a face, which leaves holes in the mask that the network finds.

    Args:
        upright: ``(H, W, 3)`` uint8.
        landmarks: ``(5, 2)`` in its pixels.
        crop: to which the mask belongs.
        mask_of: gives the subject mask ``(S, S)`` float32 of a crop ``(S, S, 3)`` uint8.

    Returns:
        ``(S, S)`` float32 in 0 to 1: what most of three wider views show.
    """
    size = (crop.size_px, crop.size_px)
    # As the photo lies: its edge is no slanted line then, which the network takes for the sitter's outline.
    units = unit_matrix(landmarks, 0.0, np.pi)
    masks = []
    for iod, smoothly in _FURTHER:
        side = 1 / iod
        matrix = to_square(units, -side / 2, -eye_line(iod) * side, side, _VIEW_PX)
        if smoothly:
            mask = mask_of(warp_with_validity(upright, matrix, _VIEW_PX)[0])
        else:
            mask = mask_of(warp(upright, matrix, _VIEW_PX, cv2.BORDER_REPLICATE))
        onto_crop = between_pixel_centres(composed(crop.matrix, inverse(matrix)))
        masks.append(cv2.warpAffine(mask, onto_crop, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    sure = face_mask(transform_points(crop.matrix, landmarks), size, _SURE)
    return np.asarray(np.maximum(np.median(masks, 0), sure), np.float32)


def neighbours_of(landmarks: np.ndarray, index: int) -> np.ndarray:
    """The faces of people beside the sitter.

    Args:
        landmarks: ``(N, 5, 2)`` of all faces in a picture, pixels.
        index: of the sitter's.

    Returns:
        ``(M, 5, 2)`` float64: without faces on the sitter's clothes or in front of them.
    """
    others = np.delete(landmarks, index, 0)
    units = unit_matrix(landmarks[index], 1.0, 0.0)
    centres = transform_points(units, others[:, :2].mean(1))
    near = np.hypot(centres[:, 0], centres[:, 1]) < _SAME_FACE
    in_front = (np.abs(centres[:, 0]) < _IN_FRONT) & (centres[:, 1] > _BELOW)
    return np.asarray(others[~near & ~in_front])


def own_share(landmarks: np.ndarray, neighbours: np.ndarray, matrix: np.ndarray, size_px: int) -> np.ndarray:
    """Which places of a square are rather the sitter's than a neighbour's.

    Args:
        landmarks: ``(5, 2)`` of the sitter, in photo pixels.
        neighbours: ``(M, 5, 2)`` likewise.
        matrix: ``(2, 3)`` photo pixels to pixels of the square.
        size_px: side of the square.

    Returns:
        ``(S, S)`` float32 in 0 to 1.
    """
    own = _distance(landmarks, matrix, size_px)
    other = np.minimum.reduce([_distance(points, matrix, size_px) for points in neighbours])
    return np.asarray(np.clip((other - own) / _BLEND + 0.5, 0, 1), np.float32)


def _distance(landmarks: np.ndarray, matrix: np.ndarray, size_px: int) -> np.ndarray:
    """Distance of each place of a square from a person, 1 at the outline of an ellipse for head or body."""
    ticks = np.arange(size_px) + 0.5
    grid = np.stack(np.broadcast_arrays(ticks, ticks[:, None]), -1)
    x, y = np.moveaxis(transform_points(composed(unit_matrix(landmarks, 0.5), inverse(matrix)), grid), -1, 0)
    shapes = (_HEAD_SHAPE, _BODY_SHAPE)
    return np.asarray(np.minimum.reduce([np.hypot(x / wide, (y - low) / high) for low, wide, high in shapes]))
