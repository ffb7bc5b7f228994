"""What is done to a finished painting with a look back at its photo."""

from __future__ import annotations

import numpy as np

from portraitify.config import KEEP, PaintConfig
from portraitify.finish.bands import shrink
from portraitify.finish.color import hold_skin, keep_color
from portraitify.finish.strength import between


def adjust(
    painted: np.ndarray,
    photo: np.ndarray,
    sitter: np.ndarray,
    landmarks: np.ndarray,
    style: str,
    config: PaintConfig,
    full: np.ndarray | None = None,
) -> np.ndarray:
    """Hold the skin's tone, keep the photo's hues, and paint only so far, as the options ask for.

    Args:
        painted: ``(H, W, 3)`` uint8.
        photo: ``(h, w, 3)`` uint8, the same frame.
        sitter: ``(h, w)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels of ``photo``.
        style: of the painting.
        config: the options.
        full: ``(H, W, 3)`` uint8, the photo at the painting's size, for a strength below 1; by default
            ``photo`` is enlarged.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    # Between lines of ink the paper is bare, so faces of ink are held by how they are hatched.
    if config.skin_tone == KEEP and style != "ink":
        painted = hold_skin(painted, photo, sitter, landmarks, style)
    if config.keep_color:
        painted = keep_color(painted, photo, sitter, style)
    if config.strength < 1:
        below = shrink(photo, painted.shape[1::-1]) if full is None else full
        painted = between(painted, below, sitter, landmarks, config.strength, style)
    return painted
