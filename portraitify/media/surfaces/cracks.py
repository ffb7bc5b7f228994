"""The net of cracks in old paint."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.filters import blur
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import PLAN_PX, Scene
from portraitify.media.surfaces.ramp import Ramp

# Fractional bits of the drawn lines, and levels of depth that they are drawn in.
_SHIFT, _DEPTHS = 4, 12
# Points of the path of a crack, in parts of its length; both ends lie still.
_PATH = np.array([0.0, 0.3, 0.7, 1.0], np.float32)


@dataclass(frozen=True)
class CrackNet:
    """Cracks between islands of paint, and where they show: in patches of the light passages, rich in lead white.

    Attributes:
        across: islands along the side, across the panel's grain.
        along: islands along the side, along the grain.
        scatter: deviation of the islands' corners, in islands.
        wander: deviation of a crack's path, in its length.
        open_share: 0 to 1, of all possible cracks.
        min_depth: 0 to 1, of an open crack.
        side_in_widths: the picture's side in widths of a crack; none is less than a pixel wide.
        patch_cells: patches of cracked paint along the side.
        patch_edge: value of the noise that makes them, in its deviations, between sound and cracked paint.
        darks_share: 0 to 1, how far cracks show in darks.
        lights: brightness in 0 to 1, between darks and lights.
        lights_sigma: blur of the brightness, in parts of the side.
        face_reduction: 0 to 1, how much less they show in faces; eyes and mouth have none.
    """

    across: int = 104
    along: int = 80
    scatter: float = 0.15
    wander: float = 0.05
    open_share: float = 0.7
    min_depth: float = 0.15
    side_in_widths: float = 1400.0
    patch_cells: float = 3.5
    patch_edge: Ramp = field(default_factory=lambda: Ramp(-0.8, 1.2))
    darks_share: float = 0.06
    lights: Ramp = field(default_factory=lambda: Ramp(0.2, 0.65))
    lights_sigma: float = 2 / PLAN_PX
    face_reduction: float = 0.35

    def draw(self, scene: Scene, medium: str) -> np.ndarray:
        """Draw the net of a picture.

        Args:
            scene: the picture.
            medium: with whose name the streams of random numbers begin.

        Returns:
            ``(size_px, size_px)`` uint8 from 0 for sound paint to 255 for the deepest cracks.
        """
        random = scene.random(f"{medium}.cracks")
        ends = self._ends(random)
        depth = random.uniform(self.min_depth, 1, len(ends)) * (random.random(len(ends)) < self.open_share)
        strayed = self.wander * random.standard_normal((len(ends), len(_PATH)))
        shown = self._shown(scene, scene.random(f"{medium}.crackled"))
        column, row = np.clip(ends.mean(1) * len(shown), 0, len(shown) - 1).astype(int).T
        levels = np.rint(depth * shown[row, column] * _DEPTHS).astype(int)
        seen = levels > 0
        levels, paths = levels[seen], _paths(ends[seen], strayed[seen])
        net = np.zeros((scene.size_px, scene.size_px), np.uint8)
        thickness = max(1, round(scene.size_px / self.side_in_widths))
        points = np.rint((paths * scene.size_px - 0.5) * 2**_SHIFT).astype(np.int32)
        # Deep cracks run over shallow ones.
        for level in range(1, _DEPTHS + 1):
            lines = list(points[levels == level])
            cv2.polylines(net, lines, False, 255 * level // _DEPTHS, thickness, cv2.LINE_AA, _SHIFT)
        return net

    def _shown(self, scene: Scene, random: np.random.Generator) -> np.ndarray:
        side = scene.subject_mask.shape[0]
        patches = self.patch_edge(fractal_noise(random, side, self.patch_cells, 2))
        lights = self.lights(blur(scene.luma, self.lights_sigma * side))
        spared = np.maximum(scene.features, self.face_reduction * scene.face)
        shown: np.ndarray = patches * (self.darks_share + (1 - self.darks_share) * lights) * (1 - spared)
        return shown

    def _ends(self, random: np.random.Generator) -> np.ndarray:
        """Both ends of all possible cracks, ``(N, 2, 2)`` in parts of the side, across and down.

        The islands lie like bricks with scattered corners; real cracks meet in the same way, three at a joint.
        """
        rows, columns = self.along + 3, 2 * self.across + 4
        grid = np.stack(np.meshgrid(np.arange(columns) / 2 - 1, np.arange(rows) - 1.0), -1)
        corners = (grid + self.scatter * random.standard_normal(grid.shape)) / (self.across, self.along)
        joints = (np.arange(rows - 1)[:, None] + np.arange(columns)) % 2 == 0
        level = np.stack([corners[:, :-1], corners[:, 1:]], -2).reshape(-1, 2, 2)
        upright = np.stack([corners[:-1], corners[1:]], -2)[joints]
        return np.concatenate([level, upright])


def _paths(ends: np.ndarray, strayed: np.ndarray) -> np.ndarray:
    """Paths between ends ``(N, 2, 2)`` that stray sideways ``(N, 4)`` parts of their length: ``(N, 4, 2)``."""
    run = ends[:, 1] - ends[:, 0]
    sideways = run[:, ::-1] * (-1, 1)
    away = strayed * np.sin(np.pi * _PATH)
    return np.asarray(ends[:, :1] + run[:, None] * _PATH[:, None] + sideways[:, None] * away[..., None])
