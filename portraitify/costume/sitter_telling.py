"""Where the sitter of a painting is: by what the mask's network sees in it, the place of the face, and its colours.

The network has learnt from photos. Of a painting on a dark ground it may take
all for the sitter, but hardly twice the same: so it looks at several views,
near and far, as they are and lightened. Colours tell the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.faces.alignment import warp
from portraitify.imaging.affine import between_pixel_centres, composed, inverse, transform_points
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.head_areas import below_neck, face_areas, face_height
from portraitify.imaging.morphology import touching

# Gives the subject probability (S, S) float32 of a crop (S, S, 3) uint8.
MaskOf = Callable[[np.ndarray], np.ndarray]
# Side of the views that the network sees, pixels; how much each shows, and how much of it lies above the forehead, in
# heights of the face and parts of the view.
_VIEW_PX, _REACHES, _ABOVE = 384, (3.6, 3.0, 2.5), 0.27
# Each is seen as it is, and with its contrast stretched and its darks lifted: exponents, and the percentiles that
# become black and white.
_LIFTED, _ENDS = (0.6, 0.4), (1.0, 99.0)
# Surer than this the network is not to be believed.
_SUREST = 0.98
# Side of the square in which colours are told apart, pixels, rounds of that, and how softly its border counts, pixels.
_CUT_PX, _ROUNDS, _CUT_SIGMA = 192, 3, 2.0
# Farther from the face than this distance counts no more, heights of the face.
_FARTHEST = 1.0
# Log-odds of the sitter, by a logistic regression on the 31 pictures that ship and whose outlines were drawn by hand.
# At first by the network's log-odds and by each height of the face of distance; then by those, by what colours say (-2
# to 2), and by each height of the face below the chin.
_FIRST = {"network": 0.43, "distance": -5.8, "bias": 1.74}
_THEN = {"network": 0.29, "colour": 0.69, "distance": -5.0, "below": -0.8, "bias": 1.61}
# Around the chin, in heights of the face, that ends: shoulders may be far from the face.
_SHOULDERS_BEGIN = (-0.1, 0.2)
# Where shoulders are looked for: below the chin, in heights of the face, by how much the line falls with each pixel
# beside; and what is dress for certain: so far below the chin and beside the middle.
_SHOULDERS, _FALL, _DRESS = 0.1, -0.25, (0.7, 0.7)
# What is ground for certain: so far beside the face's middle above the chin, and so far above the chin.
_BESIDE, _HIGH = 1.25, 1.9
# Around the head, in heights of the face, doubt counts.
_NEAR = 0.8
_FOREHEAD, _CHIN = 10, 152


@dataclass(frozen=True)
class Telling:
    """The sitter in a square.

    Attributes:
        subject: ``(S, S)`` bool.
        doubt: 0 to 1, how unsure that is around the head.
    """

    subject: np.ndarray
    doubt: float


@dataclass(frozen=True)
class _Place:
    """Where the pixels of a square lie, by its face; ``(S, S)`` float32 each, in heights of the face.

    Attributes:
        mesh: ``(468, 3)`` in pixels of the square.
        beside: distance from the middle of the face to both sides.
        below: distance below the chin; negative above it.
        away: distance from the face.
    """

    mesh: np.ndarray
    beside: np.ndarray
    below: np.ndarray
    away: np.ndarray

    @classmethod
    def of(cls, mesh: np.ndarray, side: int) -> _Place:
        height = face_height(mesh)
        columns, rows = np.arange(side) + 0.5, np.arange(side)[:, None] + 0.5
        outside = (face_areas(mesh[None], side, 1.0) < 0.5).astype(np.uint8)
        away = cv2.distanceTransform(outside, cv2.DIST_L2, 5) / height
        shape = np.ones((side, side), np.float32)
        beside, below = np.abs(columns - mesh[:, 0].mean()) / height, (rows - mesh[_CHIN, 1]) / height
        return cls(mesh, beside * shape, below * shape, away)


def tell_sitter(image: np.ndarray, points: np.ndarray, matrix: np.ndarray, side: int, mask_of: MaskOf) -> Telling:
    """Find the sitter of a painting.

    Sources: Rother, Kolmogorov and Blake, GrabCut, SIGGRAPH 2004, for the colours.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        points: ``(468, 3)`` of the sitter's face, in its pixels.
        matrix: ``(2, 3)`` from its pixels to those of the square in which the answer is given.
        side: of that square, pixels.
        mask_of: the network.
    """
    onto = matrix * (_CUT_PX / side)
    pixels = warp(image, onto, _CUT_PX, cv2.BORDER_REFLECT_101)
    mesh = np.column_stack([transform_points(onto, points[:, :2]), points[:, 2]])
    place = _Place.of(mesh, _CUT_PX)
    network = _seen(image, points, onto, mask_of)
    away = np.minimum(place.away, _FARTHEST)
    first = _FIRST["network"] * network + _FIRST["distance"] * away + _FIRST["bias"]
    colour = 4 * blur(_cut(pixels, place, first > 0), _CUT_SIGMA) - 2
    then = _THEN["network"] * network + _THEN["colour"] * colour
    of_head = _THEN["distance"] * away + _THEN["below"] * place.below + _THEN["bias"]
    odds = then + of_head * (1 - smoothstep(place.below, *_SHOULDERS_BEGIN))
    likely = (1 / (1 + np.exp(-odds))).astype(np.float32)
    near = (place.away < _NEAR) & (place.below < 0)
    doubt = float((4 * likely * (1 - likely))[near].mean()) if near.any() else 1.0
    whole = cv2.resize(likely, (side, side), interpolation=cv2.INTER_CUBIC) > 0.5
    full = mesh * (side / _CUT_PX)
    return Telling(touching(whole, face_areas(full[None], side, 0.5) > 0.5), doubt)


def _seen(image: np.ndarray, points: np.ndarray, onto: np.ndarray, mask_of: MaskOf) -> np.ndarray:
    """Mean log-odds ``(C, C)`` float32 of the sitter in all views; where none shows anything it is ground."""
    total = np.zeros((_CUT_PX, _CUT_PX), np.float32)
    shown = np.zeros_like(total)
    size, limit = (_CUT_PX, _CUT_PX), 1 - _SUREST
    for matrix in _views(image, points):
        pixels = warp(image, matrix, _VIEW_PX, cv2.BORDER_REFLECT_101)
        back = between_pixel_centres(composed(onto, inverse(matrix)))
        inside = cv2.warpAffine(np.ones((_VIEW_PX, _VIEW_PX), np.float32), back, size)
        for look in _looks(pixels):
            likely = np.clip(mask_of(look), limit, _SUREST)
            total += cv2.warpAffine(np.log(likely / (1 - likely)), back, size) * inside
            shown += inside
    ground = float(np.log(limit / _SUREST))
    return np.asarray(np.where(shown > 0, total / np.maximum(shown, 1e-3), ground), np.float32)


def _views(image: np.ndarray, points: np.ndarray) -> Iterator[np.ndarray]:
    """Squares around a face, within the picture where that is large enough: ``(2, 3)`` each, to pixels of the view."""
    height = face_height(points)
    for reach in _REACHES:
        side = reach * height
        corner = [float(points[:, 0].mean()) - side / 2, float(points[_FOREHEAD, 1]) - _ABOVE * side]
        for axis, length in enumerate(image.shape[1::-1]):
            corner[axis] = float(np.clip(corner[axis], 0, length - side)) if length >= side else (length - side) / 2
        scale = _VIEW_PX / side
        yield np.array([[scale, 0, -scale * corner[0]], [0, scale, -scale * corner[1]]])


def _looks(pixels: np.ndarray) -> Iterator[np.ndarray]:
    yield pixels
    low, high = np.percentile(pixels, _ENDS)
    stretched = np.clip((pixels.astype(np.float32) - low) / max(float(high - low), 1.0), 0, 1)
    for exponent in _LIFTED:
        yield np.rint(255 * stretched**exponent).astype(np.uint8)


def _cut(pixels: np.ndarray, place: _Place, likely: np.ndarray) -> np.ndarray:
    """The sitter by colours, ``(C, C)`` float32 of 0 and 1, beginning with what is likely."""
    shoulders = below_neck(place.mesh[None], _CUT_PX, _SHOULDERS, _FALL) > 0.5
    labels = np.where(likely | shoulders, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[((place.beside > _BESIDE) & (place.below < 0)) | (place.below < -_HIGH)] = cv2.GC_BGD
    labels[face_areas(place.mesh[None], _CUT_PX, 0.95) > 0.5] = cv2.GC_FGD
    labels[(place.below > _DRESS[0]) & (place.beside < _DRESS[1])] = cv2.GC_FGD
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    cv2.grabCut(bgr, labels, (0, 0, 1, 1), *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.asarray((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), np.float32)
