"""Sitters in daylight: photos under violet, green or orange lamps lend skin a hue that no painter would mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.config import PaintConfig
from portraitify.faces.aligned_face import AlignedFace
from portraitify.imaging.bands import resample
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import LINEAR_LEVELS, lab_to_rgb, light_to_rgb, rgb_to_light, to_lab
from portraitify.imaging.filters import smoothstep
from portraitify.imaging.skin import mean_color, skin_weights
from portraitify.media.registry import medium_of
from portraitify.media.shares import parse_mix

# Side at which the colour of skin is measured, pixels.
_SKIN_PX = 128
# In a crowd each face is too small for its skin to be told.
_MOST_FACES = 8
# Weight from which on a place is skin for sure.
_SEEN = 0.1
# Linear light below which a channel tells no colour, and factors that change hardly a level.
_BLACK, _LEAST = 1e-3, 0.005
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Daylight:
    """How far a photo's white balance is mended by its sitter's skin.

    Hues are angles in CIELAB, degrees from a* to b*. Of 430 photos half have skin between 41 and 53, and 5 % below 25;
    of 600 Renaissance and oil paintings 5 % lie below 41 and 43. Lightness stays, so that the tone of skin does.

    Attributes:
        hue: of skin, from which and up to which nothing is done.
        left: 0 to 1, of what lies beyond, what stays.
        chroma: below which skin of a hue beyond gains some.
        beyond: how far beyond it gains all of that, degrees.
        coloured: chroma of skin between a photo without colours, which stays so, and one with.
        strange: how far from the middle of ``hue`` a light is meant, as on a stage: there less is done, and nothing.
        most: largest factor of red, green or blue, before lightness is put back, and the inverse of the least.
    """

    hue: tuple[float, float] = (40.0, 72.0)
    left: float = 0.3
    chroma: float = 12.0
    beyond: float = 10.0
    coloured: tuple[float, float] = (4.0, 8.0)
    strange: tuple[float, float] = (90.0, 130.0)
    most: float = 1.3

    def over(self, face: AlignedFace, subject_mask: np.ndarray, share: float = 1.0) -> AlignedFace:
        """The same face as daylight would show it; the photo at full size only where some of it stays.

        Args:
            face: in its crop.
            subject_mask: ``(S, S)`` float32 in 0 to 1.
            share: 0 to 1, how far.
        """
        skin = skin_colour(face, subject_mask)
        gains = np.ones(3) if skin is None else self.gains(skin) ** share
        if np.allclose(gains, 1, atol=_LEAST):
            return face
        table = _table(gains)
        renditions = face.renditions
        if renditions.detail is not None:
            renditions = replace(renditions, detail=cv2.LUT(renditions.detail, table))
        # Nothing is seen of the photo through a whole painting.
        if share < 1 and renditions.photo is not None:
            renditions = replace(renditions, photo=cv2.LUT(renditions.photo, table))
        return replace(face, pixels=cv2.LUT(face.pixels, table), renditions=renditions)

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
        strange = float(smoothstep(np.array(abs(beyond)), 0, self.beyond))
        richer = chroma + strange * known * (1 - self.left) * max(self.chroma - chroma, 0)
        goal = np.array([skin[0], richer * np.cos(target), richer * np.sin(target)])
        before, after = (
            rgb_to_light(lab_to_rgb(lab[None, None].astype(np.float32)))[0, 0].astype(np.float64)
            for lab in (skin, goal)
        )
        gains = np.clip((after + _BLACK) / (before + _BLACK), 1 / self.most, self.most)
        # Cut off, they would change lightness.
        return np.asarray(gains * (before @ _LUMINANCE) / max(float((gains * before) @ _LUMINANCE), 1e-6))


def in_daylight(face: AlignedFace, subject_mask: np.ndarray, styles: Sequence[str], config: PaintConfig) -> AlignedFace:
    """A face as it is to be painted: its colours mended, unless they are to be kept or do not matter.

    Args:
        face: in its crop.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        styles: in which it will be painted, mixtures too; of drawings alone nothing has colours.
        config: the options.
    """
    drawn = all(medium_of(name).monochrome for style in styles for name, _ in parse_mix(style))
    if config.keep_color or drawn:
        return face
    return Daylight().over(face, subject_mask, config.strength)


def skin_colour(face: AlignedFace, subject_mask: np.ndarray) -> np.ndarray | None:
    """Mean CIELAB colour of the skin of a crop's faces, ``(3,)``, or nothing where no skin is seen."""
    size, scale = (_SKIN_PX, _SKIN_PX), _SKIN_PX / len(face.pixels)
    lab, mask = to_lab(resample(face.pixels, size)), resample(subject_mask, size)
    weights = [skin_weights(lab, mask, points * scale) for points in face.all_landmarks[:_MOST_FACES]]
    # What lies outside the mask, or is too small, is weighed evenly all over the picture.
    seen = [weight for weight in weights if weight.max() > _SEEN]
    return np.mean([mean_color(lab, weight) for weight in seen], 0) if seen else None


def _table(gains: np.ndarray) -> np.ndarray:
    """Levels of red, green and blue after factors of their light: ``(256, 1, 3)`` uint8 for OpenCV."""
    light = np.clip(LINEAR_LEVELS[:, None, None] * gains.astype(np.float32), 0, 1)
    return to_uint8(light_to_rgb(light) * 255)
