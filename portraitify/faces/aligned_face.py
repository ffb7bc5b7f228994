"""A sitter in the portrait crop, and what about the photo may spoil the painting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from portraitify.faces.alignment import Crop
from portraitify.faces.face_mesh import POINTS
from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow

# Crop pixels for one of the photo, from which on a warning is due.
SMALL_FACE_SCALE = 2.5
BLURRED = 0.1


@dataclass(frozen=True)
class FaceSource:
    """Where a face was found, and which of a photo's faces it is.

    Attributes:
        box: ``(4,)`` float64 xyxy in pixels of the upright photo.
        score: detector's certainty, 0 to 1.
        quarter_turns: counter-clockwise, that made the photo upright.
        cut_by_edge: whether the edge of the photo runs through the face.
        photo: digest of the photo, see :class:`portraitify.io.reading.SourceImage`.
        number: of this face among those that are painted, from 1, left to right.
        count: how many of the photo's faces are painted.
        unpainted: further faces in the photo.
        name: what to call the photo in messages.
    """

    box: np.ndarray
    score: float
    quarter_turns: int = 0
    cut_by_edge: bool = False
    photo: str = ""
    number: int = 1
    count: int = 1
    unpainted: int = 0
    name: str = ""


@dataclass(frozen=True)
class Renditions:
    """The same photo cut out again for other uses; None where it is not needed, or the photo is not at hand.

    Attributes:
        detail: ``(S2, S2, 3)`` uint8, the same crop with more pixels, for large paintings.
        heads: ``(N, V, V, 3)`` uint8, the head at several distances, however the portrait is cropped; by them the
            style is chosen.
        photo: ``(H, W, 3)`` uint8, what the window shows at the painting's size.
    """

    detail: np.ndarray | None = None
    heads: np.ndarray | None = None
    photo: np.ndarray | None = None


@dataclass(frozen=True)
class AlignedFace:
    """A subject in the portrait crop.

    Attributes:
        pixels: ``(S, S, 3)`` uint8 RGB.
        valid: ``(S, S)`` uint8, 255 where the photo reaches, 0 where it was continued.
        landmarks: ``(5, 2)`` float64 in crop pixels.
        crop: where it lies in the upright photo.
        source: the face in its photo.
        window: part of the crop that the painting will show.
        other_landmarks: ``(N, 5, 2)`` float64 of further faces that are painted in the same crop.
        renditions: cut out for other uses.
        subject_mask: ``(S, S)`` float32 in 0 to 1, where the mask's network would err by the crop alone.
        meshes: ``(M, 468, 3)`` float64 in crop pixels, the geometry of those faces that are seen clearly enough; see
            :class:`portraitify.faces.face_mesh.FaceGeometry`.
    """

    pixels: np.ndarray
    valid: np.ndarray
    landmarks: np.ndarray
    crop: Crop
    source: FaceSource
    window: CropWindow = WHOLE_CANVAS
    other_landmarks: np.ndarray = field(default_factory=lambda: np.zeros((0, 5, 2)))
    renditions: Renditions = field(default_factory=Renditions)
    subject_mask: np.ndarray | None = None
    meshes: np.ndarray = field(default_factory=lambda: np.zeros((0, POINTS, 3)))

    @property
    def all_landmarks(self) -> np.ndarray:
        """Of this face and the others in the crop, ``(N, 5, 2)`` float64 in crop pixels."""
        return np.concatenate([self.landmarks[None], self.other_landmarks])

    @property
    def shown_valid(self) -> np.ndarray:
        """As ``valid``, but 255 outside the window and at its rim too: a photo that ends with it cuts nobody in it."""
        if self.valid.all() or self.window == WHOLE_CANVAS:
            return self.valid
        left, top, right, bottom = self.window.box(len(self.valid))
        shown = np.full_like(self.valid, 255)
        # The rim that resampling mixes with what lies outside the photo is too narrow to be seen.
        shown[top:bottom, left:right] = cv2.dilate(self.valid[top:bottom, left:right], np.ones((5, 5), np.uint8))
        return shown

    def of_photo(self, **which: Any) -> AlignedFace:
        """The same face knowing more of its photo; see :class:`FaceSource`."""
        return replace(self, source=replace(self.source, **which))

    def shows(self, points: np.ndarray) -> np.ndarray:
        """Which points ``(N, 2)`` or ``(N, 3)`` of the crop lie in the photo, ``(N,)`` bool."""
        columns, rows = np.floor(points[:, :2]).astype(int).T
        within = (np.minimum(columns, rows) >= 0) & (np.maximum(columns, rows) < len(self.valid))
        last = len(self.valid) - 1
        return np.asarray(within & (self.valid[np.clip(rows, 0, last), np.clip(columns, 0, last)] > 0))

    def moved(self, offset: tuple[int, int]) -> AlignedFace:
        """The same face in a photo that goes on to the left and above by so many pixels more."""
        if not any(offset):
            return self
        matrix = self.crop.matrix.copy()
        matrix[:, 2] -= matrix[:, :2] @ offset
        box = self.source.box + np.tile(offset, 2)
        return replace(self, crop=replace(self.crop, matrix=matrix), source=replace(self.source, box=box))


def face_light(crop: np.ndarray, landmarks: np.ndarray) -> float:
    """Mean luma, 0 to 1, between the eyes and the mouth.

    Args:
        crop: ``(S, S, 3)`` uint8 RGB.
        landmarks: ``(5, 2)`` in crop pixels.
    """
    left, top = np.floor(landmarks.min(0)).astype(int).clip(0, crop.shape[0] - 2)
    right, bottom = np.ceil(landmarks.max(0)).astype(int).clip(1, crop.shape[0])
    part = crop[top : max(bottom, top + 1), left : max(right, left + 1)]
    return float(part.reshape(-1, 3).mean(0) @ [0.299, 0.587, 0.114] / 255)


def sharpness(crop: np.ndarray, landmarks: np.ndarray) -> float:
    """Finest detail of the eyes' region as a fraction of its contrast: 0.3 and more in a sharp photo.

    Args:
        crop: ``(S, S, 3)`` uint8 RGB.
        landmarks: ``(5, 2)`` in crop pixels.
    """
    eyes = landmarks[:2]
    reach = 0.5 * float(np.linalg.norm(eyes[1] - eyes[0]))
    left, top = np.floor(eyes.min(0) - reach).astype(int).clip(0)
    right, bottom = np.ceil(eyes.max(0) + reach).astype(int)
    part = crop[top:bottom, left:right]
    if min(part.shape[:2]) < 8:
        return 1.0
    # Always the same number of pixels between the eyes, so that the crop's size does not matter.
    width = 96
    size = (width, max(8, round(part.shape[0] * width / part.shape[1])))
    method = cv2.INTER_AREA if part.shape[1] > width else cv2.INTER_CUBIC
    light = cv2.cvtColor(cv2.resize(part, size, interpolation=method), cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(cv2.Laplacian(light, cv2.CV_32F).std() / (light.std() + 4))


def face_warnings(face: AlignedFace) -> tuple[str, ...]:
    """What about a face in its photo may spoil its painting, for people."""
    found = []
    if face.crop.scale > SMALL_FACE_SCALE:
        found.append("the face is small in the photo, so the painting lacks detail")
    elif sharpness(face.pixels, face.landmarks) < BLURRED:
        found.append("the face is blurred in the photo, so the painting lacks detail")
    if face.source.cut_by_edge:
        found.append("the edge of the photo cuts the face")
    elif face.crop.coverage < 0.9:
        found.append("the photo is cut close to the face, so a part of the painting is made up")
    whose = f"face {face.source.number}: " if face.source.count > 1 else ""
    return tuple(f"{whose}{text}" for text in found) + tuple(_about_all(face))


def _about_all(face: AlignedFace) -> Iterator[str]:
    if face.source.unpainted:
        total = face.source.unpainted + face.source.count
        yield f"{total} faces were found and {face.source.count} painted; --faces all paints each"
