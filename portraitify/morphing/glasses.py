"""Whether somebody wears glasses: frames cross the bridge of the nose and the skin below the eyes."""

from __future__ import annotations

import cv2
import numpy as np

# Corners of the eye on the viewer's left and of the one on the right, the root of the nose and a point on its ridge.
_LEFT, _RIGHT, _ROOT, _RIDGE = [33, 133], [362, 263], 9, 5
# Steepest change of lightness, in steps of a profile of so many samples and in levels of 255, from which on both are
# frames. Eleven of 14 with glasses among 137 photos pass both, and two without.
_SAMPLES, _ACROSS_NOSE, _BELOW_EYES = 64, 17.0, 8.0
# Half the widths of the strips, and where those below the eyes begin and end, in distances between the eyes.
_NOSE_WIDTH, _EYE_WIDTH, _BEGIN, _END = 0.09, 0.12, 0.18, 0.62


def wears_glasses(view: np.ndarray, mesh: np.ndarray) -> bool:
    """Look for frames.

    Args:
        view: ``(H, W, 3)`` uint8 RGB.
        mesh: ``(468, 3)`` in its pixels.
    """
    lightness = cv2.cvtColor(view, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)
    points = mesh[:, :2]
    eyes = [points[corners].mean(0) for corners in (_LEFT, _RIGHT)]
    across = eyes[1] - eyes[0]
    down = np.array([-across[1], across[0]])
    nose = _steepest(lightness, points[_ROOT], points[_RIDGE], across * _NOSE_WIDTH)
    below = [_steepest(lightness, eye + _BEGIN * down, eye + _END * down, across * _EYE_WIDTH) for eye in eyes]
    return nose > _ACROSS_NOSE and min(below) > _BELOW_EYES


def _steepest(lightness: np.ndarray, begin: np.ndarray, end: np.ndarray, aside: np.ndarray) -> float:
    """The steepest change along a strip of half width ``aside``; medians across it leave lashes and pores out."""
    along = begin + (end - begin) * np.linspace(0, 1, _SAMPLES)[:, None]
    places = (along[:, None] + np.linspace(-1, 1, 15)[None, :, None] * aside).astype(np.float32)
    strip = cv2.remap(lightness, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    profile = cv2.GaussianBlur(np.median(strip, 1)[:, None], (1, 5), 1.2)[:, 0]
    # Brows lie at its beginning, nostrils at its end.
    return float(np.abs(np.diff(profile))[4:-8].max())
