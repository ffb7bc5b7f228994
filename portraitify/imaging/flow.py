"""Directions along the form, and noise that follows them."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.filters import blur

_ROWS = 64


def structure_orientation(luma: np.ndarray, fine: float, smooth: float, prior: np.ndarray, trust: float) -> np.ndarray:
    """Angle along which brightness changes least, from the smoothed structure tensor.

    Only the two components of the tensor that turn with its axis are kept;
    where the picture is even, the prior decides.

    Source: Bigun and Granlund, ICCV 1987; its use for brushwork: Kyprianidis
    and Kang, Image and Video Abstraction by Coherence-Enhancing Filtering,
    Eurographics 2011.

    Args:
        luma: ``(S, S)`` float32 in 0 to 1.
        fine: blur before the gradient, pixels.
        smooth: blur of the tensor, pixels.
        prior: ``(S, S)`` float32, angles in radians.
        trust: gradient, in brightness a pixel, that weighs as much as the prior.

    Returns:
        ``(S, S)`` float32 angles in radians, of no certain sign.
    """
    cosine, sine = structure_axis(luma, fine, smooth)
    cosine += trust**2 * np.cos(2 * prior)
    sine += trust**2 * np.sin(2 * prior)
    return np.asarray(0.5 * np.arctan2(sine, cosine))


def structure_axis(luma: np.ndarray, fine: float, smooth: float) -> tuple[np.ndarray, np.ndarray]:
    """The axis along which brightness changes least, as a vector at twice its angle; see `structure_orientation`.

    Returns:
        Cosine and sine, ``(S, S)`` float32 each, as long as the squared gradients are alike.
    """
    soft = blur(luma, fine)
    dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125)
    dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    # The gradient stands across the form, hence the signs.
    return blur(dy * dy - dx * dx, smooth), blur(-2 * dx * dy, smooth)


def line_integral_convolution(noise: np.ndarray, angle: np.ndarray, steps: int, step_px: float = 1.0) -> np.ndarray:
    """Draw noise out along directions (line integral convolution).

    Source: Cabral and Leedom, Imaging Vector Fields Using Line Integral
    Convolution, SIGGRAPH 1993.

    Args:
        noise: ``(S, S)`` float32.
        angle: ``(S, S)`` float32 radians.
        steps: how many to each side.
        step_px: their length.

    Returns:
        ``(S, S)`` float32; the mean over ``2 * steps + 1`` places.
    """
    field = np.cos(angle), np.sin(angle)
    total = noise.copy()
    # Some rows at a time, because what is worked out for them then stays in the processor's cache.
    for top in range(0, len(noise), _ROWS):
        rows = slice(top, top + _ROWS)
        for sign in (1.0, -1.0):
            _follow(noise, field, rows, sign, steps, step_px, total[rows])
    return np.asarray(total / (2 * steps + 1))


def _follow(
    noise: np.ndarray,
    field: tuple[np.ndarray, np.ndarray],
    rows: slice,
    sign: float,
    steps: int,
    step_px: float,
    total: np.ndarray,
) -> None:
    """Add to ``total``, some of the rows, the noise along the way that leads from each of their pixels to one side."""
    last_x: np.ndarray = field[0][rows] * sign
    last_y: np.ndarray = field[1][rows] * sign
    y, x = np.mgrid[rows.start : rows.start + len(last_x), : last_x.shape[1]].astype(np.float32)
    for step in range(steps):
        if step:
            here_x = cv2.remap(field[0], x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
            here_y = cv2.remap(field[1], x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
            # An axis has two ends; go on towards the one that lies ahead.
            ahead = np.sign(here_x * last_x + here_y * last_y + 1e-9)
            last_x, last_y = here_x * ahead, here_y * ahead
        x += last_x * step_px
        y += last_y * step_px
        total += cv2.remap(noise, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
