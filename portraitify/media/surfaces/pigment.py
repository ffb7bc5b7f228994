"""Watercolor's pigment, which water carries about before it settles.

Sources: Bousseau, Kaplan, Thollot and Sillion, Interactive Watercolor
Rendering with Temporal Coherence and Abstraction, NPAR 2006; Curtis, Anderson,
Seims, Fleischer and Salesin, Computer-Generated Watercolor, SIGGRAPH 1997.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene


@dataclass(frozen=True)
class Pigment:
    """How unevenly pigment lies, as what is added to a density of 1.

    Attributes:
        edge_sigma: standard deviation of the Gaussian over the surroundings of an edge, in parts of the side.
        edge_threshold: brightness, 0 to 1, below the surroundings' from which on pigment gathers.
        edge_limit: brightness, 0 to 1, beyond the threshold from which on no more gathers.
        edge_density: density by the brightness between both: pigment gathers on the dark side of a border as it dries.
        flow: standard deviation of the density by the flow of the water outside faces.
        flow_face: the same in faces.
        pool_cells: pools of pigment along the picture's side in the coarsest octave.
        pool_octaves: of the pools; each has twice as many of half the density as the one before.
        pools: standard deviation of the density by pools outside faces.
        pools_face: the same in faces.
    """

    edge_sigma: float = 0.007
    edge_threshold: float = 0.012
    edge_limit: float = 0.12
    edge_density: float = 1.8
    flow: float = 0.28
    flow_face: float = 0.12
    pool_cells: float = 55
    pool_octaves: int = 2
    pools: float = 0.15
    pools_face: float = 0.1

    def density(
        self, scene: Scene, stream: str, luma: np.ndarray, looseness: np.ndarray, flow: np.ndarray
    ) -> np.ndarray:
        """Density of the pigment.

        Args:
            scene: the picture.
            stream: of random numbers for the pools, see `Scene.random`.
            luma: ``(S, S)`` float32 brightness of the washes, 0 to 1.
            looseness: ``(S, S)`` float32, 0 to 1, how freely a place is painted.
            flow: ``(S, S)`` float32 of mean 0 and standard deviation 1, how the water flowed.

        Returns:
            ``(S, S)`` float32 around 1.
        """
        face, side = scene.face, len(luma)
        gathered = np.clip(blur(luma, self.edge_sigma * side) - luma - self.edge_threshold, 0, self.edge_limit)
        flowed = (self.flow_face + (self.flow - self.flow_face) * (1 - face)) * flow
        density = 1 + looseness * (self.edge_density * gathered + flowed)
        pools = fractal_noise(scene.random(stream), side, self.pool_cells, self.pool_octaves)
        density += looseness * (self.pools + (self.pools_face - self.pools) * face) * pools
        return np.asarray(density)


@dataclass(frozen=True)
class Granulation:
    """How strongly pigment settles in the hollows of the paper: what a standard deviation of its height takes away.

    Attributes:
        light: density in the lightest washes.
        middle: density that is added in middle tones.
        middle_depths: darkness, 0 to 1, between which that comes in.
        dark: density that is taken away again in the darkest washes.
        dark_depths: darkness, 0 to 1, between which that comes in.
        face_loss: 0 to 1, by what share it is weaker in faces.
        feature_loss: 0 to 1, by what share it is weaker in eyes and mouth.
    """

    light: float = 0.03
    middle: float = 0.09
    middle_depths: tuple[float, float] = (0.1, 0.6)
    dark: float = 0.04
    dark_depths: tuple[float, float] = (0.65, 0.9)
    face_loss: float = 0.55
    feature_loss: float = 0.8

    def of(self, scene: Scene, depth: np.ndarray) -> np.ndarray:
        """Density by the paper's height: ``(S, S)`` float32 for the darkness of the washes, 0 to 1, of that shape."""
        middle, dark = smoothstep(depth, *self.middle_depths), smoothstep(depth, *self.dark_depths)
        settled = self.light + self.middle * middle - self.dark * dark
        return np.asarray(settled * (1 - self.face_loss * scene.face) * (1 - self.feature_loss * scene.features))


def thicken(colour: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Colour under more or less pigment (Bousseau et al. 2006, equation 1).

    Args:
        colour: ``(n, m, 3)`` float32 in 0 to 1.
        density: ``(n, m)`` float32; 1 leaves the colour.

    Returns:
        ``(n, m, 3)`` float32.
    """
    return np.asarray(colour * (1 - (1 - colour) * gray_to_rgb(density - 1)))
