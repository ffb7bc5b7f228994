"""A master's picture without its head: ground goes on as ground, dress as dress, and the collar stands empty."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.membrane import broad_tone
from portraitify.imaging.channels import to_uint8


@dataclass(frozen=True)
class Regions:
    """What lies where in a picture, ``(H, W)`` float32 in 0 to 1 each.

    Attributes:
        gone: what shall vanish.
        body: dress, also where what vanishes lies over it.
        inside: where neck and chest were, within the collar.
        before: collar and what else passes before the neck, which stays.
        outside: what the picture does not show.
    """

    gone: np.ndarray
    body: np.ndarray
    inside: np.ndarray
    before: np.ndarray
    outside: np.ndarray


_REACH = 0.02


def clean_plate(picture: np.ndarray, regions: Regions) -> np.ndarray:
    """Paint a picture without what shall vanish.

    Args:
        picture: ``(H, W, 3)`` uint8 RGB.
        regions: what lies where.

    Returns:
        ``(H, W, 3)`` uint8, the picture itself where nothing vanishes.
    """
    image = picture.astype(np.float32)
    hole = np.maximum(regions.gone, regions.outside) * (1 - regions.before)
    known = (cv2.dilate(hole, np.ones((9, 9))) < 0.02).astype(np.float32)
    reach = _REACH * len(picture)
    ground = broad_tone(image, known * (regions.body < 0.02) * (regions.inside < 0.02), reach)
    dress = broad_tone(image, known * (regions.body > 0.98) * (1 - regions.before), reach)
    filled = ground + (dress - ground) * regions.body[..., None]
    filled += (0.35 * dress - filled) * (regions.inside * (1 - regions.before))[..., None]
    filled += np.random.default_rng(0).normal(0, 2, image.shape[:2])[..., None]
    return to_uint8(image + (filled - image) * np.minimum(hole, 1)[..., None])
