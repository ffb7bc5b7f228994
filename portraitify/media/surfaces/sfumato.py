"""Soft modelling in broad planes, and contours that are drawn in the light and lost in the shadow (sfumato)."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.face_parts import FacePart, part_mask
from portraitify.imaging.filters import normalized_blur
from portraitify.imaging.rolling_guidance import rolling_guidance
from portraitify.media.scene import Scene
from portraitify.media.surfaces.ramp import Ramp

# The least deviation of a blur, pixels of the plan.
_LEAST_SIGMA_PX = 0.4

# What is drawn finely in a face, and the deviation of the blur around it, in distances from the eyes to the mouth.
_FEATURES = (FacePart.LEFT_EYE, FacePart.RIGHT_EYE, FacePart.LEFT_BROW, FacePart.RIGHT_BROW, FacePart.LIPS)
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
    drawn = part_mask(scene.meshes, _FEATURES, scene.subject_mask.shape, sigma_px)
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
    radius: float = 0.032
    edge: float = 0.02
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

    inside: Ramp = field(default_factory=lambda: Ramp(0.75, 1.0))
    outside: Ramp = field(default_factory=lambda: Ramp(0.25, 0.0))
    glow: float = 0.02
    rim: float = 0.004
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
        beyond = _grown(mask, self.glow * side)
        near, near_known = _continued(picture, self.inside(_shrunk(mask, self.rim * side)), self.reach * side)
        far, far_known = _continued(picture, self.outside(beyond), self.reach * side)
        light = cv2.cvtColor(near - far, cv2.COLOR_RGB2GRAY) * np.float32(1 / 255)
        drawn = self.contrast(np.abs(light))
        soft = cv2.GaussianBlur(mask, (0, 0), max(self.soft_sigma * side, _LEAST_SIGMA_PX))
        share = soft + (self.crisp(mask) - soft) * drawn
        border = np.clip(8 * soft * (1 - soft), 0, 1)
        border = np.maximum(border, beyond * (1 - mask)) * np.minimum(near_known, far_known)
        far += (near - far) * gray_to_rgb(share)
        far -= picture
        far *= gray_to_rgb(border)
        far += picture
        return far


def _grown(mask: np.ndarray, reach_px: float) -> np.ndarray:
    """A mask that reaches further, with a soft border."""
    window = 2 * max(round(reach_px), 1) + 1
    wide = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (window, window)))
    return cv2.GaussianBlur(wide, (0, 0), max(reach_px / 4, _LEAST_SIGMA_PX))


def _shrunk(mask: np.ndarray, reach_px: float) -> np.ndarray:
    window = 2 * max(round(reach_px), 1) + 1
    return cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (window, window)))


def _continued(picture: np.ndarray, weight: np.ndarray, sigma_px: float) -> tuple[np.ndarray, np.ndarray]:
    """What is known of a picture, continued beyond; and how well it is known, ``(S, S)`` in 0 to 1."""
    side, half = len(picture), len(picture) // 2
    small = cv2.resize(weight, (half, half), interpolation=cv2.INTER_AREA)
    values = cv2.resize(picture, (half, half), interpolation=cv2.INTER_AREA)
    mean, known = normalized_blur(values * gray_to_rgb(small), small, max(sigma_px / 2, _LEAST_SIGMA_PX))
    known = np.clip(known * 20, 0, 1)
    full = (side, side)
    return (
        cv2.resize(mean, full, interpolation=cv2.INTER_LINEAR),
        cv2.resize(known, full, interpolation=cv2.INTER_LINEAR),
    )


@dataclass(frozen=True)
class Sfumato:
    """How softly forms are modelled.

    Attributes:
        planes: that forms are simplified to.
        outline: of the subject.
    """

    planes: Planes = field(default_factory=Planes)
    outline: Outline = field(default_factory=Outline)

    def paint(self, scene: Scene) -> np.ndarray:
        """Model a picture: ``(S, S, 3)`` float32 in 0 to 255."""
        return self.outline.draw(scene, self.planes.paint(scene))
