"""The fine unevenness of a painted surface, the same in all directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene


@dataclass(frozen=True)
class Grit:
    """How uneven paint is; heights are standard deviations in 0 to 255.

    Attributes:
        cells: features along the side in the coarsest octave.
        background: height behind the subject.
        subject: height on hair and clothes.
        face: height on faces; eyes and mouth have none.
        octaves: 1 or more; each has twice the cells and half the height of the one before.
    """

    cells: float
    background: float
    subject: float
    face: float
    octaves: int = 2

    def over(self, scene: Scene, stream: str) -> np.ndarray:
        """Spread it over a picture.

        Args:
            scene: the picture.
            stream: of random numbers, see `Scene.random`.

        Returns:
            ``(S, S)`` float32 of mean 0, to be added.
        """
        side = scene.subject_mask.shape[0]
        height = (
            self.background
            + (self.subject - self.background) * scene.subject_mask
            + (self.face - self.subject) * scene.face
        )
        spread: np.ndarray = (
            height * (1 - scene.features) * fractal_noise(scene.random(stream), side, self.cells, self.octaves)
        )
        return spread
