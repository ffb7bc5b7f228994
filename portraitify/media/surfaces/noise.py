"""Smooth noise, as a parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.noise import fractal_noise


@dataclass(frozen=True)
class Noise:
    """Smooth noise; see :func:`portraitify.imaging.noise.fractal_noise`.

    Attributes:
        deviation: standard deviation, in the unit of what it is added to.
        cells: features along the side in the coarsest octave.
        octaves: 1 or more; each has twice the cells and half the height of the one before.
    """

    deviation: float
    cells: float
    octaves: int = 1

    def draw(self, random: np.random.Generator, side_px: int) -> np.ndarray:
        """``(side_px, side_px)`` float32 of mean 0."""
        drawn: np.ndarray = self.deviation * fractal_noise(random, side_px, self.cells, self.octaves)
        return drawn
