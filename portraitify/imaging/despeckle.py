"""Small spots, which the generator leaves in faces."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, max_channel
from portraitify.imaging.face_regions import FACE, expression_mask, face_mask
from portraitify.imaging.filters import smoothstep

# Side at which spots are looked for, and that of the median's window there, pixels.
_PLAN_PX, _WINDOW_PX = 256, 5
# Spots reach beyond the face's ellipse, along the jaw: factor of its size.
_FACE_SCALE = 1.15
# Contrast, in 0 to 255, of what is no spot but the rim of glasses, a nostril or a furrow, and of what surely is one.
_CONTRAST = (55.0, 30.0)


def despeckle(painting: np.ndarray, landmarks: np.ndarray, share: float, rest: float = 0.0) -> np.ndarray:
    """Take spots out of faces, and leave eyes and mouth alone (median filter).

    Args:
        painting: ``(S, S, 3)`` uint8 or float32 in 0 to 255.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in its pixels.
        share: 0 to 1, how far in faces.
        rest: 0 to 1, how far elsewhere.

    Returns:
        ``(S, S, 3)`` float32 in 0 to 255.
    """
    side = _PLAN_PX
    scale = side / len(painting)
    faces = np.asarray(landmarks, np.float64).reshape(-1, 5, 2) * scale
    where = face_mask(faces, (side, side), FACE.scaled(_FACE_SCALE))
    where = (rest + (share - rest) * where) * (1 - expression_mask(faces, (side, side)))
    painting = painting.astype(np.float32)
    small = cv2.resize(painting, (side, side), interpolation=cv2.INTER_AREA)
    change = cv2.medianBlur(small, _WINDOW_PX) - small
    change *= gray_to_rgb(where * smoothstep(max_channel(np.abs(change)), *_CONTRAST))
    whole = cv2.resize(change, painting.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    whole += painting
    return np.asarray(np.clip(whole, 0, 255, out=whole))
