"""Fine texture that the generator makes where the photo is smooth."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.bands import resample
from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.filters import blur

# Standard deviations of Gaussians, in parts of the side: of what is fine, and of the surroundings in which its strength
# is measured.
_FINE, _AROUND = 0.004, 0.012
# How many times coarser the grid is on which that is done.
_COARSER = 4
# How much more fine texture a painting may have than its photo, as a factor, and levels of 255 that it always may.
_MORE, _LEAST = 1.3, 1.2


def calm_detail(painting: np.ndarray, photo: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Weaken fine texture that is much stronger than the photo's: stipple and scratches on skin.

    Args:
        painting: ``(S, S, 3)`` float32 in 0 to 255.
        photo: ``(s, s, 3)`` uint8, the same crop.
        where: float32 in 0 to 1, square and of any size.

    Returns:
        ``(S, S, 3)`` float32.
    """
    side = len(painting)
    fine = painting - blur(painting, _FINE * side)
    seen = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    seen, where = (resample(field.astype(np.float32), (side, side)) for field in (seen, where))
    own = _strength(cv2.cvtColor(fine, cv2.COLOR_RGB2GRAY))
    allowed = _MORE * _strength(seen - blur(seen, _FINE * side)) + _LEAST
    gone = np.maximum(1 - allowed / np.maximum(own, _LEAST), 0)
    fine *= gray_to_rgb(resample(gone, (side, side)) * where)
    return np.asarray(np.subtract(painting, fine, out=fine))


def _strength(fine: np.ndarray) -> np.ndarray:
    """Standard deviation around each place, on a coarser grid: float32."""
    small = cv2.resize(fine * fine, None, fx=1 / _COARSER, fy=1 / _COARSER, interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(np.maximum(blur(small, _AROUND * len(small)), 0)))
