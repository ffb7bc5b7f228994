"""Light on the relief of thick paint."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.stroke_shapes import Strokes

# Heights are in pixels of a picture of this size, so that slopes do not depend on the size that is made.
_HEIGHT_PX = 1024.0
_LUMA = np.array([0.299, 0.587, 0.114], np.float32) / 255
# Slope towards the upper left; Sobel's smoothing across the slope in both directions.
_TOWARD_LIGHT = np.array([[-1.4, -1.6, -0.2], [-1.2, 0.0, 1.2], [0.2, 1.6, 1.4]], np.float32) / 8


def height_scale(size_px: int) -> float:
    """Pixels of a picture of this side to one unit of height."""
    return size_px / _HEIGHT_PX


@dataclass(frozen=True)
class Relief:
    """Lights are thick and darks thin; how light on thick paint is seen.

    Attributes:
        thick: thickness of paint in lights, height in pixels of a picture of side 1024.
        thin: the same in darks.
        lights: brightness in 0 to 1, from darks to lights.
        reference_width: of the brush that leaves so much, in parts of the side.
        width_power: of the brush's width, with which thickness grows.
        strength: brightness at a slope of 1, as a share of the colour's.
        min_light: slopes away from the light darken no more than this, below 0.
        max_light: slopes towards the light brighten no more than this.
    """

    thick: float = 1.4
    thin: float = 0.25
    lights: Ramp = field(default_factory=lambda: Ramp(0.12, 0.75))
    reference_width: float = 0.012
    width_power: float = 0.4
    strength: float = 0.16
    min_light: float = -0.12
    max_light: float = 0.18

    def thickness(self, strokes: Strokes) -> np.ndarray:
        """How thick strokes are, heights ``(N,)`` float32."""
        luma = strokes.colour @ _LUMA
        thickness = self.thin + (self.thick - self.thin) * self.lights(luma)
        return np.asarray(thickness * (strokes.width / self.reference_width) ** self.width_power, np.float32)

    def light(self, height: np.ndarray, size_px: int) -> np.ndarray:
        """Light on some rows of a picture, as a share of the colour's: ``(n, size_px)`` float32 around 0.

        Args:
            height: ``(n, size_px)`` float32.
            size_px: side of the picture.
        """
        kernel = _TOWARD_LIGHT * (self.strength * height_scale(size_px))
        light = cv2.filter2D(height, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
        return np.asarray(np.clip(light, self.min_light, self.max_light, out=light))
