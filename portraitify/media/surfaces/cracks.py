"""The net of cracks in old paint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.filters import blur
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import PLAN_PX, Scene
from portraitify.media.surfaces.noise import Noise
from portraitify.media.surfaces.ramp import Ramp

# Fractional bits of the drawn lines.
_SHIFT = 4


@dataclass(frozen=True)
class CrackNet:
    """Cracks between islands of paint, and where they show: in patches of the light passages, rich in lead white.

    Attributes:
        across: islands along the side, across the panel's grain.
        along: islands along the side, along the grain.
        open_share: 0 to 1, of all possible cracks.
        min_depth: of an open crack, 0 to 255; the deepest have 255.
        side_in_widths: the picture's side in widths of a crack; none is less than a pixel wide.
        wander: how far cracks stray from straight lines, in parts of the side.
        patch_cells: patches of cracked paint along the side.
        patch_octaves: 1 or more, of the noise that makes them.
        patch_edge: value of that noise, in its deviations, between sound and cracked paint.
        darks_share: 0 to 1, how far cracks show in darks.
        lights: brightness in 0 to 1, between darks and lights.
        lights_sigma: blur of the brightness, in parts of the side.
        face_reduction: 0 to 1, how much less they show in faces; eyes and mouth have none.
    """

    across: int = 52
    along: int = 38
    open_share: float = 0.72
    min_depth: int = 70
    side_in_widths: float = 1200.0
    wander: Noise = field(default_factory=lambda: Noise(deviation=0.0022, cells=45, octaves=3))
    patch_cells: float = 4.0
    patch_octaves: int = 2
    patch_edge: Ramp = field(default_factory=lambda: Ramp(-0.4, 1.2))
    darks_share: float = 0.12
    lights: Ramp = field(default_factory=lambda: Ramp(0.25, 0.65))
    lights_sigma: float = 2 / PLAN_PX
    face_reduction: float = 0.75

    def plan(self, scene: Scene, medium: str) -> Callable[[int, int], np.ndarray]:
        """Draw the net of a picture.

        Args:
            scene: the picture.
            medium: with whose name the streams of random numbers begin.

        Returns:
            What gives rows ``top`` to ``bottom``, ``(bottom - top, size_px)`` float32 from 0 for sound paint to 1.
        """
        net = self._draw(scene.size_px, scene.random(f"{medium}.cracks"))
        shown = self._shown(scene, scene.random(f"{medium}.crackled"))
        random = scene.random(f"{medium}.crack_paths")
        wander = np.dstack([self.wander.draw(random, scene.subject_mask.shape[0]) for _ in range(2)])

        def depth(top: int, bottom: int) -> np.ndarray:
            strayed = _strayed_rows(net, scene.rows(wander, top, bottom), top, bottom)
            depth: np.ndarray = strayed * scene.rows(shown, top, bottom)
            return depth

        return depth

    def _draw(self, size_px: int, random: np.random.Generator) -> np.ndarray:
        """Lines at the picture's own size, ``(size_px, size_px)`` uint8 from 0 to 255 for a deep crack."""
        ends = _edges(random, self.across, self.along)
        net = np.zeros((size_px, size_px), np.uint8)
        ends = ends[random.random(len(ends)) < self.open_share]
        depth = random.integers(self.min_depth, 256, len(ends))
        thickness = max(1, round(size_px / self.side_in_widths))
        points = np.rint((ends * size_px - 0.5) * 2**_SHIFT).astype(np.int32)
        for (start, end), value in zip(points, depth, strict=True):
            cv2.line(net, start.tolist(), end.tolist(), int(value), thickness, cv2.LINE_AA, _SHIFT)
        return net

    def _shown(self, scene: Scene, random: np.random.Generator) -> np.ndarray:
        side = scene.subject_mask.shape[0]
        patches = self.patch_edge(fractal_noise(random, side, self.patch_cells, self.patch_octaves))
        lights = self.lights(blur(scene.luma, self.lights_sigma * side))
        spared = np.maximum(scene.features, self.face_reduction * scene.face)
        shown: np.ndarray = patches * (self.darks_share + (1 - self.darks_share) * lights) * (1 - spared)
        return shown


def _edges(random: np.random.Generator, across: int = CrackNet.across, along: int = CrackNet.along) -> np.ndarray:
    """Borders of the islands, each once: ``(N, 2, 2)`` float32 in parts of the side.

    The islands are the Voronoi cells of scattered points; real cracks meet
    in the same way, three at a joint.
    """
    grid = np.stack(np.meshgrid(np.arange(-1, across + 1), np.arange(-1, along + 1)), -1).reshape(-1, 2)
    places = (grid + random.random(grid.shape)) / (across, along)
    plane = cv2.Subdiv2D((-1000, -1000, 3000, 3000))
    plane.insert([(float(x), float(y)) for x, y in places * 1000])
    facets, _ = plane.getVoronoiFacetList([])
    corners = np.concatenate(facets)
    following = np.arange(1, len(corners) + 1)
    closing = np.cumsum([len(facet) for facet in facets]) - 1
    following[closing] -= [len(facet) for facet in facets]
    ends = np.stack([corners, corners[following]], 1) / 1000
    ends = ends[(np.abs(ends - 0.5) < 0.6).all((1, 2))]
    # Both neighbours name their common border; keep the one that runs to the right.
    return ends[ends[:, 0, 0] < ends[:, 1, 0]].astype(np.float32)


def _strayed_rows(net: np.ndarray, wander: np.ndarray, top: int, bottom: int) -> np.ndarray:
    side = net.shape[0]
    y, x = np.mgrid[top:bottom, :side].astype(np.float32)
    moved = cv2.remap(
        net,
        x + wander[..., 0] * side,
        y + wander[..., 1] * side,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return moved.astype(np.float32) / 255
