"""Soft modelling in broad planes, and outlines that are drawn in the light and lost in the shadow (sfumato)."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.face_parts import EXPRESSION, part_mask
from portraitify.imaging.filters import normalized_blur
from portraitify.imaging.morphology import disc
from portraitify.imaging.rolling_guidance import rolling_guidance
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp

# The least deviation of a blur, pixels of the plan.
_LEAST_SIGMA_PX = 0.4
# One part in so many of a neighbourhood tells its colour.
_SURELY_KNOWN = 20

# What is drawn finely in a face, and the deviation of the blur around it, in distances from the eyes to the mouth.
_FEATURES_SIGMA = 0.04


def face_scale(scene: Scene) -> float:
    """Mean distance from the eyes down to the mouth, pixels of the plan."""
    eyes, mouths = scene.landmarks[:, :2].mean(1), scene.landmarks[:, 3:].mean(1)
    return float(np.linalg.norm(mouths - eyes, axis=1).mean())


def drawn_features(scene: Scene) -> np.ndarray:
    """Where faces are drawn finely, ``(S, S)`` float32 in 0 to 1: eyes, brows and lips, as far as they are known."""
    if not len(scene.meshes):
        return scene.features
    sigma_px = max(_FEATURES_SIGMA * face_scale(scene), _LEAST_SIGMA_PX)
    drawn = part_mask(scene.meshes, EXPRESSION, scene.subject_mask.shape, sigma_px)
    return (
        np.minimum(1.5 * drawn, 1) if len(scene.meshes) == len(scene.landmarks) else np.maximum(drawn, scene.features)
    )


@dataclass(frozen=True)
class Planes:
    """How forms are simplified; lengths are in distances from the eyes to the mouth.

    Attributes:
        speck: deviation of the blur that takes specks and pores out.
        features_speck: the same in eyes and mouth.
        radius: half the window over which tones turn.
        edge: contrast, in 0 to 1, from which on a change of tone is a contour.
        rounds: how often contours are given back.
    """

    speck: float = 0.011
    features_speck: float = 0.007
    radius: float = 0.026
    edge: float = 0.012
    rounds: int = 3

    def paint(self, scene: Scene) -> np.ndarray:
        """The picture in planes, ``(S, S, 3)`` float32 in 0 to 255."""
        unit, luma = face_scale(scene), scene.luma
        guide = cv2.GaussianBlur(luma, (0, 0), max(self.speck * unit, _LEAST_SIGMA_PX))
        drawn = cv2.GaussianBlur(luma, (0, 0), max(self.features_speck * unit, _LEAST_SIGMA_PX))
        guide += drawn_features(scene) * (drawn - guide)
        painted = rolling_guidance(scene.even, luma, guide, self.radius * unit, self.edge, self.rounds)
        return np.asarray(np.clip(painted, 0, 255, out=painted))


@dataclass(frozen=True)
class Outline:
    """The border between the subject and what lies behind; both sides are continued to it, so that none has a halo.

    Attributes:
        inside: subject mask, in 0 to 1, of what is surely the subject.
        outside: the same of what surely is not.
        glow: how far around the subject the light of what was behind it may have been left, in parts of the side.
        rim: how far within the subject that light may show, likewise.
        reach: deviation of the blur that continues both sides, in parts of the side.
        crisp: subject mask across a contour that is drawn.
        soft_sigma: blur of a contour that is lost, in parts of the side.
        contrast: difference of brightness, in 0 to 1, between a contour that is lost and one that is drawn.
    """

    inside: Ramp = field(default_factory=lambda: Ramp(0.6, 0.95))
    outside: Ramp = field(default_factory=lambda: Ramp(0.25, 0.0))
    glow: float = 0.02
    rim: float = 0.002
    reach: float = 0.016
    crisp: Ramp = field(default_factory=lambda: Ramp(0.55, 0.85))
    soft_sigma: float = 0.005
    contrast: Ramp = field(default_factory=lambda: Ramp(0.03, 0.16))

    def draw(self, scene: Scene, picture: np.ndarray) -> np.ndarray:
        """Draw or lose the contour of the subject.

        Args:
            scene: the picture.
            picture: ``(S, S, 3)`` float32 in 0 to 255.

        Returns:
            ``(S, S, 3)`` float32.
        """
        mask, side = scene.subject_mask, len(picture)
        near, far, coarse = self._sides(mask, picture)
        beyond, near_known, far_known, drawn = cv2.split(
            cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
        )
        soft = cv2.GaussianBlur(mask, (0, 0), max(self.soft_sigma * side, _LEAST_SIGMA_PX))
        share = soft + (self.crisp(mask) - soft) * drawn
        # Within a contour that is drawn the subject stays as it is: a thin edge of dark hair counts.
        border = np.minimum(8 * soft * (1 - soft), 1) * (1 - drawn * self.inside(mask))
        border = np.maximum(border, beyond * (1 - mask))
        sitter, ground = border * share * near_known, border * (1 - share) * far_known
        result = picture * gray_to_rgb(1 - sitter - ground)
        result += cv2.resize(near, (side, side), interpolation=cv2.INTER_LINEAR) * gray_to_rgb(sitter)
        result += cv2.resize(far, (side, side), interpolation=cv2.INTER_LINEAR) * gray_to_rgb(ground)
        return np.asarray(result)

    def _sides(self, mask: np.ndarray, picture: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Both sides continued to the border, ``(S / 2, S / 2, 3)`` each, and four planes of the same size.

        The planes are where glow may lie, how well either side is known, and how far a contour is drawn.
        """
        half = max(len(picture) // 2, 1)
        mask = cv2.resize(mask, (half, half), interpolation=cv2.INTER_AREA)
        picture = cv2.resize(picture, (half, half), interpolation=cv2.INTER_AREA)
        beyond = cv2.dilate(mask, disc(max(self.glow * half, 1)))
        beyond = cv2.GaussianBlur(beyond, (0, 0), max(self.glow * half / 4, _LEAST_SIGMA_PX))
        inner = self.inside(cv2.erode(mask, disc(max(self.rim * half, 1))))
        sigma_px = max(self.reach * half, _LEAST_SIGMA_PX)
        near, near_known = normalized_blur(picture * gray_to_rgb(inner), inner, sigma_px)
        outer = self.outside(beyond)
        far, far_known = normalized_blur(picture * gray_to_rgb(outer), outer, sigma_px)
        near_known, far_known = (np.minimum(_SURELY_KNOWN * each, 1) for each in (near_known, far_known))
        difference = cv2.cvtColor(near, cv2.COLOR_RGB2GRAY) - cv2.cvtColor(far, cv2.COLOR_RGB2GRAY)
        drawn = self.contrast(np.abs(difference) * np.float32(1 / 255))
        return near, far, cv2.merge([beyond, near_known, far_known, drawn])
