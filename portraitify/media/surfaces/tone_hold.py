"""Hatching that is as dark as the photo's skin."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.cielab import to_lab
from portraitify.imaging.filters import blur
from portraitify.media.surfaces.figure import PhotoSkin

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
        room: by how much, as a fraction of its L*, a drawn face may be lighter than the photo's: fair skin is mostly
            bare paper to whoever draws, and dark skin is not.
        share: 0 to 1, how much of the hatching that this asks for is added to dark skin and to fair skin: with all of
            it fair faces are grey, and one in twelve is not known again.
        fair: L* up to which skin is dark, and from which on it is fair.
        densest: darkness, 0 to 1, above which no skin is hatched, so that single lines can be seen.
        broad: standard deviation of the broad light and shade of a drawn face, L*: where it is as weak as in an
            evenly lit photo, lines as even as rain lie over the face, and where it is as strong as in the sun, dark
            skin has white patches.
        local: the same of what models noses, lids, folds and mouths, without which a face is nobody's.
        deepest: how far shade may lie below the mean, L*: it comes ever nearer to that, or hollows of eyes turn black.
        more_broad: factors of the photo's own that ``broad`` needs at the least and at most.
        more_local: those that ``local`` needs.
        split: standard deviation of the Gaussian between both, in distances between the eyes.
        calm: standard deviation of the blur of all, in distances between the eyes.
        calm_px: the least of that, pixels of the plan.
    """

    room: float = 0.2
    share: tuple[float, float] = (0.95, 0.5)
    fair: tuple[float, float] = (40.0, 62.0)
    densest: float = 0.95
    broad: float = 12.0
    local: float = 23.0
    deepest: float = 36.0
    more_broad: tuple[float, float] = (0.6, 3.0)
    more_local: tuple[float, float] = (1.0, 8.0)
    split: float = 0.3
    calm: float = 0.03
    calm_px: float = 2.5

    def added(
        self,
        skin: PhotoSkin | None,
        tone: np.ndarray,
        bare: np.ndarray,
        colours: tuple[np.ndarray, np.ndarray],
        coverage: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:
        """What is added to the tone to be hatched on skin.

        Args:
            skin: of the photo, if its tone is to be held.
            tone: ``(S, S)`` float32, darkness to hatch.
            bare: ``(S, S)`` float32 in 0 to 1, what contours leave of the paper.
            colours: of paper and ink, each ``(3,)`` in 0 to 255.
            coverage: share of the paper that the hatching of a tone covers.

        Returns:
            ``(S, S)`` float32, 0 or more; 0 if there is no photo whose tone is to be held.
        """
        if skin is None:
            return np.zeros_like(tone)
        half = skin.lightness.shape[::-1]
        small, uncovered = (cv2.resize(field, half, interpolation=cv2.INTER_AREA) for field in (tone, bare))
        added = self._held(skin, small, uncovered, _lightness_of(*colours), coverage) - small
        # OpenCV leaves the last rows and columns of fields in double precision empty when it enlarges them.
        share = float(np.interp(skin.mean, self.fair, self.share))
        added = (share * added * blur(skin.held, self.calm_px / 2)).astype(np.float32)
        return np.asarray(cv2.resize(added, tone.shape[::-1], interpolation=cv2.INTER_LINEAR))

    def _held(
        self,
        skin: PhotoSkin,
        tone: np.ndarray,
        bare: np.ndarray,
        shades: np.ndarray,
        coverage: Callable[[np.ndarray], np.ndarray],
    ) -> np.ndarray:
        """The tone at which skin, seen from afar, is about as light as the photo's."""
        counted = skin.weights > _MIN_WEIGHT
        share = skin.weights[counted] / skin.weights[counted].sum()
        light = self._modelled(skin, counted, share)
        tones = np.linspace(0, self.densest, _TONES, dtype=np.float32)
        covers = coverage(tones)
        # Where no line is wished for, none must be about to begin.
        tones = np.where(covers > 0, tones, 0)

        def toned(tone: np.ndarray, light: np.ndarray) -> np.ndarray:
            """At least the tone whose hatching is as light as wished for; lightness in L*."""
            wanted = np.interp(np.interp(-light, -shades, _COVERED), covers, tones).astype(np.float32)
            return np.asarray(np.maximum(wanted, tone))

        clear, inner, inner_light = bare[counted], tone[counted], light[counted]

        def lightness(offset: float) -> float:
            covered = 1 - clear * (1 - coverage(toned(inner, inner_light + offset)))
            return float((np.interp(covered, _COVERED, shades) * share).sum())

        offset = _offset_up_to(skin.mean * (1 + self.room), lightness)
        return toned(tone, light + offset)

    def _modelled(self, skin: PhotoSkin, counted: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Light and shade, L*, as wide as a drawing's."""
        light = blur(skin.lightness, max(self.calm_px / 2, self.calm * skin.eyes_px))
        broad = blur(light, self.split * skin.eyes_px)
        apart = np.zeros_like(light)
        for part, goal, more in (
            (broad - skin.mean, self.broad, self.more_broad),
            (light - broad, self.local, self.more_local),
        ):
            spread = float((part[counted] ** 2 * share).sum()) ** 0.5
            apart += np.clip(goal / max(spread, 1e-6), *more) * part
        return np.asarray(skin.mean + np.where(apart < 0, self.deepest * np.tanh(apart / self.deepest), apart))


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
