"""The directions of brush strokes."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.filters import blur
from portraitify.imaging.flow import structure_axis, structure_orientation
from portraitify.media.scene import PLAN_PX, Scene
from portraitify.media.surfaces.noise import Noise
from portraitify.media.surfaces.ramp import Ramp

# Side of the picture on which directions are read: their blurs leave nothing finer.
_SIDE_PX = 256


@dataclass(frozen=True)
class OrientationScale:
    """The scale at which directions are read; see :func:`portraitify.imaging.flow.structure_orientation`.

    Attributes:
        gradient_sigma: blur before the gradient, in parts of the side.
        smoothing_sigma: blur of the structure tensor, in parts of the side.
        trust: gradient, in brightness from 0 to 1 a pixel of the plan, that weighs as much as the prior.
    """

    gradient_sigma: float
    smoothing_sigma: float
    trust: float

    def angles(self, brightness: np.ndarray, prior: np.ndarray) -> np.ndarray:
        """Directions along which brightness changes least.

        Args:
            brightness: ``(S, S)`` float32 in 0 to 1.
            prior: ``(S, S)`` float32 radians, which decide where the picture is even.

        Returns:
            ``(S, S)`` float32 radians.
        """
        side = brightness.shape[0]
        # A pixel of a coarser picture is a longer way, on which brightness changes by more.
        trust = self.trust * PLAN_PX / side
        return structure_orientation(brightness, self.gradient_sigma * side, self.smoothing_sigma * side, prior, trust)


def _outline_scale() -> OrientationScale:
    return OrientationScale(gradient_sigma=4 / PLAN_PX, smoothing_sigma=0.02, trust=0.004)


def _background_scale() -> OrientationScale:
    return OrientationScale(gradient_sigma=0.012, smoothing_sigma=0.02, trust=0.003)


def _masses_scale() -> OrientationScale:
    return OrientationScale(gradient_sigma=0.02, smoothing_sigma=0.04, trust=0.001)


def _subject_scale() -> OrientationScale:
    return OrientationScale(gradient_sigma=0.006, smoothing_sigma=0.014, trust=0.005)


@dataclass(frozen=True)
class BrushTurns:
    """A painter turns the brush from patch to patch: strokes on a face do not run around one centre.

    Attributes:
        patches: along the side.
        wobble: how uneven their borders are, in their size.
        stray: standard deviation of a patch's direction, radians.
        share: 0 to 1, of a patch's direction; the form has the rest. Eyes and mouth have no patches.
    """

    patches: int = 22
    wobble: Noise = field(default_factory=lambda: Noise(deviation=0.45, cells=30))
    stray: float = 0.4
    share: float = 0.45

    def over(self, scene: Scene, cosine: np.ndarray, sine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Axes with the patches' own, as cosine and sine of twice their angle, ``(s, s)`` float32 each."""
        side, count, random = len(cosine), self.patches, scene.random("strokes.turns")
        at = (np.arange(side, dtype=np.float32) + 0.5) * (count / side)
        column, row = (np.clip(each + self.wobble.draw(random, side), 0, count - 1) for each in (at, at[:, None]))
        number = row.astype(np.intp) * count + column.astype(np.intp)
        means = [cv2.resize(each, (count, count), interpolation=cv2.INTER_AREA) for each in (sine, cosine)]
        turned = np.arctan2(*means) + np.float32(2 * self.stray) * random.standard_normal((count, count), np.float32)
        face = scene.face * (1 - scene.features)
        share = self.share * cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        patched = [turn(turned).ravel().take(number) for turn in (np.cos, np.sin)]
        # The form's axes may be of any length.
        length = np.hypot(cosine, sine) + np.float32(1e-6)
        form = cosine / length, sine / length
        mixed = [own + (patch - own) * share for own, patch in zip(form, patched, strict=True)]
        return mixed[0], mixed[1]


