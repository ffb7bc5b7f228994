"""Hatching that is as dark as the photo's skin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from portraitify.imaging.cielab import to_lab
from portraitify.imaging.filters import blur
from portraitify.imaging.skin import mean_color, skin_mask, skin_weights
from portraitify.media.scene import Scene

# Places with less weight count for nothing in the mean over the skin.
_MIN_WEIGHT = 0.01
# The offset of lightness is looked for between these, in L*, by so many halvings.
_MAX_OFFSET, _HALVINGS = 60.0, 9
# Steps of tone and of covered paper at which curves are tabulated.
_TONES, _COVERS = 86, 33
# Shares of the paper that are covered with ink, 0 to 1.
_COVERED = np.linspace(0, 1, _COVERS, dtype=np.float32)


@dataclass(frozen=True)
class ToneHold:
    """How dark a drawn face is beside its photo.

    Between its lines the paper is bare, so a drawing may stay lighter than
    what it shows, but by no more for one subject than for another. Lines are
    added where the photo is darkest first, so that they model the face.

    Attributes:
        room: by how much, in L*, a drawn face may be lighter than the photo's.
        share: 0 to 1, how much of the hatching that this asks for is added: with all of it faces are grey, and one in
            twelve is not known again.
        densest: darkness, 0 to 1, above which no skin is hatched, so that single lines can be seen.
        modelling: factor of the photo's light and shade: as weak as in the photo, lines as even as rain would lie over
            the face.
        modelling_sigma_px: standard deviation of the blur of light and shade, pixels of the plan.
    """

    room: float = 6.0
    share: float = 0.4
    densest: float = 0.85
    modelling: float = 1.6
    modelling_sigma_px: float = 2.5

    def added(
        self,
        scene: Scene,
        tone: np.ndarray,
        drawn: np.ndarray,
        colours: tuple[np.ndarray, np.ndarray],
        coverage: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:
        """What is added to the tone to be hatched.

        Args:
            scene: the picture.
            tone: ``(S, S)`` float32, darkness to hatch.
            drawn: ``(S, S)`` float32 in 0 to 1, ink of the contours.
            colours: of paper and ink, each ``(3,)`` in 0 to 255.
            coverage: share of the paper that the hatching of a tone covers.

        Returns:
            ``(S, S)`` float32, 0 or more; 0 if there is no photo whose tone is to be held.
        """
        if scene.photo is None:
            return np.zeros_like(tone)
        held = self._held(scene, to_lab(scene.photo), tone, drawn, _lightness_of(*colours), coverage)
        return np.asarray(self.share * (held - tone))

    def _held(
        self,
        scene: Scene,
        photo: np.ndarray,
        tone: np.ndarray,
        drawn: np.ndarray,
        shades: np.ndarray,
        coverage: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:
        """The tone at which skin, seen from afar, is about as light as the photo's."""
        weights = skin_weights(photo, scene.subject_mask, scene.landmarks[0])
        skin = skin_mask(photo, scene.subject_mask, scene.landmarks[0], weights)
        mean = float(mean_color(photo, weights)[0])
        light = mean + self.modelling * (blur(photo[..., 0], self.modelling_sigma_px) - mean)
        tones = np.linspace(0, self.densest, _TONES, dtype=np.float32)
        covers = coverage(tones)

        def toned(tone: np.ndarray, light: np.ndarray, skin: np.ndarray) -> np.ndarray:
            """At least the tone whose hatching is as light as wished for, where there is skin; lightness in L*."""
            wanted = np.interp(np.interp(-light, -shades, _COVERED), covers, tones).astype(np.float32)
            return np.asarray(tone + np.maximum(wanted - tone, 0) * skin)

        counted = weights > _MIN_WEIGHT
        share = weights[counted] / weights[counted].sum()
        bare, inner, inner_light, mask = 1 - drawn[counted], tone[counted], light[counted], skin[counted]

        def lightness(offset: float) -> float:
            covered = 1 - bare * (1 - coverage(toned(inner, inner_light + offset, mask)))
            return float((np.interp(covered, _COVERED, shades) * share).sum())

        offset = _offset_up_to(mean + self.room, lightness)
        # OpenCV leaves the last rows and columns of fields in double precision empty when it enlarges them.
        return toned(tone, light + offset, skin).astype(np.float32)


def _offset_up_to(goal: float, lightness: Callable[[float], float]) -> float:
    """The offset, in L*, at which a lightness that rises with it comes up to a goal (bisection, then the secant).

    Without the secant the whole face would be a step lighter or darker where single values of a sketch differ.
    """
    low, high = -_MAX_OFFSET, _MAX_OFFSET
    darker, lighter = -math.inf, math.inf
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        found = lightness(middle)
        if found < goal:
            low, darker = middle, found
        else:
            high, lighter = middle, found
    # A goal out of reach leaves one of both ends where it was.
    return low + (high - low) * (goal - darker) / (lighter - darker) if lighter - darker < math.inf else low


def _lightness_of(paper: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """L* from afar of paper of which ``_COVERED`` are covered with ink."""
    return to_lab((paper + (ink - paper) * _COVERED[:, None])[None])[0, :, 0]
