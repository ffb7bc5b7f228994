"""Whether eyes are hidden behind dark or mirroring glasses, so that none must be painted there."""

from __future__ import annotations

import numpy as np

from portraitify.imaging.cielab import to_lab
from portraitify.imaging.filters import smoothstep

# Points of MediaPipe's mesh: below the left and the right eye as the viewer sees them, where no lash reaches and
# glasses still do; and on cheeks, nose and chin, which tell the skin.
_BELOW = ((228, 229, 230, 231), (448, 449, 450, 451))
_SKIN = (50, 280, 205, 425, 117, 346, 4, 5, 195, 1, 36, 266, 101, 330)
_OUTER = (33, 263)
# Half the side of what is averaged around a point, in distances between the eyes' outer corners.
_AROUND = 0.025
# How much darker than the skin, L*, a place in shade may be; and what each L* beyond that counts beside a difference
# of hue, in CIELAB units.
_SHADE, _DARKER = 15.0, 0.3
# Distances from the skin between which a place is no skin.
_HIDDEN = (17.0, 22.0)


def eye_cover(picture: np.ndarray, mesh: np.ndarray) -> float:
    """How surely dark or mirroring glasses hide both eyes of a face.

    What lies below an eye is skin, in light or shade, behind clear glasses too.
    The limits are from 137 photos, five of them with such glasses.

    Args:
        picture: ``(H, W, 3)`` uint8 or float32 in 0 to 255, in colour; of a grey one little is told.
        mesh: ``(468, 3)`` in its pixels.

    Returns:
        0 to 1.
    """
    size = round(_AROUND * float(np.linalg.norm(np.subtract(*mesh[list(_OUTER), :2]))))
    skin = np.median(_colours(picture, mesh[list(_SKIN), :2], size), 0)
    apart = []
    for points in _BELOW:
        colours = _colours(picture, mesh[list(points), :2], size) - skin
        hue = float(np.median(np.hypot(colours[:, 1], colours[:, 2])))
        apart.append(hue + _DARKER * max(-float(np.median(colours[:, 0])) - _SHADE, 0.0))
    return float(smoothstep(np.float64(min(apart)), *_HIDDEN))


def _colours(picture: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    """Mean colours of squares around places ``(n, 2)`` in pixels: ``(n, 3)`` CIELAB."""
    height, width = picture.shape[:2]
    means = []
    for column, row in places.astype(int):
        x, y = int(np.clip(column, 0, width - 1)), int(np.clip(row, 0, height - 1))
        means.append(picture[max(y - size, 0) : y + size + 1, max(x - size, 0) : x + size + 1].mean((0, 1)))
    return np.asarray(to_lab(np.array([means], np.float32))[0])