@dataclass(frozen=True)
class BrushDirections:
    """Along the form in the subject; loose slanted sweeps, in line with its outline near by, in the background.

    Attributes:
        slant: mean direction of the sweeps, radians.
        slant_deviation: standard deviation of that mean from picture to picture, radians.
        sweeps: how directions vary within a picture, radians.
        outline_sigma: blur of the subject mask whose outline is followed, in parts of the side.
        outline: scale at which the outline is read.
        background: scale at which the background's form is read.
        masses: scale at which the subject's broad form is read, which decides where its fine form tells nothing.
        subject: scale at which the subject's form is read.
        certain: gradient, in the unit of a scale's trust, at which a direction is half certain.
        subject_sigma: blur of the subject mask that chooses between both, in parts of the side.
        subject_edge: subject mask, in 0 to 1, between the background's directions and the subject's.
        turns: of the brush on faces, patch by patch.
    """

    slant: float = 0.8
    slant_deviation: float = 0.5
    sweeps: Noise = field(default_factory=lambda: Noise(deviation=0.7, cells=5))
    outline_sigma: float = 0.02
    outline: OrientationScale = field(default_factory=_outline_scale)
    background: OrientationScale = field(default_factory=_background_scale)
    masses: OrientationScale = field(default_factory=_masses_scale)
    subject: OrientationScale = field(default_factory=_subject_scale)
    certain: float = 0.012
    subject_sigma: float = 2 / PLAN_PX
    subject_edge: Ramp = field(default_factory=lambda: Ramp(0.3, 0.7))
    turns: BrushTurns = field(default_factory=lambda: BrushTurns())

    def certainty(self, scene: Scene) -> np.ndarray:
        """How clearly the subject's form tells a direction, ``(s, s)`` float32 in 0 to 1."""
        side, scale = min(len(scene.subject_mask), _SIDE_PX), self.subject
        luma = cv2.resize(scene.luma, (side, side), interpolation=cv2.INTER_AREA)
        cosine, sine = structure_axis(luma, scale.gradient_sigma * side, scale.smoothing_sigma * side)
        length = np.hypot(cosine, sine)
        certainty: np.ndarray = length / (length + np.float32((self.certain * PLAN_PX / side) ** 2))
        return certainty

    def angles(self, scene: Scene) -> np.ndarray:
        """``(s, s)`` float32 radians, at most a quarter turn from the mean direction of the sweeps."""
        side = min(len(scene.subject_mask), _SIDE_PX)
        random = scene.random("strokes.directions")
        slant = self.slant + self.slant_deviation * random.standard_normal()
        broad, masses = (
            cv2.resize(each, (side, side), interpolation=cv2.INTER_NEAREST)
            for each in self._broad_angles(scene, side // 2, random, slant)
        )
        mask, luma = _at_side(scene, side)
        fine = self.subject.angles(luma, masses)
        share = self.subject_edge(blur(mask, self.subject_sigma * side))
        # Mix the axes and not the angles, which jump by half a turn.
        broad, fine = 2 * (broad - slant), 2 * (fine - slant)
        cosine = np.cos(broad) * (1 - share) + np.cos(fine) * share
        sine = np.sin(broad) * (1 - share) + np.sin(fine) * share
        cosine, sine = self.turns.over(scene, cosine, sine)
        # An axis has two ends, and somewhere the one that counts must change over: across the sweeps, where few lie.
        mixed: np.ndarray = 0.5 * np.arctan2(sine, cosine) + np.float32(slant)
        return mixed

    def _broad_angles(
        self, scene: Scene, side: int, random: np.random.Generator, slant: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Directions of the background and of the subject's masses, ``(side, side)`` float32 radians each."""
        mask, luma = _at_side(scene, side)
        sweeps = slant + self.sweeps.draw(random, side)
        around = self.outline.angles(blur(mask, self.outline_sigma * side), sweeps)
        return self.background.angles(luma, around), self.masses.angles(luma, around)


def _at_side(scene: Scene, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Subject mask and brightness, ``(side, side)`` float32 each."""
    mask, luma = (
        cv2.resize(each, (side, side), interpolation=cv2.INTER_AREA) for each in (scene.subject_mask, scene.luma)
    )
    return mask, luma
