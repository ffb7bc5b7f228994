"""Smooth noise."""

from __future__ import annotations

import cv2
import numpy as np


def fractal_noise(random: np.random.Generator, side_px: int, cells: float, octaves: int = 1) -> np.ndarray:
    """Smooth noise without a visible grid: blurred white noise, one octave upon the other.

    Source: Perlin, An Image Synthesizer, SIGGRAPH 1985, for the sum of octaves.

    Args:
        random: where the numbers come from.
        side_px: of the result.
        cells: features along one side in the coarsest octave.
        octaves: each has twice the cells and half the height of the one before.

    Returns:
        ``(side_px, side_px)`` float32 of mean 0 and standard deviation near 1.
    """
    total = np.zeros((side_px, side_px), np.float32)
    power = 0.0
    for octave in range(octaves):
        # Two grid points a feature, and never more than one a pixel.
        grid = int(min(max(2 * cells * 2**octave, 4), side_px))
        white = random.standard_normal((grid + 4, grid + 4), np.float32)
        smooth = cv2.GaussianBlur(white, (0, 0), 0.8)[2:-2, 2:-2]
        smooth = smooth * (0.5**octave / max(float(smooth.std()), 1e-6))
        total += cv2.resize(smooth, (side_px, side_px), interpolation=cv2.INTER_CUBIC)
        power += 0.25**octave
    return np.asarray(total / np.float32(np.sqrt(power)))
