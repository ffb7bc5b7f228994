"""What is done to a finished painting with a look back at its photo."""

from __future__ import annotations

import numpy as np

from portraitify.config import KEEP, PaintConfig
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.bands import resample
from portraitify.imaging.manner import Manner
from portraitify.media.base import Medium
from portraitify.painting.color import keep_color, match_skin_tone
from portraitify.painting.strength import blend_with_photo

# In a crowd each is too small for the tone of skin to be told.
_MOST_FACES = 8


def adjust_to_photo(
    painted: np.ndarray, face: AlignedFace, subject_mask: np.ndarray, medium: Medium, config: PaintConfig
) -> np.ndarray:
    """Hold the skin's tone, keep the photo's hues, and paint only so far, as the options ask for.

    Args:
        painted: ``(H, W, 3)`` uint8, what the window of the crop shows.
        face: the crop of the photo.
        subject_mask: float32 in 0 to 1, square and of any size, of the whole crop.
        medium: of the painting.
        config: the options.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    photo = face.window.cut(face.pixels)
    subject_mask, landmarks = _in_window(face, subject_mask)
    if config.skin_tone == KEEP and medium.hue_tolerance is not None:
        for points in landmarks[:_MOST_FACES]:
            painted = match_skin_tone(painted, photo, subject_mask, points, medium.hue_tolerance)
    if config.keep_color:
        painted = keep_color(painted, photo, subject_mask, medium.tint_share)
    if config.strength < 1:
        below = resample(photo, painted.shape[1::-1]) if face.renditions.photo is None else face.renditions.photo
        painted = blend_with_photo(painted, below, subject_mask, landmarks, config.strength, medium.strength)
    return painted


def take_manner(
    painted: np.ndarray, face: AlignedFace, subject_mask: np.ndarray, medium: Medium, manner: Manner | None
) -> np.ndarray:
    """Lend a painting the manner of the picture that it is painted after, if that has one.

    Args:
        painted: ``(H, W, 3)`` uint8, what the window of the crop shows.
        face: the crop of the photo.
        subject_mask: float32 in 0 to 1, square and of any size, of the whole crop.
        medium: of the painting; of a drawing only paper and ink change.
        manner: of the picture.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    if manner is None:
        return painted
    if medium.monochrome:
        return manner.lend_to_drawing(painted)
    subject_mask, landmarks = _in_window(face, subject_mask)
    return manner.lend(painted, subject_mask, landmarks * (painted.shape[1] / subject_mask.shape[1]))


def _in_window(face: AlignedFace, subject_mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the window shows of a mask ``(S, S)``, at the crop's size, and where the faces are in it."""
    cut = face.window.cut(resample(subject_mask, face.pixels.shape[1::-1]))
    return cut, face.all_landmarks - face.window.box(len(face.pixels))[:2]
