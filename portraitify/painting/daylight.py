"""Sitters in daylight: photos under violet, green or orange lamps lend skin a hue that no painter would mix."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.config import PaintConfig
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.bands import resample
from portraitify.imaging.cielab import lab_to_rgb, to_lab
from portraitify.imaging.filters import smoothstep
from portraitify.imaging.skin import mean_color, skin_weights
from portraitify.media.registry import medium_of
from portraitify.weights import BankEntry

# Side at which the colour of skin is measured, pixels.
_SKIN_PX = 128
# Linear light below which a channel tells no colour.
_BLACK = 1e-3
_LEVELS = np.arange(256, dtype=np.float64) / 255


@dataclass(frozen=True)
class Daylight:
    """How far a photo's white balance is mended by its sitter's skin.

    Hues are angles in CIELAB, degrees from a* to b*. Of 430 photos half have skin between 41 and 53, and 5 % below 25;
    of 600 Renaissance and oil paintings 5 % lie below 41 and 43. Lightness stays, so that the tone of skin does.

    Attributes:
        hue: of skin, from which and up to which nothing is done.
        left: 0 to 1, of what lies beyond, what stays.
        chroma: below which skin gains some.
        coloured: chroma of skin between a photo without colours, which stays so, and one with.
        strange: how far from the middle of ``hue`` a light is meant, as on a stage: there less is done, and nothing.
        most: factor of red, green or blue that is never exceeded, and its inverse.
    """

    hue: tuple[float, float] = (40.0, 72.0)
    left: float = 0.3
    chroma: float = 12.0
    coloured: tuple[float, float] = (4.0, 8.0)
    strange: tuple[float, float] = (90.0, 130.0)
    most: float = 1.3

    def over(self, face: AlignedFace, subject_mask: np.ndarray) -> AlignedFace:
        """The same face as daylight would show it.

        Args:
            face: in its crop.
            subject_mask: ``(S, S)`` float32 in 0 to 1.
        """
        gains = self.gains(skin_colour(face, subject_mask))
        if np.allclose(gains, 1, atol=0.005):
            return face
        table = _table(gains)
        renditions = face.renditions
        photo, detail = (
            None if part is None else cv2.LUT(part, table) for part in (renditions.photo, renditions.detail)
        )
        return replace(
            face, pixels=cv2.LUT(face.pixels, table), renditions=replace(renditions, photo=photo, detail=detail)
        )

    def gains(self, skin: np.ndarray) -> np.ndarray:
        """Factors of linear red, green and blue, ``(3,)``, for a photo whose skin has a mean CIELAB colour, ``(3,)``.

        Source: von Kries, 1902, in the primaries of sRGB.
        """
        chroma, angle = float(np.hypot(skin[1], skin[2])), float(np.degrees(np.arctan2(skin[2], skin[1])))
        beyond = angle - float(np.clip(angle, *self.hue))
        middle = sum(self.hue) / 2
        known = float(smoothstep(np.array(chroma), *self.coloured))
        known *= float(smoothstep(np.array(abs(angle - middle)), *self.strange[::-1]))
        target = np.radians(angle - known * (1 - self.left) * beyond)
        richer = chroma + known * (1 - self.left) * max(self.chroma - chroma, 0)
        goal = np.array([skin[0], richer * np.cos(target), richer * np.sin(target)])
        before, after = (_linear(lab_to_rgb(lab[None, None].astype(np.float32))[0, 0]) for lab in (skin, goal))
        gains = np.clip((after + _BLACK) / (before + _BLACK), 1 / self.most, self.most)
        # Cut off, they would change lightness.
        luma = np.array([0.2126, 0.7152, 0.0722])
        return np.asarray(gains * (before @ luma) / max(float((gains * before) @ luma), 1e-6))


def in_daylight(face: AlignedFace, subject_mask: np.ndarray, reference: BankEntry, config: PaintConfig) -> AlignedFace:
    """A face as it is to be painted: its colours mended, unless they are to be kept or do not matter.

    Args:
        face: in its crop.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        reference: the old painting, whose style tells whether there will be colours.
        config: the options.
    """
    if config.keep_color or medium_of(reference.style).monochrome:
        return face
    return Daylight().over(face, subject_mask)


def skin_colour(face: AlignedFace, subject_mask: np.ndarray) -> np.ndarray:
    """Mean CIELAB colour of a face's skin, ``(3,)``."""
    size = (_SKIN_PX, _SKIN_PX)
    lab, mask = to_lab(resample(face.pixels, size)), resample(subject_mask, size)
    return mean_color(lab, skin_weights(lab, mask, face.landmarks * (_SKIN_PX / len(face.pixels))))


def _linear(rgb: np.ndarray) -> np.ndarray:
    """sRGB in 0 to 1 to linear light."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _table(gains: np.ndarray) -> np.ndarray:
    """Levels of red, green and blue after factors of their light: ``(256, 1, 3)`` uint8 for OpenCV."""
    light = np.clip(_linear(_LEVELS)[:, None] * gains, 0, 1)
    levels = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(levels * 255).astype(np.uint8)[:, None])
