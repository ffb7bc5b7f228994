"""Colour of the finished painting: the skin keeps its tone, and on request everything its hue.

All of it works on a whole picture of any size and shape in bands of rows. The
photo and the masks show the same crop and may have any resolution.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from portraitify.imaging.background import blur_background
from portraitify.imaging.bands import bands, coarse_size, resample, upsampled_rows
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.skin import mean_color, skin_mask, skin_weights

# Longer side at which the tone of skin and the hues of the whole picture are compared, pixels.
_SKIN_PX, _HUE_PX = 256, 512
# CIELAB chroma of its skin below which a photo counts as one without colour, and from which on as one with.
_GREY_CHROMA, _COLOURED_CHROMA = 3.0, 9.0
# Corrections of the skin's mean, each measured on what the one before made of it.
_CORRECTIONS = 4
# Standard deviations of Gaussians, in parts of the side: what is finer in skin, and in hue, is the painter's.
_SKIN_SIGMA, _HUE_SIGMA = 0.012, 0.006
# L* of skin from which on its modelling is the painter's, and below which it is drawn to the photo's, and how far.
_DARK_SKIN, _MODELLING_SHARE = (52.0, 42.0), 0.7
# The photo's background is blurred, by a standard deviation in parts of the side, and drawn to its mean colour before
# its hues are taken: a hedge behind the subject would leave its leaves in an even background.
_BACKGROUND_SIGMA, _BACKGROUND_FLATNESS = 0.06, 0.5
# L* of white, and what is added to distances from black and from white so that chroma does not vanish there at once.
_WHITE, _TOE = 100, 8


def match_skin_tone(
    painted: np.ndarray, photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, hue_tolerance: float
) -> np.ndarray:
    """Bring the mean colour of the skin back to the photo's.

    What is added is smooth, so that strokes, relief and grain stay. The
    difference is measured on the finished picture, and so holds whatever
    painted it. Lightness is met; of the hue the medium may keep a little.

    Args:
        painted: ``(H, W, 3)`` uint8, the finished picture.
        photo: ``(h, w, 3)`` uint8, the same crop.
        subject_mask: ``(h, w)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels of ``photo``.
        hue_tolerance: how far the skin may stay from the photo's hue, CIELAB units in a* and b*.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    size = coarse_size(painted, _SKIN_PX)
    small = resample(painted, size).astype(np.float32)
    lab, mask = to_lab(resample(photo, size)), resample(subject_mask, size)
    points = np.asarray(landmarks, np.float64) * (np.array(size) / photo.shape[1::-1])
    weights = skin_weights(lab, mask, points)
    skin = skin_mask(lab, mask, points, weights)[..., None]
    photo_mean = mean_color(lab, weights)
    goal = _goal(photo_mean, mean_color(to_lab(small), weights), hue_tolerance)
    sigma_px = _SKIN_SIGMA * max(size)
    low = to_lab(blur(small, sigma_px))
    form = _restored_modelling(blur(lab, sigma_px) - photo_mean, low - mean_color(low, weights), photo_mean)
    # Black and white stay what they are: 1 in the middle and 0 at both ends.
    bend = low[..., 0] * (_WHITE - low[..., 0]) * np.float32(4 / _WHITE**2)
    everything = small, low, form, bend, to_rgb(low), skin
    # The shift is sought on the skin alone, which is a tenth of the picture.
    counted = weights > 0
    shift = _shift_to(goal, [field[counted][None] for field in everything], weights[counted][None])
    return add_smoothly(painted, _added(shift, everything[1:]))


