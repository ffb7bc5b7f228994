"""The tooth of paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene

# Side of the field that holds the coarse relief, pixels; larger pictures add the fine one on a field of twice that.
_FIELD_PX = 1024


@dataclass(frozen=True)
class PaperTooth:
    """The relief of a sheet of paper, of which larger pictures show more.

    Attributes:
        cells: bumps along the picture's side in the coarsest octave.
        octaves: of the coarse relief; each has twice the bumps and half the height of the one before.
        fine_factor: how many times as many bumps the fine relief has; pictures of over 1024 pixels show it.
        fine_octaves: of the fine relief.
        fine_height: of the fine relief, as a fraction of the coarse one's.
    """

    cells: float
    octaves: int = 3
    fine_factor: float = 8.0
    fine_octaves: int = 2
    fine_height: float = 0.2

    def over(self, scene: Scene, stream: str) -> Callable[[int, int], np.ndarray]:
        """Height of the paper's surface.

        Args:
            scene: the picture.
            stream: of random numbers, see `Scene.random`.

        Returns:
            A function of ``top`` and ``bottom`` that gives these rows, float32 of
            mean 0 and standard deviation near 1.
        """
        side = min(scene.size_px, _FIELD_PX)
        coarse = fractal_noise(scene.random(stream), side, self.cells, self.octaves)
        fine = None
        if scene.size_px > _FIELD_PX:
            fine_side, fine_cells = min(scene.size_px, 2 * _FIELD_PX), self.fine_factor * self.cells
            fine = fractal_noise(scene.random(f"{stream}.fine"), fine_side, fine_cells, self.fine_octaves)

        def rows(top: int, bottom: int) -> np.ndarray:
            height = scene.rows(coarse, top, bottom)
            return height if fine is None else height + self.fine_height * scene.rows(fine, top, bottom)

        return rows


def paper_light(height: np.ndarray, strength: float) -> np.ndarray:
    """How much light paper gives back that is lit from one side.

    Args:
        height: ``(n, m)`` float32, see :meth:`PaperTooth.over`.
        strength: of the light on a slope of 1 a pixel or steeper, as a fraction.

    Returns:
        ``(n, m)`` float32, factors around 1.
    """
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125) + cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(1 + np.float32(strength) * np.clip(slope, -1, 1))
