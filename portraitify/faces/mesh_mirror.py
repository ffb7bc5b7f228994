"""Which points of the face mesh a mirror exchanges.

The network's points for 25 photographs were compared with those for the mirrored photographs; the pairs are the
nearest neighbours, within about one percent of the face's size.
"""

from __future__ import annotations

import numpy as np

from portraitify.faces.face_mesh import POINTS

# Points on the middle line; of the others, those below the border lie on one side, in the order of their partners.
_MIDDLE = {
    0,
    1,
    2,
    4,
    5,
    6,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    94,
    151,
    152,
    164,
    168,
    175,
    195,
    197,
    199,
    200,
}
_BORDER = 248


def _exchanged() -> np.ndarray:
    numbers = np.arange(POINTS)
    one = [number for number in range(_BORDER) if number not in _MIDDLE]
    other = [*range(_BORDER, POINTS)]
    numbers[one + other] = other + one
    return numbers


MIRRORED = _exchanged()


def mirrored_mesh(mesh: np.ndarray, width_px: int) -> np.ndarray:
    """The mesh ``(468, 3)`` of a picture so many pixels wide, as it is in the mirrored picture."""
    return np.asarray(mesh[MIRRORED] * [-1, 1, 1] + [width_px, 0, 0])
