"""Washes of watercolor: the glazes that are laid over each other, and the lights that they leave."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.channels import channel_range
from portraitify.imaging.filters import blur, smoothstep, weighted_mean
from portraitify.media.scene import Scene

# Brightness, 0 to 1, by a pixel of the plan: gentler slopes count as this steep, or washes would break up where tone
# is even.
_LEAST_SLOPE = 0.0045
# Standard deviation of the blur of slopes, pixels of the plan: between single pixels they would fray borders.
_SLOPE_SIGMA_PX = 1.2
# Side at which the photo's brightness is taken, pixels.
_MEAN_PX = 64


def _between(rest: float, face: float, where: np.ndarray) -> np.ndarray:
    """From one value to that of faces, for ``where`` from 0 to 1."""
    return np.asarray(rest + (face - rest) * where, np.float32)


@dataclass(frozen=True)
class Glazes:
    """Washes that are laid over the first one when it is dry, each a step of tone.

    Pairs are for the rest of the picture and for faces, where borders are found and lost.

    Attributes:
        count: steps from black to white.
        wander: how far borders stray, in steps, by a standard deviation of the flow of the water.
        width_px: over which the tone changes at a border, pixels of the plan.
        share: 0 to 1, how far glazes stand apart from each other.
        line_px: width of the line along a border at which pigment gathers, pixels of the plan.
        line_density: of the pigment in that line.
        lost: flow of the water, in standard deviations, between which borders in faces run into each other.
    """

    count: float = 6.0
    wander: tuple[float, float] = (0.2, 0.12)
    width_px: tuple[float, float] = (2.5, 4.0)
    share: tuple[float, float] = (0.45, 0.8)
    line_px: float = 3.0
    line_density: tuple[float, float] = (0.16, 0.08)
    lost: tuple[float, float] = (-0.6, 0.6)

    def level(self, luma: np.ndarray, face: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """Brightness in steps, uneven as hands are; all ``(S, S)`` float32."""
        return np.asarray(self.count * luma + _between(*self.wander, face) * flow)

    def reach(self, level: np.ndarray) -> np.ndarray:
        """Pixels of the plan over which brightness changes by a step, ``(S, S)`` float32."""
        dx = cv2.Sobel(level, cv2.CV_32F, 1, 0, scale=0.125)
        dy = cv2.Sobel(level, cv2.CV_32F, 0, 1, scale=0.125)
        slope = blur(cv2.magnitude(dx, dy), _SLOPE_SIGMA_PX)
        return np.asarray(1 / np.maximum(slope, np.float32(_LEAST_SLOPE * self.count)))

    def found(self, reach: np.ndarray, face: np.ndarray, flow: np.ndarray) -> np.ndarray:
        """The same where borders in faces are lost as the water flows; all ``(S, S)`` float32."""
        gone = face * smoothstep(flow, *self.lost)
        return np.asarray(reach + gone * (np.minimum(reach, np.float32(self.width_px[1])) - reach))

    def added(self, level: np.ndarray, reach: np.ndarray, face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What glazes add.

        Args:
            level: ``(n, m)`` float32, brightness in steps.
            reach: ``(n, m)`` float32, pixels of the plan for a step.
            face: ``(n, m)`` float32, 0 to 1, the faces.

        Returns:
            ``(n, m)`` float32 each: to brightness, 0 to 1, and to the density of the pigment.
        """
        part = level - np.floor(level) - np.float32(0.5)
        # By their distance in pixels borders are as sharp where tone falls gently as where it falls steeply.
        distance = part * reach
        step = np.clip(distance / _between(*self.width_px, face), -0.5, 0.5) - part
        line = np.clip(1 + distance * np.float32(1 / self.line_px), 0, 1) * (distance < 0)
        share = _between(*self.share, face) * np.float32(1 / self.count)
        return np.asarray(step * share), np.asarray(line * _between(*self.line_density, face))


@dataclass(frozen=True)
class Lights:
    """Where washes leave the paper bare.

    Attributes:
        face_quantile: of brightness in faces, 0 to 1, at which half of the paper shows.
        face_range: brightness, 0 to 1, over which it comes to show there.
        face: share of the paper that shows in the lights of a pale face.
        pale: mean brightness of the face in the photo, 0 to 1, between which faces count as pale.
        rest_from: brightness, 0 to 1, of hair and cloth at which half of the paper shows.
        rest_px: over which it comes to show there, pixels of the plan.
        rest: share of the paper that shows in lights of hair and cloth.
        neutral: the largest of red, green and blue less the smallest, 0 to 1, of colours that are no white, and of
            those that surely are.
    """

    face_quantile: float = 0.86
    face_range: float = 0.16
    face: float = 0.6
    pale: tuple[float, float] = (0.40, 0.66)
    rest_from: float = 0.76
    rest_px: float = 7.0
    rest: float = 0.7
    neutral: tuple[float, float] = (0.25, 0.10)

    def plan(
        self, scene: Scene, face: np.ndarray, luma: np.ndarray, colour: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find the lights.

        Args:
            scene: the picture.
            face: ``(S, S)`` float32, 0 to 1, the faces.
            luma: ``(S, S)`` float32 brightness, 0 to 1.
            colour: ``(S, S, 3)`` float32 in 0 to 1.

        Returns:
            ``(S, S)`` float32 each: how far brightness lies above that at which half of the paper shows, and the share
            of the paper that can show, 0 to 1.
        """
        counts = np.bincount(np.rint(np.clip(luma, 0, 1) * 255).astype(np.uint8).ravel(), face.ravel(), 256)
        sums = np.cumsum([0, *counts])
        light = float(np.interp(self.face_quantile * sums[-1], sums, np.arange(257) - 0.5)) / 255
        white = smoothstep(channel_range(colour), *self.neutral)
        share = self.face * self._paleness(scene, face, luma) * face + self.rest * white * (1 - face)
        return luma - _between(self.rest_from, light, face), np.asarray(share * scene.subject_mask)

    def bare(self, above: np.ndarray, reach: np.ndarray, face: np.ndarray) -> np.ndarray:
        """How far the paper shows, 0 to 1: soft in faces, at an edge elsewhere; all ``(n, m)`` float32.

        Args:
            above: as `plan` gives.
            reach: pixels of the plan over which brightness goes from 0 to 1.
            face: 0 to 1, the faces.
        """
        steep = reach * np.float32(1 / self.rest_px)
        steep += face * (np.float32(1 / self.face_range) - steep)
        return smoothstep(above * steep, -0.5, 0.5)

    def _paleness(self, scene: Scene, face: np.ndarray, luma: np.ndarray) -> float:
        seen = luma
        if scene.photo is not None:
            seen = cv2.cvtColor(scene.photo, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
        small, weight = (resample(field, (_MEAN_PX, _MEAN_PX)) for field in (seen, face))
        return float(smoothstep(np.array([weighted_mean(small, weight)], np.float32), *self.pale)[0])
