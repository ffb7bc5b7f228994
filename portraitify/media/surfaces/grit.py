"""The fine unevenness of a painted surface, the same in all directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.fields import cloud
from portraitify.media.scene import Scene


@dataclass(frozen=True)
class Grit:
    """How uneven paint is; heights are standard deviations in 0 to 255.

    Attributes:
        cells: features along the side in the coarser of two octaves.
        ground: height behind the sitter.
        sitter: height on hair and clothes.
        face: height on faces; eyes and mouth have none.
    """

    cells: float
    ground: float
    sitter: float
    face: float

    def over(self, scene: Scene, purpose: int) -> np.ndarray:
        """Spread it over a picture.

        Args:
            scene: the picture.
            purpose: see `Scene.random`.

        Returns:
            ``(S, S)`` float32 of mean 0, to be added.
        """
        side = scene.sitter.shape[0]
        height = self.ground + (self.sitter - self.ground) * scene.sitter + (self.face - self.sitter) * scene.face
        return height * (1 - scene.keep) * cloud(scene.random(purpose), side, self.cells, 2)
