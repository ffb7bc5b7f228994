"""What water leaves behind as it dries: blooms with crinkled borders, and washes that run out into the paper.

Sources: Bousseau, Kaplan, Thollot and Sillion, Interactive Watercolor
Rendering with Temporal Coherence and Abstraction, NPAR 2006; Curtis, Anderson,
Seims, Fleischer and Salesin, Computer-Generated Watercolor, SIGGRAPH 1997
(backruns).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.filters import blur, smoothstep
from portraitify.media.scene import Scene
from portraitify.media.surfaces.sheet_noise import moved_noise, sitter_angle

# Side of the noise that blooms follow, pixels.
_NOISE_PX = 512
# From the mouth down to the chin, in parts of the distance between eyes and mouth.
_CHIN = 0.75


@dataclass(frozen=True)
class Blooms:
    """Places where water ran back into a wash that was drying, and pushed its pigment to a crinkled border.

    Lengths are values of the noise of mean 0 and standard deviation 1 that blooms follow.

    Attributes:
        cells: blooms along the picture's side in the coarsest octave.
        octaves: of their borders; each has twice as many bends of half the size as the one before.
        start: value at which they begin.
        reach: length inside that over which the pigment comes back.
        pale: density that is missing inside the border.
        line: density that is added at the border.
        width: length over which that is gathered.
    """

    cells: float = 3.5
    octaves: int = 5
    start: float = 0.2
    reach: float = 1.7
    pale: float = 0.36
    line: float = 0.24
    width: float = 0.06

    def density(self, scene: Scene) -> np.ndarray:
        """What blooms add to the density of the pigment, ``(S, S)`` float32."""
        random, side = scene.random("watercolor.pools"), len(scene.subject_mask)
        noise = moved_noise(random, side, self.cells, self.octaves, sitter_angle(scene), _NOISE_PX)
        inside = noise - np.float32(self.start)
        pale = smoothstep(inside, 0.0, self.width) * smoothstep(inside, self.reach, 0.0)
        line = smoothstep(inside, -self.width, 0.0) * smoothstep(inside, self.width, 0.0)
        return np.asarray(self.line * line - self.pale * pale)


@dataclass(frozen=True)
class RunOut:
    """How cloth and hair end in bare paper before the lower edge of the picture does.

    Attributes:
        reach: distance from the lower edge at which washes begin to run out, in parts of the side.
        wander: standard deviation of that distance, in parts of the side.
        room: distance from the chin to the lower edge, in parts of the side, up to which nothing runs out, and from
            which on all does.
        skin_sigma: standard deviation of the blur of faces, which do not run out, in parts of the side.
        skin: values of the blurred faces from which on nothing runs out, and up to which all does.
        tooth: how far the hollows of the paper stay bare first, by a standard deviation of its height.
        edge: values between which the paper shows.
        thin: density that is missing where it comes to show.
    """

    reach: float = 0.15
    wander: float = 0.04
    room: tuple[float, float] = (0.1, 0.28)
    skin_sigma: float = 0.035
    skin: tuple[float, float] = (0.3, 0.03)
    tooth: float = 0.025
    edge: tuple[float, float] = (0.4, 0.66)
    thin: float = 1.2

    def plan(self, scene: Scene, skin: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """How far washes have run out, ``(S, S)`` float32 in 0 to 1.

        Args:
            scene: the picture.
            skin: ``(S, S)`` float32 in 0 to 1, the faces.
            flow: ``(S, S)`` float32 of mean 0 and standard deviation 1, how the water flowed.
        """
        bends, side = self.wander * flow, len(flow)
        above = (1 - scene.window_position[1][:, None]) * np.float32(scene.window.height)
        out = self._room(scene) * smoothstep(above + bends, self.reach, -self.reach)
        return np.asarray(out * smoothstep(blur(skin, self.skin_sigma * side), *self.skin))

    def _room(self, scene: Scene) -> float:
        """How far there is room below the lowest chin, 0 to 1."""
        if not len(scene.landmarks):
            return 0.0
        eyes, mouths = scene.landmarks[:, :2, 1].mean(1), scene.landmarks[:, 3:, 1].mean(1)
        chin = float((mouths + _CHIN * (mouths - eyes)).max()) / len(scene.subject_mask)
        below = scene.window.top + scene.window.height - chin
        return float(smoothstep(np.array([below], np.float32), *self.room)[0])

    def bare(self, out: np.ndarray, height: np.ndarray) -> np.ndarray:
        """Share of the paper that shows, 0 to 1: ``(n, m)`` float32 for the result of `plan` and the paper's height."""
        return smoothstep(out + np.float32(self.tooth) * height, *self.edge)
