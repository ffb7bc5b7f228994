"""The sheet of a watercolor: the loose wash behind the sitter, of another shape on each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.filters import blur, normalized_blur, smoothstep
from portraitify.media.scene import Scene
from portraitify.media.surfaces.sheet_noise import moved_noise, sitter_angle

# Sides at which the ground's colours and the distance from the sitter are worked out, pixels, and the standard
# deviation of the blur of that distance there.
_COLOUR_PX, _DISTANCE_PX, _DISTANCE_SIGMA = 64, 128, 2.0
# Share of known colours near by from which on they tell all of the ground's.
_ENOUGH_KNOWN = 0.05
# Side turns to which the wash leans, by those of the sheet.
_LEAN = 1.7
# How much less than to the sides a wash leans up or down.
_LEAN_DOWN = 0.6
# Power of the share of sheets that washes do not fill.
_LOOSE_POWER = 1.3
# Of octaves of the quick bends.
_TREMOR_OCTAVES = 2


@dataclass(frozen=True)
class GroundWash:
    """The wash behind the sitter; its border is found in some places, lost in others.

    Attributes:
        sigma: standard deviation of the Gaussian over its colours, in parts of the side.
        lightest: brightness, 0 to 1, to which darker grounds are thinned.
        thinned: 0 to 1, how far.
        reach: least and largest distance from the sitter that it goes, in parts of the side; the largest fills a sheet.
        lean: how much further it goes on one side of a sheet than on the other, in parts of the side.
        wander: standard deviation of the slow bends of its border, in parts of the side.
        wander_cells: slow bends along the picture's side in the coarsest octave.
        wander_octaves: of the slow bends; each has twice as many of half the size as the one before.
        tremor: standard deviation of the quick bends, in parts of the side.
        tremor_cells: quick bends along the picture's side in the coarsest octave.
        crisp: width over which a found border ends, in parts of the side.
        soft: width over which a lost border fades into the paper, in parts of the side.
        lost_cells: places along the picture's side where borders are lost.
        lost_range: values of the noise of mean 0 and standard deviation 1 between which they get lost.
        fade: how much less pigment there is at its border, 0 to 1.
        fade_width: how far inside that begins, in parts of the side.
        line_density: of the pigment that gathers along a found border.
        line_width: of that line, in parts of the side.
    """

    sigma: float = 0.1
    lightest: float = 0.82
    thinned: float = 0.55
    reach: tuple[float, float] = (0.04, 0.9)
    lean: float = 0.35
    wander: float = 0.035
    wander_cells: float = 3.5
    wander_octaves: int = 3
    tremor: float = 0.004
    tremor_cells: float = 30
    crisp: float = 0.003
    soft: float = 0.16
    lost_cells: float = 2.5
    lost_range: tuple[float, float] = (-0.3, 0.9)
    fade: float = 0.35
    fade_width: float = 0.3
    line_density: float = 0.35
    line_width: float = 0.006

    def colour(self, scene: Scene) -> np.ndarray:
        """Even and pale colours of the ground: ``(h, h, 3)`` float32 in 0 to 1."""
        even = _ground_colour(scene, self.sigma)
        luma = cv2.cvtColor(even, cv2.COLOR_RGB2GRAY)
        missing = self.thinned * np.maximum(self.lightest - luma, 0)
        return np.asarray(1 - (1 - even) * gray_to_rgb(1 - missing / np.maximum(1 - luma, 1e-3)))

    def border(self, scene: Scene) -> tuple[np.ndarray, np.ndarray]:
        """Where the wash ends.

        Returns:
            ``(S, S)`` float32 each, in parts of the side: how far inside the wash a place is, below 0 outside, and
            the width over which its border ends there.
        """
        side, random = len(scene.subject_mask), scene.random("watercolor.ground")
        sitter = sitter_angle(scene)
        far = (0.5 + 0.5 * np.sin(sitter + random.uniform(0, 2 * np.pi))) ** _LOOSE_POWER
        turn = _LEAN * sitter + random.uniform(0, 2 * np.pi)
        ticks = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
        inside = self.reach[0] + (self.reach[1] - self.reach[0]) * far - _distance_from(scene.subject_mask)
        inside += self.lean * (np.cos(turn) * ticks + _LEAN_DOWN * np.sin(turn) * ticks[:, None])
        inside += self.wander * moved_noise(random, side, self.wander_cells, self.wander_octaves, sitter)
        inside += self.tremor * moved_noise(random, side, self.tremor_cells, _TREMOR_OCTAVES, sitter)
        lost = smoothstep(moved_noise(random, side, self.lost_cells, 1, sitter), *self.lost_range)
        return np.asarray(inside, np.float32), np.asarray(self.crisp + (self.soft - self.crisp) * lost, np.float32)

    def density(self, inside: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Density of the pigment, around 1: ``(n, m)`` float32 for the results of `border`."""
        thin = 1 - self.fade * smoothstep(inside, self.fade_width, 0.0)
        found = np.clip(2 - width * np.float32(0.5 / self.line_width), 0, 1)
        return np.asarray(thin + self.line_density * found * smoothstep(inside, self.line_width, 0.0))

    def bare(self, inside: np.ndarray, width: np.ndarray) -> np.ndarray:
        """Share of the paper that the wash leaves bare, 0 to 1: ``(n, m)`` float32 for the results of `border`."""
        return smoothstep(inside / width, 1.0, 0.0)


def _distance_from(subject_mask: np.ndarray) -> np.ndarray:
    """Distance from the subject, in parts of the side, ``(S, S)`` float32."""
    outside = (resample(subject_mask, (_DISTANCE_PX, _DISTANCE_PX)) < 0.5).astype(np.uint8)
    away = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_5)
    # Far away where there is no subject at all.
    away = np.minimum(away, _DISTANCE_PX).astype(np.float32) * np.float32(1 / _DISTANCE_PX)
    size = subject_mask.shape[::-1]
    return cv2.resize(blur(away, _DISTANCE_SIGMA), size, interpolation=cv2.INTER_CUBIC)


def _ground_colour(scene: Scene, sigma: float) -> np.ndarray:
    """Colours of the ground, averaged: ``(h, h, 3)`` float32 in 0 to 1."""
    size = (_COLOUR_PX, _COLOUR_PX)
    ground = (1 - scene.subject_mask) ** 2
    weight = resample(ground, size)
    weighted = resample(scene.even * gray_to_rgb(ground * np.float32(1 / 255)), size)
    mean = weighted.sum((0, 1)) / max(float(weight.sum()), 1e-3)
    near, known = normalized_blur(weighted, weight, sigma * _COLOUR_PX)
    share = gray_to_rgb(np.clip(known * np.float32(1 / _ENOUGH_KNOWN), 0, 1))
    return np.asarray(mean + share * (near - mean), np.float32)
