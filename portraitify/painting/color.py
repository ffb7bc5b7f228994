"""Colour of the finished painting: the skin keeps its tone, and on request everything its hue.

All of it works on a whole picture of any size and shape in bands of rows. The
photo and the masks lie in the same frame and may have any resolution.
"""

from __future__ import annotations

import numpy as np

from portraitify.imaging.background import blur_background
from portraitify.imaging.bands import bands, coarse_size, resample, upsampled_rows
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.skin import mean_color, skin_mask, skin_weights

# Longer side at which colours are compared.
PLAN_PX = 256
# Below the first chroma a photo counts as one without colour, from the second on as one with.
_GREY, _COLOURED = 3.0, 9.0
_STEPS = 4
# Of the side: what is finer is the painter's.
_SMOOTH = 0.012
# L* of skin from which on its modelling is the painter's, and up to which it is drawn to the photo's, and how far.
_DARK, _UNVEILED = (52.0, 42.0), 0.7


def match_skin_tone(
    painted: np.ndarray, photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, hue_tolerance: float
) -> np.ndarray:
    """Bring the mean colour of the skin back to the photo's.

    What is added is smooth, so that strokes, relief and grain stay. The
    difference is measured on the finished picture, and so holds whatever
    painted it. Lightness is met; of the hue the medium may keep a little.

    Args:
        painted: ``(H, W, 3)`` uint8, the finished picture.
        photo: ``(h, w, 3)`` uint8, the same frame.
        subject_mask: ``(h, w)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels of ``photo``.
        hue_tolerance: how far the skin may stay from the photo's hue, CIELAB units in a* and b*.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    size = coarse_size(painted, PLAN_PX)
    small = resample(painted, size).astype(np.float32)
    lab, mask = to_lab(resample(photo, size)), resample(subject_mask, size)
    points = np.asarray(landmarks, np.float64) * (np.array(size) / photo.shape[1::-1])
    weights = skin_weights(lab, mask, points)
    felt = skin_mask(lab, mask, points, weights)[..., None]
    photo_mean = mean_color(lab, weights)
    goal = _goal(photo_mean, mean_color(to_lab(small), weights), hue_tolerance)
    low = to_lab(blur(small, _SMOOTH * max(size)))
    form = _unveiled(blur(lab, _SMOOTH * max(size)) - photo_mean, low - mean_color(low, weights), photo_mean)
    # Black and white stay what they are.
    bend = low[..., 0] * (100 - low[..., 0]) * np.float32(4e-4)
    shift, added, before = np.zeros(3), np.zeros_like(small), to_rgb(low)
    for _ in range(_STEPS):
        shift += goal - mean_color(to_lab(small + added), weights)
        moved = low + form + np.dstack([bend * np.float32(shift[0]), *(np.full_like(bend, part) for part in shift[1:])])
        added = (to_rgb(moved) - before) * felt
    return add_smoothly(painted, added)


def _unveiled(photo: np.ndarray, painted: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """What brings the modelling of very dark skin nearer to the photo's; nothing for lighter skin.

    The generator paints such faces grey in the middle, like behind a veil, and red or orange along the rim.

    Args:
        photo: ``(h, w, 3)`` CIELAB less its mean over the skin.
        painted: the same of the painting.
        tone: ``(3,)`` that mean of the photo.

    Returns:
        ``(h, w, 3)`` float32.
    """
    dark = _UNVEILED * float(smoothstep(tone[:1], *_DARK)[0])
    return np.asarray((photo - painted) * np.array([dark, dark * _known(tone), dark * _known(tone)]), np.float32)


def _known(tone: np.ndarray) -> float:
    """How far a photo tells the colour of skin, 0 to 1: one without colour does not."""
    return float(np.clip((np.linalg.norm(tone[1:]) - _GREY) / (_COLOURED - _GREY), 0, 1))


def _goal(photo: np.ndarray, painted: np.ndarray, room: float) -> np.ndarray:
    """The mean colour to reach: the photo's, but for what the medium may keep of its hue."""
    away = painted[1:] - photo[1:]
    far = float(np.linalg.norm(away))
    kept = min(1.0, room / max(far, 1e-6))
    return np.array([photo[0], *(photo[1:] + away * (1 - _known(photo) * (1 - kept)))])


def keep_color(
    painted: np.ndarray, photo: np.ndarray, subject_mask: np.ndarray, tint_share: float | None = None
) -> np.ndarray:
    """Give a painting the hues of its photo; its lightness, and so all its brushwork, stays.

    The photo's a* and b* are smoothed at the scale of a stroke, and the
    painting's own fine variation of colour is laid over them. A drawing is
    tinted: subject only, thinly, on paper.

    Args:
        painted: ``(H, W, 3)`` uint8.
        photo: ``(h, w, 3)`` uint8, the same frame.
        subject_mask: ``(h, w)`` float32 in 0 to 1.
        tint_share: of the photo's chroma in a tinted drawing; none for a painting in full colour.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    size = coarse_size(painted, 512)
    stroke = 0.006 * max(size)
    mask = resample(subject_mask, size)
    # A hedge behind the sitter would leave its leaves in an even ground.
    calm = blur_background(resample(photo, size), mask, 0.06 * max(size), 0.5)
    of_photo = blur(to_lab(calm), stroke)
    of_painted = blur(to_lab(resample(painted, size)), stroke)
    tint = of_photo[..., 1:] * _fitting(of_photo[..., 0], of_painted[..., 0])[..., None]
    if tint_share is not None:
        share = tint_share * (mask * blur(mask, stroke))[..., None]
        tint = of_painted[..., 1:] + share * (of_photo[..., 1:] - of_painted[..., 1:])
    change = tint - of_painted[..., 1:]
    result = np.empty_like(painted)
    for rows, top, bottom in bands(painted.shape):
        lab = to_lab(painted[rows])
        lab[..., 1:] += upsampled_rows(change, top, bottom, painted.shape)
        result[rows] = to_uint8(to_rgb(lab))
    return result


def _fitting(photo: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """By how much chroma shrinks where a painting is much darker or lighter than its photo, 0 to 1."""
    darker = (painted + 8) / (photo + 8)
    lighter = (108 - painted) / (108 - photo)
    return np.clip(np.minimum(darker, lighter), 0, 1)


def add_smoothly(picture: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Add a coarse field of colour: ``(H, W, 3)`` uint8 and ``(h, w, 3)`` float32 give ``(H, W, 3)`` uint8."""
    result = np.empty_like(picture)
    for rows, top, bottom in bands(picture.shape):
        more = upsampled_rows(added, top, bottom, picture.shape)
        result[rows] = np.clip(picture[rows] + more + np.float32(0.5), 0, 255).astype(np.uint8)
    return result
