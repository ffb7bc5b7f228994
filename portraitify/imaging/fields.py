"""Directions along the form, and noise that follows them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

_ROWS = 64


def blur(field: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur, mirrored at the border; wide ones on a coarser grid.

    Args:
        field: ``(H, W)`` or ``(H, W, 3)`` float32 or uint8.
        sigma: pixels.

    Returns:
        The same shape and type.
    """
    factor = int(sigma / 4)
    if factor < 2:
        return cv2.GaussianBlur(field, (0, 0), max(sigma, 0.05))
    height, width = field.shape[:2]
    small = (max(1, width // factor), max(1, height // factor))
    coarse = cv2.GaussianBlur(cv2.resize(field, small, interpolation=cv2.INTER_AREA), (0, 0), sigma / factor)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def smoothstep(field: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at ``low`` to 1 at ``high``; falls where ``high`` is the smaller."""
    t = np.clip((field - low) * (1 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)


def gray_to_rgb(field: np.ndarray) -> np.ndarray:
    """The same in red, green and blue: ``(H, W)`` float32 to ``(H, W, 3)``.

    What is done with the result takes a quarter of the time that NumPy needs
    to spread ``field[..., None]`` over three channels.
    """
    return tint(field, (1, 1, 1))


def tint(field: np.ndarray, colour: Sequence[float] | np.ndarray) -> np.ndarray:
    """So much of a colour: ``(H, W)`` float32 and ``(3,)`` to ``(H, W, 3)`` float32; see :func:`gray_to_rgb`."""
    return np.asarray(cv2.merge([field if share == 1 else field * np.float32(share) for share in colour]), np.float32)


def max_channel(colours: np.ndarray) -> np.ndarray:
    """The largest of red, green and blue, ``(..., 3)`` to ``(...)``; ``max(-1)`` takes ten times as long."""
    return np.maximum(np.maximum(colours[..., 0], colours[..., 1]), colours[..., 2])


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
    return total / np.float32(np.sqrt(power))


def orientation(luma: np.ndarray, fine: float, smooth: float, prior: np.ndarray, trust: float) -> np.ndarray:
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
    soft = blur(luma, fine)
    dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125)
    dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    cosine, sine = blur(dx * dx - dy * dy, smooth), blur(2 * dx * dy, smooth)
    # The gradient stands across the form, hence the minus.
    cosine = trust**2 * np.cos(2 * prior) - cosine
    sine = trust**2 * np.sin(2 * prior) - sine
    return 0.5 * np.arctan2(sine, cosine)


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
    return total / (2 * steps + 1)


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


def relief_shading(height: np.ndarray) -> np.ndarray:
    """Light from the upper left on a relief: slope towards it, ``(H, W)`` float32 around 0.

    Args:
        height: ``(H, W)`` float32, in pixels.
    """
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125)
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    return (0.6 * dx + 0.8 * dy) / np.sqrt(1 + dx * dx + dy * dy)
