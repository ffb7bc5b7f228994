"""A sitter in a master's picture, and where in it everything was put."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.costume.dressing import Dressed
from portraitify.costume.placement import neck_axis
from portraitify.evaluation.skin_samples import sample
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import transform_points
from portraitify.imaging.face_parts import FacePart, outline_of, outline_width, part_mask
from portraitify.imaging.morphology import disc

# Half the side of what a recogniser is shown, in distances between the eyes: a face and what is around it.
_SHOWN = 2.6
# A neck lies so far above and below the chin and so far beside its axis, and this far from the face, in widths of the
# face; and so much of it must be seen, in squares of those.
_ABOVE, _BELOW, _BESIDE, _FROM_FACE, _LEAST_NECK = 0.3, 0.7, 0.45, 0.05, 0.01
# From which share on something is there, and up to which it is not.
_THERE, _GONE = 0.9, 0.1
# Every so many pixels of the canvas count.
_STEP_PX = 3


class CostumeResult:
    """The finished picture.

    Args:
        face: the sitter in the crop, with a mesh.
        dressed: the sitter before the finish.
        pixels: ``(H, W, 3)`` uint8, the picture.

    Attributes:
        face: the same.
        dressed: the same.
        pixels: the same.
        landmarks: ``(5, 2)`` float64 in pixels of the picture.
        eyes_px: distance between the eyes.
    """

    def __init__(self, face: AlignedFace, dressed: Dressed, pixels: np.ndarray):
        self.face, self.dressed, self.pixels = face, dressed, pixels
        self._matrix = dressed.matrix * (max(pixels.shape[:2]) / max(dressed.master.plate.shape[:2]))
        self.landmarks = self.put(face.landmarks)
        self.eyes_px = float(np.linalg.norm(self.landmarks[1] - self.landmarks[0]))

    def put(self, in_crop: np.ndarray) -> np.ndarray:
        """Where points ``(N, 2)`` or ``(N, 3)`` of the crop lie in the picture, ``(N, 2)`` float64."""
        return transform_points(self._matrix, self.dressed.points(in_crop)[..., :2])

    def uncovered(self, in_crop: np.ndarray) -> np.ndarray:
        """Of points ``(N, 2)`` of the crop those where the picture shows the sitter, and no hat or collar."""
        return np.asarray(in_crop[sample(self.dressed.own, self.dressed.points(in_crop)) > _THERE])

    def around_face(self) -> tuple[np.ndarray, np.ndarray]:
        """What of the picture lies around the face, and where its corner ``(2,)`` is."""
        return cut_around(self.pixels, self.landmarks.mean(0), _SHOWN * self.eyes_px)

    def neck_points(self) -> np.ndarray:
        """Points ``(N, 2)`` of the picture on neck and throat; none where too little of them is seen."""
        dressed, masks = self.dressed, self.dressed.master.masks
        mesh = dressed.points(self.face.meshes[0])
        points = _throat(mesh, len(dressed.own))
        on_plate = transform_points(dressed.matrix, points)
        before, body, skin = (sample(mask, on_plate) / 255 for mask in (masks.before, masks.body, masks.skin))
        seen = (np.maximum(sample(dressed.own, points), skin) > _THERE) & (np.maximum(before, body) < _GONE)
        points = points[seen & (sample(dressed.hair, points) < _GONE)]
        if len(points) * _STEP_PX**2 < _LEAST_NECK * outline_width(mesh) ** 2:
            points = points[:0]
        return transform_points(self._matrix, points)


def cut_around(pixels: np.ndarray, middle: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """A square part of a picture, as far as the picture goes.

    Args:
        pixels: ``(H, W, 3)``.
        middle: ``(2,)`` in its pixels.
        reach: half the side, pixels.

    Returns:
        The part, and ``(2,)`` where its corner lies.
    """
    left, top = (max(int(low), 0) for low in middle - reach)
    right, bottom = (max(int(high), 1) for high in middle + reach)
    return pixels[top:bottom, left:right], np.array([left, top], float)


def _throat(mesh: np.ndarray, size_px: int) -> np.ndarray:
    """Points ``(N, 2)`` below the jaw of a mesh ``(468, 3)`` on a square canvas, whatever is there."""
    width, axis = outline_width(mesh), neck_axis(mesh)[0]
    chin = float(outline_of(mesh, FacePart.FACE)[:, 1].max())
    columns = np.arange(max(axis - _BESIDE * width, 0), min(axis + _BESIDE * width, size_px - 1), _STEP_PX)
    rows = np.arange(max(chin - _ABOVE * width, 0), min(chin + _BELOW * width, size_px - 1), _STEP_PX)
    points = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
    face = part_mask(mesh[None], (FacePart.FACE,), (size_px, size_px), 0)
    below = points[:, 1] > _jaw_at(mesh, points[:, 0])
    return np.asarray(points[(sample(cv2.dilate(face, disc(_FROM_FACE * width)), points) < _GONE) & below])


def _jaw_at(mesh: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """How low the face reaches at columns; above its middle where it does not reach them."""
    outline = outline_of(mesh, FacePart.FACE)
    lower = outline[outline[:, 1] > outline[:, 1].mean()]
    order = np.argsort(lower[:, 0])
    return np.asarray(np.interp(columns, lower[order, 0], lower[order, 1]))
