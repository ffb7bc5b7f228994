"""The canvas under a painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp


@dataclass(frozen=True)
class Canvas:
    """A plain weave of uneven threads, and how far it is felt through the paint; heights as in `Relief`.

    Attributes:
        threads: pairs of threads, one above and one below, along the side.
        cells: places along the side at which threads differ.
        octaves: 1 or more, of that unevenness.
        bend_x: standard deviation of the upright threads' places, radians of the weave.
        bend_y: the same of the level threads; of the other sign, they bend the other way.
        depth: of the weave between 0 and 1.
        depth_deviation: standard deviation of that depth.
        prominence: height of the weave in lights.
        darks_prominence: what is added in darks, where paint is thin.
        darks: brightness in 0 to 1, between lights and darks.
        face_reduction: 0 to 1, how much less it is felt in faces.
    """

    threads: float = 175.0
    cells: float = 60.0
    octaves: int = 2
    bend_x: float = 0.9
    bend_y: float = -0.7
    depth: float = 0.7
    depth_deviation: float = 0.5
    prominence: float = 0.08
    darks_prominence: float = 0.18
    darks: Ramp = field(default_factory=lambda: Ramp(0.5, 0.1))
    face_reduction: float = 0.6

    def plan(self, scene: Scene, stream: str) -> Callable[[int, int], np.ndarray]:
        """What comes back gives the height of rows ``top`` to ``bottom``, ``(bottom - top, size_px)`` float32."""
        noise = fractal_noise(scene.random(stream), scene.subject_mask.shape[0], self.cells, self.octaves)
        prominence = self._prominence(scene)

        def height(top: int, bottom: int) -> np.ndarray:
            weave = self._weave(top, bottom, scene.size_px, scene.rows(noise, top, bottom))
            felt: np.ndarray = scene.rows(prominence, top, bottom) * weave
            return felt

        return height

    def _prominence(self, scene: Scene) -> np.ndarray:
        thin = self.prominence + self.darks_prominence * self.darks(scene.luma)
        prominence: np.ndarray = thin * (1 - self.face_reduction * scene.face) * (1 - scene.features)
        return prominence

    def _weave(self, top: int, bottom: int, size_px: int, noise: np.ndarray) -> np.ndarray:
        threads = 2 * np.pi * self.threads
        x = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px * threads
        y = (np.arange(top, bottom, dtype=np.float32) + 0.5)[:, None] / size_px * threads
        bent_x, bent_y = x + self.bend_x * noise, y + self.bend_y * noise
        weave: np.ndarray = np.sin(bent_x) * np.sin(bent_y) * (self.depth + self.depth_deviation * noise)
        return weave
