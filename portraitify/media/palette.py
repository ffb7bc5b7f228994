"""The colours a painter of the medium would have mixed, where the generator stays near to the photo's."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.face_regions import face_mask
from portraitify.imaging.filters import blur
from portraitify.media.own_hue import OwnHue
from portraitify.media.white_cloth import whiten_cloth

# Standard deviation of the Gaussian, in parts of the side, that smooths hue: it varies no finer within a brushstroke.
_HUE_SIGMA = 0.008
# L* that contrast leaves as it is.
_MIDDLE_LIGHTNESS = 50.0


@dataclass(frozen=True)
class Palette:
    """How colours change in CIELAB; faces, whose tone must hold, only lose their specks.

    Attributes:
        hue_smoothing: 0 to 1, how much of the fine variation of hue is taken out.
        contrast: factor of the distance from middle lightness, in hair and clothes.
        chroma: factor of chroma there.
        warmth: what is added to b* there and in the background.
        background_lightness: factor of lightness in the background.
        background_chroma: factor of chroma in the background.
        white: a* and b* of white cloth; None leaves it as it is.
        own_hue: how far the subject's hues are held to the photo's.
    """

    hue_smoothing: float = 0.75
    contrast: float = 1.0
    chroma: float = 1.0
    warmth: float = 0.0
    background_lightness: float = 1.0
    background_chroma: float = 1.0
    white: tuple[float, float] | None = None
    own_hue: OwnHue = field(default_factory=OwnHue)

    def mix(
        self, painting: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, photo: np.ndarray | None = None
    ) -> np.ndarray:
        """Change the colours of a painting.

        Args:
            painting: ``(S, S, 3)`` uint8.
            subject_mask: float32 in 0 to 1, square and of any size.
            landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels of the painting.
            photo: ``(h, h, 3)`` uint8, the same crop, which tells the subject's hues and where white cloth is.

        Returns:
            ``(S, S, 3)`` float32 in 0 to 255, not rounded: that would add to what single levels make strokes do.
        """
        side = len(painting)
        # Planes of their own: NumPy takes three times as long for every third number.
        light, red, yellow = (np.asarray(plane, np.float32) for plane in cv2.split(to_lab(painting)))
        mask = cv2.resize(subject_mask.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)
        face = face_mask(landmarks, (side, side))
        body, background = mask * (1 - face), 1 - mask
        light += body * ((self.contrast - 1) * (light - _MIDDLE_LIGHTNESS)) + background * (
            (self.background_lightness - 1) * light
        )
        chroma = 1 + (self.chroma - 1) * body + (self.background_chroma - 1) * background
        for hue, warmth in zip((red, yellow), (0.0, self.warmth), strict=True):
            hue += self.hue_smoothing * (blur(hue, _HUE_SIGMA * side) - hue)
            hue *= chroma
            hue += warmth * (body + background)
        lab = np.asarray(cv2.merge([light, red, yellow]), np.float32)
        if photo is not None:
            self.own_hue.hold(lab, photo, mask, face)
        if photo is not None and self.white is not None:
            whiten_cloth(lab, photo, mask, landmarks, self.white)
        return to_rgb(lab)
