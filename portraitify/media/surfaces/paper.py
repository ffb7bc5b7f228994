"""The tooth of paper."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene

# The coarsest features of cold-pressed paper, along the picture's side.
_TOOTH = 130
_FIELD_PX = 1024


def grain(scene: Scene, stream: str, cells: float = _TOOTH) -> Callable[[int, int], np.ndarray]:
    """Height of the paper's surface; larger pictures show more of its fine structure.

    Args:
        scene: the picture.
        stream: of random numbers, see `Scene.random`.
        cells: features along the side in the coarsest octave.

    Returns:
        A function of ``top`` and ``bottom`` that gives these rows, float32 of
        mean 0 and standard deviation near 1.
    """
    side = min(scene.size_px, _FIELD_PX)
    coarse = fractal_noise(scene.random(stream), side, cells, 3)
    fine = None
    if scene.size_px > _FIELD_PX:
        fine = fractal_noise(scene.random(f"{stream}.fine"), min(scene.size_px, 2 * _FIELD_PX), 8 * cells, 2)

    def rows(top: int, bottom: int) -> np.ndarray:
        height = scene.rows(coarse, top, bottom)
        return height if fine is None else height + 0.2 * scene.rows(fine, top, bottom)

    return rows
