"""Lines along the strands of hair and the folds of cloth.

Source: Cabral and Leedom, Imaging Vector Fields Using Line Integral Convolution, SIGGRAPH 1993; here its value is
compared with the tone, so that lines swell in shadow and leave white lights between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from portraitify.imaging.filters import blur
from portraitify.imaging.flow import line_integral_convolution, structure_orientation
from portraitify.media.scene import Scene

_TABLE = np.linspace(0.004, 0.996, 249)
_QUANTILES = np.array([NormalDist().inv_cdf(share) for share in _TABLE], np.float32)


@dataclass(frozen=True)
class StrandFlow:
    """Directions of strands and folds; where nothing shows them, they run along the outline of the subject.

    Attributes:
        gradient_sigma_px: standard deviation of the blur before the gradient, pixels of the plan.
        tensor_sigma: standard deviation of the blur of the structure tensor, in parts of the side.
        trust: gradient, in brightness (0 to 1) a pixel of the plan, below which the outline decides.
        outline_sigma: standard deviation of the blur of the subject that gives the outline's direction, in parts of
            the side.
        fall: slope of that blur, a pixel of the plan, below which lines fall from the upper right.
    """

    gradient_sigma_px: float = 1.2
    tensor_sigma: float = 0.012
    trust: float = 1.2e-2
    outline_sigma: float = 0.06
    fall: float = 1e-3

    def of(self, shape: np.ndarray, luma: np.ndarray) -> np.ndarray:
        """Angles in radians, ``(S, S)`` float32, of a subject's shape and a brightness of that size, 0 to 1."""
        side = len(luma)
        slant = np.full_like(luma, 2.2)
        along = structure_orientation(shape, self.outline_sigma * side, 0.02 * side, slant, self.fall)
        return structure_orientation(luma, self.gradient_sigma_px, self.tensor_sigma * side, along, self.trust)


@dataclass(frozen=True)
class Strands:
    """Pen lines that follow a flow.

    Attributes:
        fineness_px: standard deviation of the Gaussian whose blur is taken from the noise, pixels of the plan: the
            smaller, the finer the lines.
        steps: of the flow to each side, first in single pixels, then in longer ones.
        stride_px: length of the longer steps, pixels of the plan.
        smoothness_px: standard deviation of the Gaussian that smooths the edges of lines, pixels of the plan.
        even_sigma_px: standard deviation of the Gaussian over which lines are equally strong, pixels of the plan.
        begin: darkness, 0 to 1, at which lines begin.
        least: share of the paper that is covered where they begin, 0 to 1.
        most: share that is covered where it is darkest, 0 to 1: lights stay between lines.
        end: how fast lines end below ``begin``, in standard deviations of their noise by darkness.
        slope: strength of ink by the standard deviation of the noise.
    """

    fineness_px: float = 0.8
    steps: tuple[int, int] = (3, 4)
    stride_px: float = 3.0
    smoothness_px: float = 0.5
    even_sigma_px: float = 9.0
    begin: float = 0.1
    least: float = 0.08
    most: float = 0.93
    end: float = 60.0
    slope: float = 0.9

    def draw(self, scene: Scene, tone: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """Signed strength of the lines, positive where there is ink: ``(S, S)`` float32.

        Args:
            scene: the picture.
            tone: ``(S, S)`` float32 darkness, 0 to 1.
            flow: ``(S, S)`` float32 radians.
        """
        noise = scene.random("ink.strands").standard_normal(tone.shape, np.float32)
        noise -= blur(noise, self.fineness_px)
        near, far = self.steps
        lines = line_integral_convolution(noise, flow, near)
        lines = line_integral_convolution(lines, flow, far, self.stride_px)
        lines = blur(lines, self.smoothness_px)
        lines /= np.sqrt(blur(lines * lines, self.even_sigma_px)) + 1e-6
        level = np.interp(1 - self.coverage(tone), _TABLE, _QUANTILES).astype(np.float32)
        # Below the least tone not even the strongest of lines is seen.
        level += self.end * np.maximum(self.begin - tone, 0)
        return np.asarray((lines - level) * self.slope, np.float32)

    def coverage(self, tone: np.ndarray) -> np.ndarray:
        """Share of the paper that lines of a tone cover, 0 to 1, of the tone's shape."""
        share = (tone - self.begin) / (1 - self.begin)
        covered = self.least + (self.most - self.least) * np.clip(share, 0, 1)
        return np.asarray(np.where(share > 0, covered, 0))
