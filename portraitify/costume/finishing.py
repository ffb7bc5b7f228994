"""The finish of a sitter in a master's picture: only of what is painted anew, at the size that it will have there."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace

import cv2
import numpy as np

from portraitify.config import KEEP, PaintConfig
from portraitify.costume.dressing import Dressed
from portraitify.costume.hanging import hang
from portraitify.costume.wardrobe import Worn
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.affine import scale_of
from portraitify.imaging.crop_window import CropWindow
from portraitify.media.base import Medium
from portraitify.media.finish import FinishRequest, finish
from portraitify.painting.adjustments import adjust_to_photo

# Beyond what is painted anew, in parts of the canvas: resampling mixes that in.
_RIM = 0.01


def finish_worn(
    worn: Worn, face: AlignedFace, medium: Medium, config: PaintConfig, seed: int, beside: Executor | None = None
) -> np.ndarray:
    """Finish a dressed sitter and hang the picture.

    Args:
        worn: the sitter in the picture.
        face: the photo's crop.
        medium: in whose terms.
        config: the options.
        seed: of everything random.
        beside: does a half of the work, if there is one.

    Returns:
        ``(H, W, 3)`` uint8, ``config.size_px`` at its longer side.
    """
    dressed, master = worn.dressed, worn.master
    on_canvas = replace(_on_canvas(face, dressed), window=_shown(dressed.mask))
    zoom = scale_of(dressed.matrix) * config.size_px / max(master.plate.shape[:2])
    size_px = max(round(len(dressed.painted) * zoom), 16)
    request = FinishRequest(
        dressed.painted,
        dressed.subject_mask,
        on_canvas.all_landmarks,
        size_px,
        config.finish,
        seed,
        on_canvas.window,
        on_canvas.pixels if config.skin_tone == KEEP else None,
        on_canvas.meshes,
    )
    part = adjust_to_photo(finish(request, medium, beside), on_canvas, dressed.mask, medium, config)
    left, top, right, bottom = on_canvas.window.box(size_px)
    whole: np.ndarray = np.zeros((size_px, size_px, 3), np.uint8)
    whole[top:bottom, left:right] = part
    return hang(whole, dressed.mask, master, dressed.matrix, config.size_px)


def _on_canvas(face: AlignedFace, dressed: Dressed) -> AlignedFace:
    """The photo's crop continued to the canvas of the dressed sitter."""
    side = len(dressed.painted)
    left, top = (round(float(length)) for length in dressed.offset)
    below, beside = side - top - len(face.pixels), side - left - len(face.pixels)
    pixels = cv2.copyMakeBorder(face.pixels, top, below, left, beside, cv2.BORDER_REPLICATE)
    valid = cv2.copyMakeBorder(face.valid, top, below, left, beside, cv2.BORDER_CONSTANT)
    return replace(
        face,
        pixels=pixels,
        valid=valid,
        landmarks=dressed.points(face.landmarks),
        other_landmarks=dressed.points(face.other_landmarks),
        meshes=dressed.points(face.meshes),
    )


def _shown(mask: np.ndarray) -> CropWindow:
    """The part of the canvas that is painted anew, and a little around it."""
    side = len(mask)
    columns, rows = np.flatnonzero(mask.max(0)), np.flatnonzero(mask.max(1))
    if not len(columns):
        return CropWindow()
    left, top = (max(float(found[0]) / side - _RIM, 0) for found in (columns, rows))
    right, bottom = (min(float(found[-1] + 1) / side + _RIM, 1) for found in (columns, rows))
    return CropWindow(left, top, right - left, bottom - top)
