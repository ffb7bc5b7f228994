"""A sitter in a photo, ready to be blended with others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.engines.base import Engine
from portraitify.errors import AlignmentError, NoFaceError
from portraitify.faces.alignment import continue_smoothly, warp_with_validity
from portraitify.faces.face_mesh import meshes_of, square_of
from portraitify.faces.search import find_faces
from portraitify.imaging.affine import composed, inverse, scale_of, transform_points
from portraitify.io.reading import SourceImage

# Side of the view, and how much wider than the square of the face it is: hair and shoulders lie in it.
VIEW_PX, _WIDER = 768, 1.9
# Rim of the view on which it fades into its photo, in parts of the side.
_FADE = 0.06


@dataclass(frozen=True)
class Sitter:
    """The most prominent face of a photo, seen upright.

    Attributes:
        photo: ``(H, W, 3)`` uint8 RGB, upright.
        matrix: ``(2, 3)`` float64 from its pixels to those of the view.
        view: ``(VIEW_PX, VIEW_PX, 3)`` uint8, the head and what is around it.
        mesh: ``(468, 3)`` float64 in pixels of the view.
        landmarks: ``(5, 2)`` float64 in pixels of the view.
        mask: ``(VIEW_PX, VIEW_PX)`` float32 in 0 to 1, where the sitter is.
        name: of the photo.
        digest: of its bytes.
    """

    photo: np.ndarray
    matrix: np.ndarray
    view: np.ndarray
    mesh: np.ndarray
    landmarks: np.ndarray
    mask: np.ndarray
    name: str
    digest: str

    def with_view(self, view: np.ndarray) -> np.ndarray:
        """The photo with another view ``(VIEW_PX, VIEW_PX, 3)`` uint8 in its place: the same shape as ``photo``."""
        size, back = self.photo.shape[1::-1], inverse(self.matrix)
        ramp = np.minimum(np.arange(VIEW_PX) + 1, np.arange(VIEW_PX, 0, -1)) / (_FADE * VIEW_PX)
        share = np.clip(np.minimum(ramp[:, None], ramp), 0, 1).astype(np.float32)
        inside = np.asarray(cv2.warpAffine(share, back, size, flags=cv2.INTER_LINEAR))[..., None]
        placed = cv2.warpAffine(view, back, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        mixed = self.photo + (placed.astype(np.float32) - self.photo) * inside
        return np.asarray(np.clip(mixed + 0.5, 0, 255), np.uint8)


def find_sitter(image: SourceImage, engine: Engine) -> Sitter:
    """Find whom a photo shows.

    Args:
        image: the photo.
        engine: runs the networks.

    Raises:
        NoFaceError: it shows no face.
        AlignmentError: the face is turned so far, or so covered, that its geometry is not clear.
    """
    try:
        faces = find_faces(engine.detector, engine.face_mesh, image.pixels)
    except NoFaceError as error:
        raise NoFaceError(f"{image.name}: no face was found.") from error
    photo = np.ascontiguousarray(np.rot90(image.pixels, faces.quarter_turns))
    landmarks = faces.landmarks[0]
    meshes = meshes_of(engine.face_mesh, photo, landmarks[None])
    if not len(meshes):
        raise AlignmentError(f"{image.name}: the face is turned too far, or covered. Take one seen from the front.")
    square = square_of(landmarks)
    matrix = _closer(replace(square, side=_WIDER * square.side).matrix(VIEW_PX), photo)
    view, valid = warp_with_validity(photo, matrix, VIEW_PX)
    # What a changed face pulls in from beyond the photo must not be black.
    view = continue_smoothly(view, valid)
    mesh = np.column_stack([transform_points(matrix, meshes[0, :, :2]), meshes[0, :, 2] * scale_of(matrix)])
    mask = _mask_of(view, valid, engine)
    return Sitter(photo, matrix, view, mesh, transform_points(matrix, landmarks), mask, image.name, image.digest)


def _closer(matrix: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """The matrix ``(2, 3)`` to a view that is filled by as much of the photo as it would show anyway."""
    height, width = photo.shape[:2]
    corners = transform_points(matrix, np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64))
    low, high = np.clip(corners.min(0), 0, VIEW_PX), np.clip(corners.max(0), 0, VIEW_PX)
    scale = VIEW_PX / max(float((high - low).max()), 1.0)
    return composed(np.column_stack([np.eye(2) * scale, VIEW_PX / 2 - scale * (low + high) / 2]), matrix)


def _mask_of(view: np.ndarray, valid: np.ndarray, engine: Engine) -> np.ndarray:
    """Where the sitter is, looked for in what the photo shows of a view: what goes on beyond it looks like a frame."""
    x, y, width, height = cv2.boundingRect(valid)
    side = (VIEW_PX, VIEW_PX)
    shown = cv2.resize(view[y : y + height, x : x + width], side, interpolation=cv2.INTER_LINEAR)
    mask = np.zeros(side, np.float32)
    found = cv2.resize(engine.subject_mask(shown), (width, height), interpolation=cv2.INTER_AREA)
    mask[y : y + height, x : x + width] = found
    return mask * (valid > 0)
