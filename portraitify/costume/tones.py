"""Skin and hair of a finished costume brought back to the tones that they have in the photo."""

from __future__ import annotations

import numpy as np

from portraitify.costume.dressing import Dressed
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.bands import coarse_size, resample
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.filters import normalized_blur
from portraitify.media.registry import medium_of
from portraitify.painting.color import add_smoothly, match_skin_tone

# Longer side at which tones are compared with the photo's, pixels, and the standard deviation of what is compared, in
# parts of that.
_COARSE_PX, _SIGMA = 256, 0.012
# By how much the L* and the hue of hair, and of neck and chest, may differ from the photo's.
_HAIR, _NECK = (9.0, 5.0), (6.0, 2.5)
# Share of a part near by from which on its tone is known.
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
    smaller, corner = len(dressed.photo) / len(dressed.painted), window.box(len(dressed.photo))[:2]
    landmarks = dressed.points(face.landmarks) * smaller - corner
    toned = match_skin_tone(finished, photo, own, landmarks, tolerance)
    meshes = dressed.points(face.meshes[:1])
    meshes = np.concatenate([meshes[..., :2] * smaller - corner, meshes[..., 2:]], -1)
    bare = resample(own, photo.shape[1::-1]) - resample(hair, photo.shape[1::-1])
    neck = np.clip(bare - part_mask(meshes, (FacePart.FACE,), photo.shape, 0), 0, 1)
    return _held(_held(toned, photo, hair, *_HAIR), photo, neck, *_NECK)


def _held(finished: np.ndarray, photo: np.ndarray, where: np.ndarray, lightness: float, hue: float) -> np.ndarray:
    """Hold the broad colours of a part near the photo's.

    Args:
        finished: ``(H, W, 3)`` uint8.
        photo: ``(h, w, 3)`` uint8, the same part of the canvas.
        where: float32 in 0 to 1, likewise, of any size.
        lightness: by how much L* may differ.
        hue: by how much a* and b* may.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    size = coarse_size(finished, _COARSE_PX)
    where = resample(where, size)
    seen, painted = (to_lab(resample(picture, size)) for picture in (photo, finished))
    away, known = normalized_blur((painted - seen) * gray_to_rgb(where), where, _SIGMA * _COARSE_PX)
    light = away[..., 0] - np.clip(away[..., 0], -lightness, lightness)
    far = np.hypot(away[..., 1], away[..., 2])
    turned = away[..., 1:] * np.maximum(1 - hue / np.maximum(far, 1e-3), 0)[..., None]
    moved = painted - np.dstack([light, turned]) * (known > _KNOWN)[..., None]
    return add_smoothly(finished, (to_rgb(moved) - to_rgb(painted)) * gray_to_rgb(where))
