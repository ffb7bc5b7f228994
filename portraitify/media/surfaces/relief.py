"""Light on the relief of thick paint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portraitify.imaging.flow import relief_shading
from portraitify.media.scene import Scene

# Heights are in pixels of a picture of this size, so that slopes do not depend on the size that is made.
_HEIGHT_PX = 1024.0


def height_scale(size_px: int) -> float:
    """Pixels of a picture of this side to one unit of height."""
    return size_px / _HEIGHT_PX


@dataclass(frozen=True)
class Relief:
    """How light on thick paint is seen.

    Attributes:
        strength: brightness at a slope of 1, as a share of the colour's, outside faces.
        face: the same in faces.
        features_reduction: 0 to 1, how much less it is in eyes and mouth.
        lights_reduction: 0 to 1, how much less it is in white.
        min_slope: slopes away from the light count as no steeper than this, below 0.
        max_slope: slopes towards the light count as no steeper than this.
        gloss: brightness, 0 to 255, of the light that paint reflects at a share of 1.
    """

    strength: float = 0.22
    face: float = 0.08
    features_reduction: float = 0.7
    lights_reduction: float = 0.45
    min_slope: float = -0.5
    max_slope: float = 0.7
    gloss: float = 26.0

    def strengths(self, scene: Scene) -> np.ndarray:
        """How strongly each place shows its relief, ``(S, S)`` float32."""
        regional = self.strength - (self.strength - self.face) * scene.face
        regional = regional * (1 - self.features_reduction * scene.features)
        strengths: np.ndarray = regional * (1 - self.lights_reduction * scene.luma)
        return strengths

    def light(self, height: np.ndarray, strengths: np.ndarray, size_px: int) -> np.ndarray:
        """Light on some rows of a picture, as a share of the colour's: ``(n, size_px)`` float32 around 0.

        Args:
            height: ``(n, size_px)`` float32.
            strengths: rows of what `strengths` gives.
            size_px: side of the picture.
        """
        slope = relief_shading(height * height_scale(size_px))
        light: np.ndarray = np.clip(slope, self.min_slope, self.max_slope) * strengths
        return light
