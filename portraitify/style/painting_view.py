"""A painting as the style encoder sees it: one face in its crop, and where its subject is.

Training prepares its paintings likewise (:mod:`portraitify.data.preparation`),
with other networks for faces and subjects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.errors import AlignmentError, NoFaceError
from portraitify.faces.aligned_face import face_light
from portraitify.faces.alignment import continue_smoothly, fit_crop, warp_with_validity
from portraitify.faces.detection import FaceDetector, Faces
from portraitify.faces.face_mesh import FaceMesh
from portraitify.faces.search import find_faces
from portraitify.imaging.affine import transform_points
from portraitify.imaging.bust import bust_mask
from portraitify.imaging.manner import Manner
from portraitify.style.attributes import measure
from portraitify.style.reference import traits_of

# Side of the crops that are kept of paintings, and of the view that is encoded, pixels.
PACKED_PX, VIEW_PX = 448, 160
TIGHTEST_IOD = 0.42
# Smaller faces, by the distance between their eyes, tell nothing of how they are painted.
LEAST_EYES_PX = 14
# Share of the crop that a sitter covers.
MIN_SUBJECT, MAX_SUBJECT = 0.12, 0.985
# Cells of the map of a ground's colours, along its side.
GROUND_CELLS = 4
# Width of the rim where the ground of a given picture is looked for, and how much of the picture must show it there.
_RIM, _ENOUGH_GROUND = 0.14, 0.02
# Values of the mask from which on something is no ground, and how far that reaches beyond it, pixels.
_NO_GROUND, _NO_GROUND_REACH_PX = 40, 13
# Where nobody is seen, all of the picture tells of the subject, and of the ground as much.
_NOBODY = 128


@dataclass(frozen=True)
class PaintingView:
    """A painting in its crop.

    Attributes:
        pixels: ``(S, S, 3)`` uint8 RGB.
        masks: ``(S, S, 2)`` uint8: the subject, and where the picture reaches; 255 is inside.
        landmarks: ``(5, 2)`` float64 in crop pixels; None where no face was found.
    """

    pixels: np.ndarray
    masks: np.ndarray
    landmarks: np.ndarray | None = None

    def small(self) -> tuple[np.ndarray, np.ndarray]:
        """Pixels and masks at the size that is encoded: ``(VIEW_PX, VIEW_PX, 3)`` and ``(..., 2)`` uint8."""
        method = cv2.INTER_AREA if len(self.pixels) > VIEW_PX else cv2.INTER_CUBIC
        size = (VIEW_PX, VIEW_PX)
        pixels, masks = (cv2.resize(each, size, interpolation=method) for each in (self.pixels, self.masks))
        return pixels, masks

    def ground(self) -> np.ndarray:
        """Coarse colours behind the subject, see :func:`ground_colours`; of all of it where nobody is seen.

        They are taken beside the head and above it, near the edges: veils and wide collars look like ground.
        """
        if self.landmarks is None:
            return ground_colours(self.pixels, self.masks * np.array([0, 1], np.uint8))
        side = len(self.pixels)
        rim, mouth = round(_RIM * side), round(float(self.landmarks[3:, 1].mean()))
        bust = bust_mask(self.landmarks, side)
        bust[rim:, rim : side - rim] = bust[max(mouth, rim) :] = 255
        taken = np.maximum(self.masks[..., 0], bust)
        # A mask that takes all of the picture for the subject knows less than the rim does.
        taken = taken if (taken < _NO_GROUND).mean() > _ENOUGH_GROUND else bust
        return ground_colours(self.pixels, np.dstack([taken, self.masks[..., 1]]))

    def light(self) -> float:
        """Mean luma of the painted face, 0 to 1; of the picture where there is none."""
        if self.landmarks is None:
            return float(self.pixels.reshape(-1, 3).mean(0) @ [0.299, 0.587, 0.114] / 255)
        return face_light(self.pixels, self.landmarks)

    def manner(self) -> Manner | None:
        """Tones, colours and texture, which a painting after it borrows; nothing without a face."""
        if self.landmarks is None:
            return None
        return Manner.of(self.pixels, self.masks[..., 0].astype(np.float32) / 255, self.landmarks)

    def traits(self) -> dict[str, float]:
        """What the bank keeps of a painting; nothing without a face."""
        if self.landmarks is None:
            return {}
        return traits_of(measure(self.pixels, self.masks[..., 0].astype(np.float32) / 255, self.landmarks))


def view_painting(
    image: np.ndarray, detector: FaceDetector, mesh: FaceMesh, mask_of: Callable[[np.ndarray], np.ndarray]
) -> PaintingView:
    """Align and mask a painting.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        detector: finds upright faces.
        mesh: tells whether they are faces, and upright.
        mask_of: gives the subject mask ``(S, S)`` float32 of a crop ``(S, S, 3)`` uint8.

    Returns:
        The largest face in its crop; the square in the middle of the picture where none is found.
    """
    try:
        faces = find_faces(detector, mesh, image)
        upright = np.ascontiguousarray(np.rot90(image, faces.quarter_turns))
        return _aligned(upright, _largest(faces), mask_of)
    except (NoFaceError, AlignmentError):
        return _middle(image)


def ground_colours(pixels: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """A coarse map of the colours behind a painting's subject.

    Args:
        pixels: ``(S, S, 3)`` uint8.
        masks: ``(S, S, 2)`` uint8: the subject, and where the picture reaches.

    Returns:
        ``(GROUND_CELLS, GROUND_CELLS, 3)`` float32 in 0 to 1; behind the subject it is continued.
    """
    subject = (masks[..., 0] > _NO_GROUND).astype(np.uint8)
    away = cv2.dilate(subject, np.ones((_NO_GROUND_REACH_PX,) * 2, np.uint8)) == 0
    seen = (away & (masks[..., 1] > 0)).astype(np.uint8) * 255
    filled = continue_smoothly(pixels, seen)
    return cv2.resize(filled.astype(np.float32) / 255, (GROUND_CELLS, GROUND_CELLS), interpolation=cv2.INTER_AREA)


def _largest(faces: Faces) -> np.ndarray:
    """Landmarks ``(5, 2)`` of the face that is largest where it is certain.

    Raises:
        NoFaceError: it is too small.
    """
    widths = faces.boxes[:, 2] - faces.boxes[:, 0]
    landmarks = np.asarray(faces.landmarks[int(np.argmax(widths * faces.scores))])
    if np.linalg.norm(landmarks[1] - landmarks[0]) < LEAST_EYES_PX:
        raise NoFaceError("The face is too small.")
    return landmarks


def _aligned(upright: np.ndarray, landmarks: np.ndarray, mask_of: Callable[[np.ndarray], np.ndarray]) -> PaintingView:
    crop = fit_crop(landmarks, upright.shape[1], upright.shape[0], PACKED_PX, tightest=TIGHTEST_IOD)
    pixels, valid = warp_with_validity(upright, crop.matrix, PACKED_PX)
    points = transform_points(crop.matrix, landmarks)
    mask = (mask_of(pixels) * 255 + 0.5).astype(np.uint8)
    if not MIN_SUBJECT < float((mask > 127).mean()) < MAX_SUBJECT:
        # Line drawings hide their sitters from the network; a bust stands where the face says.
        mask = bust_mask(points, PACKED_PX)
    return PaintingView(pixels, np.dstack([np.where(valid > 0, mask, 0).astype(np.uint8), valid]), points)


def _middle(image: np.ndarray) -> PaintingView:
    """The square in the middle of a picture that shows nobody."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = np.ascontiguousarray(image[top : top + side, left : left + side])
    method = cv2.INTER_AREA if side > PACKED_PX else cv2.INTER_CUBIC
    pixels = cv2.resize(square, (PACKED_PX, PACKED_PX), interpolation=method)
    masks = np.full((PACKED_PX, PACKED_PX, 2), (_NOBODY, 255), np.uint8)
    return PaintingView(pixels, masks)
