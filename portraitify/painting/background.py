"""A ground for the sitter like the one behind the model's sitter."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.filters import normalized_blur
from portraitify.imaging.noise import fractal_noise
from portraitify.media.base import BackgroundTexture

# How far inside the outline the sitter's own colour is looked for, in parts of the side.
_FRINGE = 0.01


def synthesize_background(
    side_px: int, colours: np.ndarray, texture: BackgroundTexture, random: np.random.Generator
) -> np.ndarray:
    """A ground in the colours of the one behind a model's sitter.

    Args:
        side_px: of the result.
        colours: ``(h, w, 3)`` float32 in 0 to 1, a coarse map of the model's ground.
        texture: how uneven it is.
        random: where the unevenness comes from.

    Returns:
        ``(S, S, 3)`` float32 in 0 to 1.
    """
    y, x = np.mgrid[:side_px, :side_px].astype(np.float32)
    drift, uneven = texture.drift, texture.unevenness
    wide = cv2.resize(colours.astype(np.float32), (64, 64), interpolation=cv2.INTER_CUBIC)
    moved = [(axis + 0.5) / side_px for axis in (x, y)]
    if drift:
        moved = [place + drift * fractal_noise(random, side_px, 4, 4) for place in moved]
    background = np.asarray(
        cv2.remap(wide, moved[0] * 64 - 0.5, moved[1] * 64 - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101),
        np.float32,
    )
    if uneven:
        background *= gray_to_rgb(1 + uneven * fractal_noise(random, side_px, 5, 5))
    return background


def composite_background(painting: np.ndarray, subject_mask: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Put a new ground behind the sitter.

    Args:
        painting: ``(S, S, 3)`` uint8.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        background: ``(S, S, 3)`` float32 in 0 to 1; see :func:`synthesize_background`.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    mixed = _without_fringe(painting, subject_mask)
    mixed *= gray_to_rgb(subject_mask)
    mixed += background * gray_to_rgb(255 * (1 - subject_mask))
    return to_uint8(mixed)


def _without_fringe(painting: np.ndarray, subject_mask: np.ndarray) -> np.ndarray:
    """The sitter's own colours along the outline, where the photo's ground shines through hair and cloth.

    They come from just inside the outline (normalised convolution, Knutsson
    and Westin, CVPR 1993).
    """
    inside = np.clip((subject_mask - 0.75) * 4, 0, 1)
    sigma = _FRINGE * len(subject_mask)
    near, weight = normalized_blur(painting * gray_to_rgb(inside), inside, sigma)
    known = np.clip(weight * 20, 0, 1)
    near -= painting
    near *= gray_to_rgb((1 - inside) * known)
    near += painting
    return near
