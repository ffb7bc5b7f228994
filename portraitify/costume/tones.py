"""Skin and hair of a finished costume brought back to the tones that they have in the photo."""

from __future__ import annotations

import numpy as np

from portraitify.costume.dressing import Dressed
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.bands import coarse_size, resample
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow
from portraitify.imaging.filters import normalized_blur
from portraitify.media.registry import medium_of
from portraitify.painting.color import add_smoothly, match_skin_tone

# Longer side at which hair is compared with the photo's, pixels, the standard deviation of its tones in parts of that,
# and by how much its L* and its hue may differ.
_HAIR_PX, _HAIR_SIGMA, _HAIR_LIGHT, _HAIR_HUE = 256, 0.012, 9.0, 5.0
# Share of hair near by from which on its tone is known.
_KNOWN = 0.02


def keep_tones(
    finished: np.ndarray, dressed: Dressed, face: AlignedFace, window: CropWindow = WHOLE_CANVAS
) -> np.ndarray:
    """Bring them back.

    Args:
        finished: ``(H, W, 3)`` uint8, what the window shows of the finished canvas.
        dressed: what was finished.
        face: the sitter in the crop.
        window: part of the canvas.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    tolerance = medium_of(dressed.master.style).hue_tolerance
    if tolerance is None:
        return finished
    photo, own, hair = (window.cut(field) for field in (dressed.photo, dressed.own, dressed.hair))
    points = dressed.points(face.landmarks) - window.box(len(dressed.photo))[:2]
    return _with_hair_of(match_skin_tone(finished, photo, own, points, tolerance), photo, hair)


def _with_hair_of(finished: np.ndarray, photo: np.ndarray, hair: np.ndarray) -> np.ndarray:
    size = coarse_size(finished, _HAIR_PX)
    hair = resample(hair, size)
    seen, painted = (to_lab(resample(picture, size)) for picture in (photo, finished))
    away, known = normalized_blur((painted - seen) * gray_to_rgb(hair), hair, _HAIR_SIGMA * _HAIR_PX)
    light = away[..., 0] - np.clip(away[..., 0], -_HAIR_LIGHT, _HAIR_LIGHT)
    far = np.hypot(away[..., 1], away[..., 2])
    hue = away[..., 1:] * np.maximum(1 - _HAIR_HUE / np.maximum(far, 1e-3), 0)[..., None]
    moved = painted - np.dstack([light, hue]) * (known > _KNOWN)[..., None]
    return add_smoothly(finished, (to_rgb(moved) - to_rgb(painted)) * gray_to_rgb(hair))
