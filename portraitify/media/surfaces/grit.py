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
        cells: features along the side in the coarser of two octaves.
        background: height behind the sitter.
        subject: height on hair and clothes.
        face: height on faces; eyes and mouth have none.
    """

    cells: float
    background: float
    subject: float
    face: float

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
        return height * (1 - scene.keep) * fractal_noise(scene.random(stream), side, self.cells, 2)
