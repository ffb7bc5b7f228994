"""White cloth, which stays white in old paintings even before dark backgrounds."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.cielab import to_lab
from portraitify.imaging.face_regions import face_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.skin import mean_color, skin_mask, skin_weights

# Side at which cloth is looked for, pixels.
_PLAN_PX = 256
# In a crowd nobody's shirt is large.
_MAX_FACES = 4
# CIELAB chroma and L* in the photo, and values of the subject mask, of what is surely no white cloth, and of what
# surely is.
_CHROMA, _LIGHTNESS, _SUBJECT = (13.0, 7.0), (60.0, 75.0), (0.5, 0.9)
# Below the first CIELAB chroma of its skin a photo has no colours to tell cloth by, from the second on it has.
_GREY_CHROMA, _COLOURED_CHROMA = 4.0, 9.0
# Lightness that cloth may have in a painting, as a fraction of the photo's, and the share of what is missing that is
# given back.
_LIGHTNESS_KEPT, _LIGHTNESS_RESTORED = 0.9, 0.7
# Standard deviation of the Gaussian, in parts of the side: narrower folds remain the painter's.
_FOLD_SIGMA = 0.008
# Shine on shoulders and bald heads is as white as cloth, but small: its share of a neighbourhood, given by the
# standard deviation of a Gaussian in parts of the side, lies below the first, and that of cloth above the second.
_SHINE_SIGMA, _SHINE_SHARE = 0.02, (0.25, 0.5)
# Standard deviation of the blur of the border of cloth, pixels at planning size.
_BORDER_SIGMA_PX = 1.0


def whiten_cloth(
    lab: np.ndarray, photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, white: tuple[float, float]
) -> None:
    """Take the background's colour out of light neutral cloth, and give it back most of its light.

    Args:
        lab: ``(S, S, 3)`` float32 CIELAB of the painting, changed in place.
        photo: ``(h, h, 3)`` uint8, the same crop.
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
    sigma_px = _FOLD_SIGMA * _PLAN_PX
    painted = blur(cv2.resize(lab, (_PLAN_PX, _PLAN_PX), interpolation=cv2.INTER_AREA), sigma_px)
    missing = np.maximum(_LIGHTNESS_KEPT * blur(seen[..., 0], sigma_px) - painted[..., 0], 0)
    change = np.empty_like(painted)
    change[..., 0] = _LIGHTNESS_RESTORED * missing
    change[..., 1:] = np.array(white, np.float32) - painted[..., 1:]
    lab += cv2.resize(change * gray_to_rgb(cloth), (side, side), interpolation=cv2.INTER_LINEAR)


def _cloth(photo: np.ndarray, subject_mask: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Where the photo shows light neutral cloth: ``(H, W)`` float32 in 0 to 1."""
    chroma = np.hypot(photo[..., 1], photo[..., 2])
    cloth = smoothstep(chroma, *_CHROMA) * smoothstep(photo[..., 0], *_LIGHTNESS) * smoothstep(subject_mask, *_SUBJECT)
    cloth *= 1 - face_mask(faces, subject_mask.shape)
    if len(faces) > _MAX_FACES or not cloth.any():
        return np.zeros_like(cloth)
    for points in faces:
        weights = skin_weights(photo, subject_mask, points)
        usual = mean_color(photo, weights)
        coloured = (np.hypot(usual[1], usual[2]) - _GREY_CHROMA) / (_COLOURED_CHROMA - _GREY_CHROMA)
        cloth *= np.float32(np.clip(coloured, 0, 1))
        cloth *= 1 - skin_mask(photo, subject_mask, points, weights)
    wide = smoothstep(blur(cloth, _SHINE_SIGMA * len(cloth)), *_SHINE_SHARE)
    return np.asarray(blur(cloth * wide, _BORDER_SIGMA_PX), np.float32)
