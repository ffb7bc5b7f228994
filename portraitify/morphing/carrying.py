"""A face carried to another shape, and which parts of it are bare."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.affine import inverse, transform_points
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_parts import MOVING, FacePart, expression_parts, part_mask
from portraitify.imaging.filters import smoothstep
from portraitify.imaging.rotation import nearest_turn
from portraitify.imaging.skin import mean_color, skin_likeness, skin_mask, skin_weights
from portraitify.imaging.thin_plate import warp_map
from portraitify.morphing.sitter import VIEW_PX, Sitter

# How far inside the outline of a face its soft border begins, and its width, in parts of the view's side.
_INSET, _BORDER = 0.008, 0.02
# How far from an edge of the photo a warp has its full reach towards it, in parts of the photo's side.
_REACH = 0.15


def carried(sitter: Sitter, shape: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A sitter's view with the face in another shape.

    Args:
        sitter: whose.
        shape: ``(468, 3)`` in pixels of the view.
        mask: ``(VIEW_PX, VIEW_PX)`` float32, carried along.

    Returns:
        ``(VIEW_PX, VIEW_PX, 3)`` float32 CIELAB, and the mask.
    """
    rim = _rim()
    before = np.concatenate([sitter.mesh[:, :2], rim])
    after = np.concatenate([shape[:, :2], rim])
    places = _within_photo(warp_map(before, after, VIEW_PX), sitter)
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    view = cv2.remap(sitter.view, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return to_lab(view), np.asarray(cv2.remap(mask, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _within_photo(places: np.ndarray, sitter: Sitter) -> np.ndarray:
    """Where pixels of the view come from, so that none inside the photo comes from beyond it.

    Args:
        places: ``(VIEW_PX, VIEW_PX, 2)`` float32.
        sitter: whose view.

    Returns:
        The same; the nearer an edge of the photo is, the less is taken from where it lies.
    """
    back, size = inverse(sitter.matrix), np.array(sitter.photo.shape[1::-1], np.float64)
    grid = np.stack(np.meshgrid(np.arange(VIEW_PX), np.arange(VIEW_PX)), -1)
    own, source = (transform_points(back, field.reshape(-1, 2) + 0.5) for field in (grid, places))
    inside = np.asarray(((own > 0) & (own < size)).all(1, keepdims=True))
    # From the upper left edges, then from the lower right ones.
    for edge, side in ((np.zeros(2), 1.0), (size, -1.0)):
        share = smoothstep((side * (own - edge) / (_REACH * size)).astype(np.float32), 0.0, 1.0)
        outwards = np.minimum(side * (source - own), 0)
        source -= side * (1 - share) * outwards
    kept = transform_points(sitter.matrix, np.clip(source, 0, size)) - 0.5
    return np.asarray(np.where(inside, kept, places.reshape(-1, 2)).reshape(places.shape), np.float32)


def _rim() -> np.ndarray:
    """Points around the view that stay where they are: ``(N, 2)``."""
    ticks = np.linspace(0, VIEW_PX - 1, 9)
    low, high = np.zeros_like(ticks), np.full_like(ticks, VIEW_PX - 1)
    sides = [(ticks, low), (ticks, high), (low[1:-1], ticks[1:-1]), (high[1:-1], ticks[1:-1])]
    return np.concatenate([np.column_stack(np.broadcast_arrays(*side)) for side in sides])


def turned_as(mesh: np.ndarray, own: np.ndarray) -> np.ndarray:
    """A face ``(468, 3)`` moved, turned in space and scaled to lie nearest to another."""
    still, goal = (np.delete(points, MOVING, 0) for points in (mesh, own))
    middle, wanted = still.mean(0), goal.mean(0)
    turn, scale = nearest_turn(still - middle, goal - wanted)
    return np.asarray((mesh - middle) @ turn.T * scale + wanted)


def inside_face(shape: np.ndarray) -> np.ndarray:
    """Where a face of a shape ``(468, 3)`` is, with a soft border: ``(VIEW_PX, VIEW_PX)`` float32 in 0 to 1."""
    inside = part_mask(shape[None], (FacePart.FACE,), (VIEW_PX, VIEW_PX), 0)
    away = cv2.distanceTransform((inside > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / VIEW_PX
    return smoothstep(away, _INSET, _INSET + _BORDER)


def bare(lab: np.ndarray, shape: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """Where a face is neither covered by hair nor by frames of glasses: skin, eyes, brows and lips.

    Args:
        lab: ``(VIEW_PX, VIEW_PX, 3)`` CIELAB.
        shape: ``(468, 3)`` of the face.
        tone: ``(3,)`` its mean colour.

    Returns:
        ``(VIEW_PX, VIEW_PX)`` float32 in 0 to 1.
    """
    features = expression_parts(shape[None], lab.shape)
    return np.asarray(np.maximum(features, skin_likeness(lab, tone)), np.float32)


def tone_of(sitter: Sitter) -> np.ndarray:
    """Mean colour of the skin of a face: ``(3,)`` CIELAB."""
    lab = to_lab(sitter.view)
    weights = skin_weights(lab, sitter.mask, sitter.landmarks)
    return mean_color(lab, weights)


def skin_of(lab: np.ndarray, own: Sitter, mask: np.ndarray) -> np.ndarray:
    """Where a change of the skin's colour is felt, neck and ears too: ``(VIEW_PX, VIEW_PX)`` float32 in 0 to 1."""
    weights = skin_weights(lab, mask, own.landmarks)
    return skin_mask(lab, mask, own.landmarks, weights)
