"""Fine brush marks in thin paint, and the grain of the panel under it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.flow import line_integral_convolution, relief_shading
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import PLAN_PX, Scene, rows_of
from portraitify.media.surfaces.directions import OrientationScale
from portraitify.media.surfaces.noise import Noise
from portraitify.media.surfaces.relief import height_scale

# Side of the picture on which marks are drawn; pictures that are larger than it get marks on twice as many pixels.
FIELD_PX = 1024
# How far beyond some rows their slopes reach.
_MARGIN_PX = 2


@dataclass(frozen=True)
class PanelMarks:
    """Marks of fine brushes along the form and the grain of a panel; heights are in deviations of the marks.

    Attributes:
        slant: direction of marks where there is no form, radians.
        sweeps: how it varies, radians.
        directions: scale at which the form is read.
        cells: marks along the side.
        fine_height: height of marks half as broad, in pictures that can show them.
        steps: how far marks are drawn out to each side, in steps.
        step: length of one step, in parts of the side.
        grain_height: of the panel's grain.
        grain_sigma: deviation of the blur across the grain, in parts of the side.
        grain_length_sigma: deviation of the blur along the grain, in parts of the side.
        tone: by how much higher paint is lighter, as a share of its brightness.
        relief: brightness at a slope of 1, likewise.
        face_reduction: 0 to 1, how much less is seen of both in faces.
        features_reduction: 0 to 1, how much less in eyes and mouth.
    """

    slant: float = 1.35
    sweeps: Noise = field(default_factory=lambda: Noise(deviation=0.25, cells=4))
    directions: OrientationScale = field(
        default_factory=lambda: OrientationScale(gradient_sigma=3 / PLAN_PX, smoothing_sigma=8 / PLAN_PX, trust=0.004)
    )
    cells: float = 512.0
    fine_height: float = 0.5
    steps: int = 4
    step: float = 1.8 / 1024
    grain_height: float = 0.16
    grain_sigma: float = 1.3 / 1024
    grain_length_sigma: float = 16 / 1024
    tone: float = 0.004
    relief: float = 0.075
    face_reduction: float = 0.6
    features_reduction: float = 0.85

    def plan(self, scene: Scene, stream: str) -> Callable[[int, int], tuple[np.ndarray, np.ndarray]]:
        """Draw the marks of a picture.

        Args:
            scene: the picture.
            stream: of random numbers, see `Scene.random`.

        Returns:
            What gives, for rows ``top`` to ``bottom``, what is added to a brightness of 1 and the slope towards the
            light: ``(bottom - top, size_px)`` float32 each.
        """
        marks = self._heights(scene, scene.random(stream))
        seen = (1 - self.face_reduction * scene.face) * (1 - self.features_reduction * scene.features)

        def light(top: int, bottom: int) -> tuple[np.ndarray, np.ndarray]:
            height = scene.rows(marks, top - _MARGIN_PX, bottom + _MARGIN_PX)
            inner = slice(_MARGIN_PX, -_MARGIN_PX)
            slope = relief_shading(height * height_scale(scene.size_px))[inner]
            return scene.rows(seen, top, bottom) * (self.tone * height[inner] + self.relief * slope), slope

        return light

    def _heights(self, scene: Scene, random: np.random.Generator) -> np.ndarray:
        """Heights ``(N, N)`` float32; N is `FIELD_PX` or twice that."""
        finer = 2 if scene.size_px > FIELD_PX else 1
        side = FIELD_PX * finer
        prior = self.slant + self.sweeps.draw(random, scene.luma.shape[0])
        form = self.directions.angles(scene.luma, prior)
        # Interpolate the axis and not the angle, which jumps by half a turn.
        axis = cv2.resize(np.dstack([np.cos(2 * form), np.sin(2 * form)]), (side, side), interpolation=cv2.INTER_LINEAR)
        angle = 0.5 * np.arctan2(axis[..., 1], axis[..., 0])
        grain = self._grain(random)
        noise = fractal_noise(random, side, self.cells)
        if finer > 1:
            noise += self.fine_height * fractal_noise(random, side, self.cells * finer)
        brush = line_integral_convolution(noise, angle, self.steps * finer, self.step * FIELD_PX)
        heights: np.ndarray = brush / brush.std() + self.grain_height * rows_of(grain, 0, side, side)
        return heights

    def _grain(self, random: np.random.Generator) -> np.ndarray:
        white = random.standard_normal((FIELD_PX, FIELD_PX), np.float32)
        across, along = self.grain_sigma * FIELD_PX, self.grain_length_sigma * FIELD_PX
        grain = cv2.GaussianBlur(white, (0, 0), across, sigmaY=along)
        return np.asarray(grain / grain.std(), np.float32)
