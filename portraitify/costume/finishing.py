"""The finish of a sitter in a master's picture: only of what is painted anew, at the size that it will have there."""

from __future__ import annotations

from concurrent.futures import Executor

import numpy as np

from portraitify.config import KEEP, PaintConfig
from portraitify.costume.dressing import Dressed
from portraitify.costume.hanging import Surface, hang
from portraitify.costume.tones import keep_tones
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import scale_of
from portraitify.imaging.crop_window import CropWindow
from portraitify.media.base import Medium
from portraitify.media.finish import FinishRequest, finish

# Beyond what is painted anew, in parts of the canvas: resampling mixes that in.
_RIM = 0.01


def finish_dressed(
    dressed: Dressed, face: AlignedFace, medium: Medium, config: PaintConfig, seed: int, beside: Executor | None = None
) -> np.ndarray:
    """Finish a dressed sitter and hang the picture.

    Args:
        dressed: the sitter in the picture.
        face: the photo's crop.
        medium: in whose terms.
        config: the options.
        seed: of everything random.
        beside: does a half of the work, if there is one.

    Returns:
        ``(H, W, 3)`` uint8, ``config.size_px`` at its longer side.
    """
    window = _shown(dressed.mask)
    zoom = scale_of(dressed.matrix) * config.size_px / max(dressed.master.plate.shape[:2])
    size_px = max(round(len(dressed.painted) * zoom), 16)
    landmarks = dressed.points(face.all_landmarks)
    request = FinishRequest(
        dressed.painted,
        dressed.subject_mask,
        landmarks,
        size_px,
        config.finish,
        seed,
        window,
        dressed.photo,
        dressed.points(face.meshes),
    )
    part = finish(request, medium, beside)
    if config.skin_tone == KEEP and medium.hue_tolerance is not None:
        part = keep_tones(part, dressed, face, window)
    left, top, right, bottom = window.box(size_px)
    whole: np.ndarray = np.zeros((size_px, size_px, 3), np.uint8)
    whole[top:bottom, left:right] = part
    surface = Surface(share=Surface.share * config.finish)
    return hang(whole, dressed.mask, dressed.master, dressed.matrix, config.size_px, surface)


def _shown(mask: np.ndarray) -> CropWindow:
    """The part of the canvas that is painted anew, and a little around it."""
    side = len(mask)
    columns, rows = np.flatnonzero(mask.max(0)), np.flatnonzero(mask.max(1))
    if not len(columns):
        return CropWindow()
    left, top = (max(float(found[0]) / side - _RIM, 0) for found in (columns, rows))
    right, bottom = (min(float(found[-1] + 1) / side + _RIM, 1) for found in (columns, rows))
    return CropWindow(left, top, right - left, bottom - top)
