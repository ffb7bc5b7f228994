"""A sitter in the portrait frame, and what about the photo may spoil the painting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.faces.alignment import Crop
from portraitify.imaging.crop_window import WHOLE_CANVAS, Window

# Frame pixels for one of the photo, from which on a warning is due.
SMALL_FACE_SCALE = 2.5
BLURRED = 0.1


@dataclass(frozen=True)
class AlignedFace:
    """A sitter in the portrait frame.

    Attributes:
        pixels: ``(S, S, 3)`` uint8 RGB.
        valid: ``(S, S)`` uint8, 255 where the photo reaches, 0 where it was continued.
        landmarks: ``(5, 2)`` float64 in frame pixels.
        crop: where the portrait lies in the upright photo.
        box: ``(4,)`` float64 xyxy in pixels of the upright photo.
        score: detector's certainty, 0 to 1.
        turns: quarter turns counter-clockwise that made the photo upright.
        others: further faces in the photo that are not painted.
        number: of this face among those that are painted, from 1, left to right.
        count: how many of the photo's faces are painted.
        cut: whether the edge of the photo runs through the face.
        photo: digest of the photo, see :class:`portraitify.io.reading.SourceImage`.
        window: part of the frame that the painting will show.
        company: ``(N, 5, 2)`` float64, landmarks of further faces that are painted in the same frame.
        fine: ``(S2, S2, 3)`` uint8, the same frame with more pixels, for large paintings.
        views: ``(N, V, V, 3)`` uint8, the head at several distances, however the portrait is framed; by them
            the style is chosen. None where the photo itself is not at hand.
        full: ``(H, W, 3)`` uint8, the photo in the window at the painting's size, where it is needed.
    """

    pixels: np.ndarray
    valid: np.ndarray
    landmarks: np.ndarray
    crop: Crop
    box: np.ndarray
    score: float
    turns: int
    others: int
    number: int = 1
    count: int = 1
    cut: bool = False
    photo: str = ""
    window: Window = WHOLE_CANVAS
    company: np.ndarray = field(default_factory=lambda: np.zeros((0, 5, 2)))
    fine: np.ndarray | None = None
    views: np.ndarray | None = None
    full: np.ndarray | None = None

    @property
    def all_landmarks(self) -> np.ndarray:
        """Of this face and its company, ``(N, 5, 2)`` float64 in frame pixels."""
        return np.concatenate([self.landmarks[None], self.company])


def face_light(crop: np.ndarray, landmarks: np.ndarray) -> float:
    """Mean luma, 0 to 1, between the eyes and the mouth.

    Args:
        crop: ``(S, S, 3)`` uint8 RGB.
        landmarks: ``(5, 2)`` in frame pixels.
    """
    left, top = np.floor(landmarks.min(0)).astype(int).clip(0, crop.shape[0] - 2)
    right, bottom = np.ceil(landmarks.max(0)).astype(int).clip(1, crop.shape[0])
    part = crop[top : max(bottom, top + 1), left : max(right, left + 1)]
    return float(part.reshape(-1, 3).mean(0) @ [0.299, 0.587, 0.114] / 255)


def sharpness(crop: np.ndarray, landmarks: np.ndarray) -> float:
    """Finest detail of the eyes' region as a fraction of its contrast: 0.3 and more in a sharp photo.

    Args:
        crop: ``(S, S, 3)`` uint8 RGB.
        landmarks: ``(5, 2)`` in frame pixels.
    """
    eyes = landmarks[:2]
    reach = 0.5 * float(np.linalg.norm(eyes[1] - eyes[0]))
    left, top = np.floor(eyes.min(0) - reach).astype(int).clip(0)
    right, bottom = np.ceil(eyes.max(0) + reach).astype(int)
    part = crop[top:bottom, left:right]
    if min(part.shape[:2]) < 8:
        return 1.0
    # Always the same number of pixels between the eyes, so that the frame's size does not matter.
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
    if face.cut:
        found.append("the edge of the photo cuts the face")
    elif face.crop.coverage < 0.9:
        found.append("the photo is cut close to the face, so a part of the painting is made up")
    whose = f"face {face.number}: " if face.count > 1 else ""
    return tuple(f"{whose}{text}" for text in found) + tuple(_about_all(face))


def _about_all(face: AlignedFace) -> Iterator[str]:
    if face.others:
        total = face.others + face.count
        yield f"{total} faces were found and {face.count} painted; --faces all paints each"
