"""Drawn contours: lines along edges, and the darks of eyes and mouth.

Sources: Kang, Lee and Chui, Coherent Line Drawing, NPAR 2007 (difference of
Gaussians smoothed along the flow); Winnemöller, Kyprianidis and Olsen, XDoG,
Computers & Graphics 36(6), 2012 (threshold mixed with tone).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.flow import line_integral_convolution
from portraitify.media.scene import Scene
from portraitify.media.surfaces.hatching import SLOPE_PX


@dataclass(frozen=True)
class LineFilter:
    """A difference of Gaussians.

    Attributes:
        center: standard deviation of the narrow Gaussian, as a factor of the lines' width.
        surround: standard deviation of the wide Gaussian, as a factor of the lines' width.
    """

    center: float
    surround: float

    def apply(self, dark: np.ndarray, width_px: float) -> np.ndarray:
        """How much darker places are than what lies beside them: ``(S, S)`` float32 around 0."""
        return np.asarray(blur(dark, self.center * width_px) - blur(dark, self.surround * width_px))


_LINES = LineFilter(center=1.0, surround=1.7)
_FEATURE_LINES = LineFilter(center=0.7, surround=1.15)


@dataclass(frozen=True)
class DarkFeatures:
    """What is darker than its surroundings in eyes and mouth: the pupil, the lashes, the parting of the lips.

    Attributes:
        sigma_px: standard deviation of the blur before it, pixels of the plan.
        surround_sigma: standard deviation of the Gaussian over the surroundings, in parts of the side.
        level: brightness, as a fraction of the surroundings', below which there is ink.
        threshold: brightness, 0 to 1, that is missing to any ink outside eyes and mouth.
        gain: strength of ink by brightness.
    """

    sigma_px: float = 1.2
    surround_sigma: float = 0.015
    level: float = 0.62
    threshold: float = 0.2
    gain: float = 14.0

    def draw(self, scene: Scene, luma: np.ndarray) -> np.ndarray:
        """Signed strength of ink, positive where there is any: ``(S, S)`` float32."""
        luma = blur(luma, self.sigma_px)
        surround = blur(luma, self.surround_sigma * len(luma))
        strength = (self.level * surround - luma) * scene.features - self.threshold * (1 - scene.features)
        return np.asarray(strength * self.gain)


@dataclass(frozen=True)
class Contours:
    """Lines along edges.

    Attributes:
        width: standard deviation to which line filters refer, in parts of the side.
        lines: finds edges.
        feature_lines: finds edges in eyes and mouth.
        feature_gain: factor of what ``feature_lines`` finds.
        steps_px: how far both are smoothed to each side along the flow, pixels of the plan.
        support_sigma_px: standard deviation of the Gaussian over lines near by, pixels of the plan.
        support: share of such lines, 0 to 1, from which on a place is not taken for a dot, and at which it is.
        threshold: darkness, 0 to 1, beside its surroundings from which on a line is drawn.
        feature_threshold: 0 to 1, by what share the threshold is lower in eyes and mouth.
        gain: strength of ink by darkness above the threshold.
        features: darks of eyes and mouth.
        slope: of the ink by its strength at the edge of a line, in a picture of 1024 pixels.
    """

    width: float = 0.0019
    lines: LineFilter = _LINES
    feature_lines: LineFilter = _FEATURE_LINES
    feature_gain: float = 1.1
    steps_px: int = 4
    support_sigma_px: float = 4.0
    support: tuple[float, float] = (0.22, 0.06)
    threshold: float = 0.030
    feature_threshold: float = 0.15
    gain: float = 50.0
    features: DarkFeatures = field(default_factory=DarkFeatures)
    slope: float = 1.6

    def draw(self, scene: Scene, luma: np.ndarray, dark: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """Draw the lines.

        Args:
            scene: the picture.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            dark: ``(S, S)`` float32 darkness, 0 to 1.
            flow: ``(S, S)`` float32 radians, directions of the lines.

        Returns:
            Signed strength of the lines, positive where there is ink: ``(S, S)`` float32.
        """
        width_px = self.width * len(dark)
        edges = self.lines.apply(dark, width_px)
        edges += (self.feature_gain * self.feature_lines.apply(dark, width_px) - edges) * scene.features
        edges = line_integral_convolution(edges, flow, self.steps_px)
        # A dot has no line beside it.
        support = blur(np.clip(edges * (1 / self.threshold), 0, 1), self.support_sigma_px)
        edges -= self.threshold * smoothstep(support, *self.support)
        drawn = edges - self.threshold * (1 - self.feature_threshold * scene.features)
        return np.asarray(np.maximum(drawn * self.gain, self.features.draw(scene, luma)), np.float32)

    def ink(self, strength: np.ndarray, size_px: int) -> np.ndarray:
        """Ink of lines by their signed strength, 0 paper to 1 ink, in a picture of a size; float32 of that shape."""
        return np.asarray(np.clip(0.5 + strength * (self.slope * (size_px / SLOPE_PX)), 0, 1))