def _shift_to(goal: np.ndarray, fields: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """The shift in CIELAB, ``(3,)``, that brings a mean colour to a goal.

    Args:
        goal: ``(3,)`` CIELAB.
        fields: of the skin, ``(1, N)`` or ``(1, N, 3)`` each: the picture, and what `_added` takes.
        weights: ``(1, N)``.
    """
    picture, *rest = fields
    shift, added = np.zeros(3), np.zeros_like(picture)
    for _ in range(_CORRECTIONS):
        shift += goal - mean_color(to_lab(picture + added), weights)
        added = _added(shift, rest)
    return shift


def _added(shift: np.ndarray, fields: Sequence[np.ndarray]) -> np.ndarray:
    """What a shift adds to red, green and blue.

    Args:
        shift: ``(3,)`` CIELAB.
        fields: broad colours in CIELAB, the modelling that is restored, how far lightness can be shifted, the broad
            colours in red, green and blue, and where skin is.
    """
    low, form, bend, before, skin = fields
    moved = low + form
    moved[..., 0] += bend * np.float32(shift[0])
    moved[..., 1:] += shift[1:].astype(np.float32)
    return np.asarray((to_rgb(moved) - before) * skin)


def _restored_modelling(photo: np.ndarray, painted: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """What brings the modelling of very dark skin nearer to the photo's; nothing for lighter skin.

    The generator paints such faces grey in the middle, like behind a veil, and red or orange along the rim.

    Args:
        photo: ``(h, w, 3)`` CIELAB less its mean over the skin.
        painted: the same of the painting.
        tone: ``(3,)`` that mean of the photo.

    Returns:
        ``(h, w, 3)`` float32.
    """
    dark = _MODELLING_SHARE * float(smoothstep(tone[:1], *_DARK_SKIN)[0])
    return np.asarray(
        (photo - painted) * np.array([dark, dark * _colour_known(tone), dark * _colour_known(tone)]), np.float32
    )


def _colour_known(tone: np.ndarray) -> float:
    """How far a photo tells the colour of skin, 0 to 1: one without colour does not."""
    return float(np.clip((np.linalg.norm(tone[1:]) - _GREY_CHROMA) / (_COLOURED_CHROMA - _GREY_CHROMA), 0, 1))


def _goal(photo: np.ndarray, painted: np.ndarray, hue_tolerance: float) -> np.ndarray:
    """The mean colour to reach: the photo's, but for what the medium may keep of its hue."""
    away = painted[1:] - photo[1:]
    far = float(np.linalg.norm(away))
    kept = min(1.0, hue_tolerance / max(far, 1e-6))
    return np.array([photo[0], *(photo[1:] + away * (1 - _colour_known(photo) * (1 - kept)))])


def keep_color(
    painted: np.ndarray, photo: np.ndarray, subject_mask: np.ndarray, tint_share: float | None = None
) -> np.ndarray:
    """Give a painting the hues of its photo; its lightness, and so all its brushwork, stays.

    The photo's a* and b* are smoothed at the scale of a stroke, and the
    painting's own fine variation of colour is laid over them. A drawing is
    tinted: subject only, thinly, on paper.

    Args:
        painted: ``(H, W, 3)`` uint8.
        photo: ``(h, w, 3)`` uint8, the same crop.
        subject_mask: ``(h, w)`` float32 in 0 to 1.
        tint_share: of the photo's chroma in a tinted drawing; None for a painting in full colour.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    size = coarse_size(painted, _HUE_PX)
    sigma_px = _HUE_SIGMA * max(size)
    mask = resample(subject_mask, size)
    calm = blur_background(resample(photo, size), mask, _BACKGROUND_SIGMA * max(size), _BACKGROUND_FLATNESS)
    of_photo = blur(to_lab(calm), sigma_px)
    of_painted = blur(to_lab(resample(painted, size)), sigma_px)
    tint = of_photo[..., 1:] * _chroma_factor(of_photo[..., 0], of_painted[..., 0])[..., None]
    if tint_share is not None:
        share = tint_share * (mask * blur(mask, sigma_px))[..., None]
        tint = of_painted[..., 1:] + share * (of_photo[..., 1:] - of_painted[..., 1:])
    change = tint - of_painted[..., 1:]
    result = np.empty_like(painted)
    for rows, top, bottom in bands(painted.shape):
        lab = to_lab(painted[rows])
        lab[..., 1:] += upsampled_rows(change, top, bottom, painted.shape)
        result[rows] = to_uint8(to_rgb(lab))
    return result


def _chroma_factor(photo: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """By how much chroma shrinks where a painting is much darker or lighter than its photo, 0 to 1; L* of both."""
    darker = (painted + _TOE) / (photo + _TOE)
    lighter = (_WHITE + _TOE - painted) / (_WHITE + _TOE - photo)
    return np.asarray(np.clip(np.minimum(darker, lighter), 0, 1))


def add_smoothly(picture: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Add a coarse field of colour: ``(H, W, 3)`` uint8 and ``(h, w, 3)`` float32 give ``(H, W, 3)`` uint8."""
    result = np.empty_like(picture)
    for rows, top, bottom in bands(picture.shape):
        more = upsampled_rows(added, top, bottom, picture.shape)
        cv2.add(picture[rows], more, result[rows], dtype=cv2.CV_8U)
    return result
