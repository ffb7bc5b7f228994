"""A new background behind the subject, and none of the old one along its outline."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.filters import normalized_blur, smoothstep
from portraitify.imaging.morphology import disc

# Standard deviation of the Gaussian, in parts of the side, that carries the subject's colours to its outline.
_FRINGE_SIGMA = 0.012
# Width of the rim, in parts of the side, that takes them: of any, and of one that is lighter than what lies within.
_RIM, _LIGHT_RIM = 0.003, 0.012
# By how much it is lighter, in levels of brightness.
_SPILLED = (4.0, 20.0)
# Share of own colours near by from which on they tell all of a colour at the outline.
_ENOUGH_KNOWN = 0.05


def composite_background(painting: np.ndarray, subject_mask: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Put a new background behind the subject.

    Args:
        painting: ``(S, S, 3)`` uint8.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        background: ``(S, S, 3)`` float32 in 0 to 1; see :func:`portraitify.painting.grounds.paint_ground`.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    mixed = _without_fringe(painting, subject_mask)
    mixed *= gray_to_rgb(subject_mask)
    mixed += background * gray_to_rgb(255 * (1 - subject_mask))
    return to_uint8(mixed)


def _without_fringe(painting: np.ndarray, subject_mask: np.ndarray) -> np.ndarray:
    """The subject's own colours along the outline, where the photo's background shines through hair and cloth.

    They come from inside the outline (normalised convolution, Knutsson and
    Westin, CVPR 1993), from farther in where the rim is lighter than what lies
    within: there a bright sky or a wall has spilled over.
    """
    side = len(subject_mask)
    narrow, wide = (_eroded(subject_mask, share * side) for share in (_RIM, _LIGHT_RIM))
    # What is blurred so far needs half the size.
    half, full = (max(1, side // 2),) * 2, (side, side)
    small, inside = (cv2.resize(field, half, interpolation=cv2.INTER_AREA) for field in (painting, wide))
    blurred, weight = normalized_blur(small * gray_to_rgb(inside), inside, _FRINGE_SIGMA * half[0])
    lighter = cv2.GaussianBlur(cv2.cvtColor(small - blurred, cv2.COLOR_RGB2GRAY), (0, 0), 0.5 + _RIM * half[0])
    spilled = cv2.resize(smoothstep(lighter, *_SPILLED), full, interpolation=cv2.INTER_LINEAR)
    known = cv2.resize(np.clip(weight * (1 / _ENOUGH_KNOWN), 0, 1), full, interpolation=cv2.INTER_LINEAR)
    near = cv2.resize(blurred, full, interpolation=cv2.INTER_LINEAR)
    near -= painting
    near *= gray_to_rgb(np.maximum(1 - narrow, (1 - wide) * spilled) * known)
    near += painting
    return near


def _eroded(subject_mask: np.ndarray, width_px: float) -> np.ndarray:
    """What lies so far inside, ``(S, S)`` float32 in 0 to 1; beyond the picture's border the subject goes on."""
    inner = cv2.erode(subject_mask, disc(max(width_px, 1)))
    return smoothstep(cv2.GaussianBlur(inner, (0, 0), 0.4 * width_px + 0.3), 0.3, 1.0)
