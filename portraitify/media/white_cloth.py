"""White cloth, which stays white in old paintings even before dark grounds."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_regions import face_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.skin import mean_color, skin_mask, skin_weights

# Side at which cloth is looked for.
_PLAN_PX = 256
# In a crowd nobody's shirt is large.
_MOST_FACES = 4
# Chroma and L* in the photo of what is surely no white cloth, and of what surely is.
_CHROMA, _LIGHT = (13.0, 7.0), (60.0, 75.0)
# Below the first chroma of its skin a photo has no colours to tell cloth by, from the second on it has.
_GREY, _COLOURED = 4.0, 9.0
# How much darker than in the photo cloth may be in a painting, and how far that is mended.
_DIMMED, _LIFTED = 0.9, 0.7
# Of the side: folds that are narrower remain the painter's, and what is not wider is no cloth.
_FOLD, _SHINE = 0.008, 0.02


def whiten_cloth(
    lab: np.ndarray, photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, white: tuple[float, float]
) -> None:
    """Take the ground's colour out of light neutral cloth, and give it back most of its light.

    Args:
        lab: ``(S, S, 3)`` float32 CIELAB of the painting, changed in place.
        photo: ``(h, h, 3)`` uint8, the same frame.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels of the painting.
        white: a* and b* of the medium's white.
    """
    side = len(lab)
    seen = to_lab(resample(photo, (_PLAN_PX, _PLAN_PX)))
    points = np.asarray(landmarks, np.float64).reshape(-1, 5, 2) * (_PLAN_PX / side)
    cloth = _cloth(seen, resample(subject_mask, (_PLAN_PX, _PLAN_PX)), points)
    if not cloth.any():
        return
    painted = blur(cv2.resize(lab, (_PLAN_PX, _PLAN_PX), interpolation=cv2.INTER_AREA), _FOLD * _PLAN_PX)
    change = np.empty_like(painted)
    change[..., 0] = _LIFTED * np.maximum(_DIMMED * blur(seen[..., 0], _FOLD * _PLAN_PX) - painted[..., 0], 0)
    change[..., 1:] = np.array(white, np.float32) - painted[..., 1:]
    lab += cv2.resize(change * gray_to_rgb(cloth), (side, side), interpolation=cv2.INTER_LINEAR)


def _cloth(photo: np.ndarray, subject_mask: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Where the photo shows light neutral cloth: ``(H, W)`` float32 in 0 to 1."""
    chroma = np.hypot(photo[..., 1], photo[..., 2])
    cloth = smoothstep(chroma, *_CHROMA) * smoothstep(photo[..., 0], *_LIGHT) * smoothstep(subject_mask, 0.5, 0.9)
    cloth *= 1 - face_mask(faces, subject_mask.shape)
    if len(faces) > _MOST_FACES or not cloth.any():
        return np.zeros_like(cloth)
    for points in faces:
        weights = skin_weights(photo, subject_mask, points)
        usual = mean_color(photo, weights)
        cloth *= np.float32(np.clip((np.hypot(usual[1], usual[2]) - _GREY) / (_COLOURED - _GREY), 0, 1))
        cloth *= 1 - skin_mask(photo, subject_mask, points, weights)
    # Shine on shoulders and bald heads is as white, but small.
    return np.asarray(blur(cloth * smoothstep(blur(cloth, _SHINE * len(cloth)), 0.25, 0.5), 1.0), np.float32)
