"""Noise that differs from sitter to sitter under one seed, so that no two sheets are alike."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene

# Side of the noise, pixels.
_NOISE_PX = 256
# Turns of a sheet's shape as the sitter's share of it, and the mean brightness, go from 0 to 1: sheets of different
# sitters differ, and what engines differ by moves nothing that is seen.
_TURNS_BY_SHARE, _TURNS_BY_LIGHT = 6.0, 4.0
# By how much faster than across it the noise moves down the sheet.
_DOWN = 1.3


def sitter_angle(scene: Scene) -> float:
    """A number that tells sitters apart and moves smoothly with the picture, radians."""
    share, light = float(scene.subject_mask.mean()), float(scene.luma.mean())
    return 2 * np.pi * (_TURNS_BY_SHARE * share + _TURNS_BY_LIGHT * light)


def moved_noise(
    random: np.random.Generator, side: int, cells: float, octaves: int, sitter: float, field_px: int = _NOISE_PX
) -> np.ndarray:
    """Another part of the noise for each sitter: ``(side, side)`` float32 of mean 0 and deviation near 1."""
    noise = fractal_noise(random, field_px, 2 * cells, octaves)
    # A quarter of the field, stretched over the sheet.
    right, down = (field_px * (0.25 + 0.25 * np.sin(turn * sitter)) for turn in (1.0, _DOWN))
    step = 0.5 * field_px / side
    matrix = np.array([[step, 0, right], [0, step, down]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(noise, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
