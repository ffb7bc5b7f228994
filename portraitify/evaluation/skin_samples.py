"""The colour of skin at single points of a picture, so that the same skin is compared wherever it was put."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.cielab import to_lab
from portraitify.imaging.skin import skin_weights

# From which weight on a point is skin; and every so many pixels count.
_SKIN, _STEP_PX = 0.5, 3
# Points that are sampled together.
_AT_ONCE = 30000


def sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """What a field says at points between its pixels.

    Args:
        field: ``(H, W)`` or ``(H, W, 3)``, uint8 or float32.
        points: ``(N, 2)`` in pixels; what lies outside takes the value of the nearest border.

    Returns:
        ``(N,)`` or ``(N, 3)`` float32.
    """
    if not len(points):
        return np.zeros((0, *field.shape[2:]), np.float32)
    x, y = (np.asarray(points, np.float32) - np.float32(0.5)).reshape(-1, 1, 2).transpose(2, 0, 1).copy()
    # OpenCV refuses more than 32767 rows.
    parts = [slice(start, start + _AT_ONCE) for start in range(0, len(points), _AT_ONCE)]
    found = [cv2.remap(field, x[i], y[i], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for i in parts]
    return np.asarray(np.concatenate(found)[:, 0], np.float32)


def skin_points(photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Points ``(N, 2)`` float64 on the skin of a face: no eyes, mouth, glasses, fringe or beard.

    Args:
        photo: ``(S, S, 3)`` uint8 RGB.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels.
    """
    weights = skin_weights(to_lab(photo), subject_mask, landmarks)
    return points_within(weights)


def points_within(mask: np.ndarray) -> np.ndarray:
    """Middles ``(N, 2)`` float64 of some of the pixels that a mask ``(H, W)`` in 0 to 1 covers."""
    rows, columns = np.nonzero(mask[::_STEP_PX, ::_STEP_PX] > _SKIN)
    return np.stack([columns, rows], 1) * float(_STEP_PX) + 0.5


def mean_at(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Mean CIELAB ``(3,)`` float64 of a picture ``(H, W, 3)`` uint8 at points ``(N, 2)``; NaN where there are none."""
    if not len(points):
        return np.full(3, np.nan)
    colors = np.rint(sample(picture, points)).astype(np.uint8)
    return np.asarray(to_lab(colors[:, None]).mean((0, 1), dtype=np.float64))


def lit_as(lab: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A colour in the light of another: more light multiplies XYZ, and so L* + 16, a* and b*.

    Args:
        lab: ``(3,)`` CIELAB, not much darker than L* 8, below which that does not hold.
        other: ``(3,)`` CIELAB.

    Returns:
        ``(3,)`` float64 of the lightness of the other.
    """
    more = (other[0] + 16) / (lab[0] + 16)
    return np.array([other[0], lab[1] * more, lab[2] * more])
