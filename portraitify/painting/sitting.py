"""How a sitter sits: what a ground and a light have to suit."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.face_light import light_of
from portraitify.painting.grounds import Sitting

# Half the height of a head in distances from the eyes to the mouth, and where its middle lies between both.
_HALF_HEAD, _MIDDLE = 1.7, 0.1
# Side at which mean colours are taken, pixels.
_SMALL_PX = 64


def luma_of(face: AlignedFace) -> np.ndarray:
    """Brightness of the crop, ``(S, S)`` float32 in 0 to 1."""
    return np.asarray(cv2.cvtColor(face.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) * np.float32(1 / 255))


def sit(face: AlignedFace, subject_mask: np.ndarray) -> Sitting:
    """Measure a sitter in the crop, of whom ``subject_mask`` is ``(S, S)`` float32 in 0 to 1."""
    eyes, mouth = face.landmarks[:2].mean(0), face.landmarks[3:].mean(0)
    unit = max(float(np.linalg.norm(mouth - eyes)), 1.0)
    side = len(face.pixels)
    middle = (eyes + _MIDDLE * (mouth - eyes)) / side
    small = cv2.resize(face.pixels, (_SMALL_PX, _SMALL_PX), interpolation=cv2.INTER_AREA) / 255.0
    mask = cv2.resize(subject_mask, (_SMALL_PX, _SMALL_PX), interpolation=cv2.INTER_AREA)
    rows = (np.arange(_SMALL_PX)[:, None] + 0.5) / _SMALL_PX
    radius = _HALF_HEAD * unit / side
    light = light_of(luma_of(face), face.meshes)
    return Sitting(
        (float(middle[0]), float(middle[1])),
        radius,
        (float(light[0]), float(light[1])),
        face.window,
        _mean(small, mask * (rows < middle[1] - 0.45 * radius)),
        _mean(small, mask * (rows > middle[1] + 1.2 * radius)),
    )


def _mean(image: np.ndarray, weight: np.ndarray) -> tuple[float, float, float]:
    red, green, blue = (image * weight[..., None]).sum((0, 1)) / max(float(weight.sum()), 1e-3)
    return float(red), float(green), float(blue)
