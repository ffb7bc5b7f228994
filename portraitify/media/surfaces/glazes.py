"""Thin transparent layers over a finished painting: glazes and old varnish."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from portraitify.imaging.channels import tint
from portraitify.imaging.filters import blur
from portraitify.media.scene import Scene
from portraitify.media.surfaces.noise import Noise
from portraitify.media.surfaces.ramp import Ramp


@dataclass(frozen=True)
class Glaze:
    """Uneven depth of the glazes, and the fall of light towards the corners.

    Attributes:
        unevenness: of the background, as a share of its brightness.
        falloff: 0 to 1, of the light in the far corners; faces keep theirs.
        falloff_edge: distance from the middle of what is kept, in its sides, between full light and the falloff.
        vertical: distance upwards and downwards in parts of the same distance sideways.
    """

    unevenness: Noise = field(default_factory=lambda: Noise(deviation=0.045, cells=6, octaves=4))
    falloff: float = 0.30
    falloff_edge: Ramp = field(default_factory=lambda: Ramp(0.36, 0.80))
    vertical: float = 0.9

    def light(self, scene: Scene, stream: str) -> np.ndarray:
        """What brightness is multiplied by, ``(S, S)`` float32 around 1.

        Args:
            scene: the picture.
            stream: of random numbers, see `Scene.random`.
        """
        uneven = self.unevenness.draw(scene.random(stream), scene.subject_mask.shape[0]) * (1 - scene.subject_mask)
        across, down = scene.window_position
        radius = np.hypot((down[:, None] - 0.5) * self.vertical, across - 0.5)
        light: np.ndarray = 1 + uneven - self.falloff * self.falloff_edge(radius) * (1 - scene.face)
        return light


@dataclass(frozen=True)
class Varnish:
    """Old varnish, which has yellowed unevenly; it spares faces, whose colour must hold.

    Attributes:
        age: 0 to 1, mean of how far it has yellowed.
        unevenness: of that age.
        face_reduction: 0 to 1, how much less it has yellowed on faces.
        face_sigma: blur of the faces' borders, in parts of the side.
        transmission: red, green and blue, 0 to 1, of the light that it lets through at an age of 1.
        scatter: red, green and blue, 0 to 255, of the light that it scatters at an age of 1.
    """

    age: float = 0.85
    unevenness: Noise = field(default_factory=lambda: Noise(deviation=0.12, cells=3, octaves=2))
    face_reduction: float = 0.85
    face_sigma: float = 0.02
    transmission: tuple[float, float, float] = (1.0, 0.975, 0.90)
    scatter: tuple[float, float, float] = (9.0, 6.0, 2.0)

    def ages(self, scene: Scene, stream: str) -> np.ndarray:
        """How far each place has yellowed, ``(S, S)`` float32.

        Args:
            scene: the picture.
            stream: of random numbers, see `Scene.random`.
        """
        side = scene.subject_mask.shape[0]
        uneven = self.age + self.unevenness.draw(scene.random(stream), side)
        ages: np.ndarray = uneven * (1 - self.face_reduction * blur(scene.face, self.face_sigma * side))
        return ages

    def over(self, ages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What varnish of some age multiplies colours by, and what it adds, 0 to 255: ``(S, S, 3)`` float32 each.

        Args:
            ages: ``(S, S)`` float32, see `ages`.
        """
        absorbed = 1 - np.array(self.transmission, np.float32)
        return 1 - tint(ages, absorbed), tint(ages, self.scatter)
