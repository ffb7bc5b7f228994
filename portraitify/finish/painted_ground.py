"""A ground for the sitter like the one behind the model's sitter."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.finish.structure import cloud

# How far patches of the ground's colours are moved about, in parts of the side, and how much their light varies.
_DRIFT = {"renaissance": 0.10, "oil": 0.22, "watercolor": 0.16, "ink": 0.0}
_UNEVEN = {"renaissance": 0.05, "oil": 0.06, "watercolor": 0.05, "ink": 0.0}


def lay_ground(
    painting: np.ndarray, sitter: np.ndarray, colours: np.ndarray, style: str, random: np.random.Generator
) -> np.ndarray:
    """Paint a new ground behind the sitter.

    Args:
        painting: ``(S, S, 3)`` uint8.
        sitter: ``(S, S)`` float32 in 0 to 1.
        colours: ``(h, w, 3)`` float32 in 0 to 1, a coarse map of the model's ground.
        style: one of ``STYLES``.
        random: where the unevenness comes from.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    side = painting.shape[0]
    y, x = np.mgrid[:side, :side].astype(np.float32)
    drift = _DRIFT[style]
    wide = cv2.resize(colours.astype(np.float32), (64, 64), interpolation=cv2.INTER_CUBIC)
    moved = [(axis + 0.5) / side + drift * cloud(random, side, 4, 4) for axis in (x, y)]
    ground = cv2.remap(
        wide, moved[0] * 64 - 0.5, moved[1] * 64 - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    ground = ground * (1 + _UNEVEN[style] * cloud(random, side, 5, 5))[..., None]
    share = sitter[..., None]
    return np.clip(painting * share + 255 * ground * (1 - share) + 0.5, 0, 255).astype(np.uint8)
