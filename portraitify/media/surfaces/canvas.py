"""The canvas under a painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.stretch import stretched_rows
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp


@dataclass(frozen=True)
class Canvas:
    """A plain weave of uneven threads, and how far it is felt through the paint; heights as in `Relief`.

    Attributes:
        threads: pairs of threads, one above and one below, along the side.
        irregularity: standard deviation of the threads' places, radians of the weave.
        depth_deviation: standard deviation of the threads' thickness, as a share.
        prominence: height of the weave in lights.
        darks_prominence: what is added in darks, where paint is thin.
        darks: brightness in 0 to 1, between lights and darks.
        face_reduction: 0 to 1, how much less it is felt in faces.
    """

    threads: float = 160.0
    irregularity: float = 0.8
    depth_deviation: float = 0.4
    prominence: float = 0.10
    darks_prominence: float = 0.26
    darks: Ramp = field(default_factory=lambda: Ramp(0.5, 0.1))
    face_reduction: float = 0.4

    def plan(self, scene: Scene, stream: str) -> Callable[[int, int], np.ndarray]:
        """What comes back gives the height of rows ``top`` to ``bottom``, ``(bottom - top, size_px)`` float32."""
        size_px = scene.size_px
        upright, level = self._threads(scene, stream)
        prominence = self._prominence(scene)

        def height(top: int, bottom: int) -> np.ndarray:
            felt: np.ndarray = stretched_rows(prominence, top, bottom, size_px) * upright
            felt *= level.take(np.arange(top, bottom), mode="clip")[:, None]
            return felt

        return height

    def _prominence(self, scene: Scene) -> np.ndarray:
        thin = self.prominence + self.darks_prominence * self.darks(scene.luma)
        prominence: np.ndarray = thin * (1 - self.face_reduction * scene.face) * (1 - scene.features)
        return prominence

    def _threads(self, scene: Scene, stream: str) -> tuple[np.ndarray, np.ndarray]:
        """Heights of upright threads at each column and of level ones at each row, ``(size_px,)`` float32 each."""
        random, count = scene.random(stream), int(2 * self.threads)
        at = (np.arange(scene.size_px, dtype=np.float32) + 0.5) / scene.size_px
        heights = []
        for _ in range(2):
            bend, depth = cv2.GaussianBlur(random.standard_normal((count, 2), np.float32), (1, 5), 1.0).T
            knots = np.linspace(0, 1, count)
            phase = 2 * np.pi * self.threads * at + self.irregularity * np.interp(at, knots, bend)
            thickness = 1 + self.depth_deviation * np.interp(at, knots, depth)
            heights.append((np.sin(phase) * thickness).astype(np.float32))
        return heights[0], heights[1]
