"""Accents that a small brush sets last: lids, nostrils, the lip line, strands and outlines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.flow import line_integral_convolution, structure_orientation
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene

# Gradient, in brightness a pixel, below which the direction of a form is not known.
_TRUST = 0.0005
# Standard deviation of the last blur, pixels of the plan.
_SMOOTH_PX = 0.9
# Below which streaks are none.
_LEAST_DEVIATION = 1e-3


@dataclass(frozen=True)
class Accents:
    """Lines along the darks of forms, found and lost as the hand presses.

    Source: Kang, Lee and Chui, Coherent Line Drawing, NPAR 2007 (difference of Gaussians that is smoothed along the
    form); Winnemöller, Kyprianidis and Olsen, XDoG, Computers & Graphics 36(6), 2012 (its soft threshold).

    Attributes:
        sigma_px: standard deviation of the blur of a line, pixels of the plan.
        form_px: of the neighbourhood that gives the direction of a form.
        surround: standard deviation of the Gaussian over the surroundings of a line, by that of the line.
        hairs: of the brush along the picture's side.
        steps: places to each side along the form over whose mean lines are smoothed.
        step_px: distance of these places.
        toe: brightness, 0 to 1, that is added before darkness is compared, so that black has no lines.
        range: how much darker than its surroundings a line begins, and is strongest, as a fraction.
        strength: density of the pigment in the strongest.
        face: 0 to 1, how much of it is left in faces.
        lost: 0 to 1, how much of a line is lost where the hand hardly presses.
        lost_range: flow of the water, in standard deviations, between which lines get lost.
    """

    sigma_px: float = 1.0
    form_px: float = 3.0
    surround: float = 2.3
    hairs: float = 120.0
    steps: int = 4
    step_px: float = 1.7
    toe: float = 0.35
    range: tuple[float, float] = (0.010, 0.038)
    strength: float = 0.35
    face: float = 1.0
    lost: float = 0.5
    lost_range: tuple[float, float] = (0.1, 1.0)

    def along_form(self, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
        """Draw the painting and the hairs of a brush along its forms.

        Returns:
            ``(S, S)`` float32 each: brightness in 0 to 1, and streaks of mean 0 and standard deviation near 1.
        """
        side = len(scene.luma)
        luma = resample(blur(scene.luma, self.sigma_px), (side // 2, side // 2))
        angle = structure_orientation(luma, self.sigma_px / 2, self.form_px / 2, np.zeros_like(luma), _TRUST)
        hairs = fractal_noise(scene.random("watercolor.hairs"), side // 2, self.hairs)
        along = line_integral_convolution(cv2.merge([luma, hairs]), angle, self.steps, self.step_px / 2)
        # Nearest directions, and the coarser grid, leave steps along slanting lines.
        luma, hairs = cv2.split(cv2.resize(along, (side, side), interpolation=cv2.INTER_LINEAR))
        return blur(luma, _SMOOTH_PX), hairs * np.float32(1 / max(float(hairs.std()), _LEAST_DEVIATION))

    def line(self, luma: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """How much darker than its surroundings a place is, as a fraction; all ``(S, S)`` float32."""
        darker = (blur(luma, self.surround * self.sigma_px) - luma) / (luma + np.float32(self.toe))
        return np.asarray(darker * (1 - self.lost * smoothstep(flow, *self.lost_range)))

    def density(self, line: np.ndarray, face: np.ndarray) -> np.ndarray:
        """Density of the pigment that accents add: ``(n, m)`` float32 for the results of `line`, and faces, 0 to 1."""
        return np.asarray(self.strength * smoothstep(line, *self.range) * (1 - (1 - self.face) * face))
