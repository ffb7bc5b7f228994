"""Colour of the finished painting: the skin keeps its tone, and on request everything its hue.

All of it works on a whole picture of any size and shape in bands of rows. The
photo and the masks lie in the same frame and may have any resolution.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from portraitify.finish.skin import mean_color, skin_mask, skin_weights, to_lab, to_rgb
from portraitify.finish.structure import blur

# Longer side at which colours are compared.
PLAN_PX = 256
BAND_PX = 512
# How far from the photo's hue a medium's palette may stay, CIELAB units in a* and b*: varnish is
# warm, and thin washes are pale.
HUE_ROOM = {"renaissance": 3.0, "oil": 2.0, "watercolor": 3.0}
_OTHER_ROOM = 2.5
# Below the first chroma a photo counts as one without colour, from the second on as one with.
_GREY, _COLOURED = 3.0, 9.0
_STEPS = 4


def hold_skin(
    painted: np.ndarray, photo: np.ndarray, sitter: np.ndarray, landmarks: np.ndarray, style: str
) -> np.ndarray:
    """Bring the mean colour of the skin back to the photo's.

    What is added is smooth, so that strokes, relief and grain stay. The
    difference is measured on the finished picture, and so holds whatever
    painted it. Lightness is met; of the hue the medium may keep a little.

    Args:
        painted: ``(H, W, 3)`` uint8, the finished picture.
        photo: ``(h, w, 3)`` uint8, the same frame.
        sitter: ``(h, w)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels of ``photo``.
        style: of the painting.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    size = plan_size(painted)
    small = shrink(painted, size).astype(np.float32)
    lab, mask = to_lab(shrink(photo, size)), shrink(sitter, size)
    points = np.asarray(landmarks, np.float64) * (np.array(size) / photo.shape[1::-1])
    weights = skin_weights(lab, mask, points)
    felt = skin_mask(lab, mask, points, weights)[..., None]
    goal = _goal(mean_color(lab, weights), mean_color(to_lab(small), weights), HUE_ROOM.get(style, _OTHER_ROOM))
    low = to_lab(blur(small, 0.012 * max(size)))
    # Black and white stay what they are.
    bend = low[..., 0] * (100 - low[..., 0]) * np.float32(4e-4)
    shift, added = np.zeros(3), np.zeros_like(small)
    for _ in range(_STEPS):
        shift += goal - mean_color(to_lab(small + added), weights)
        moved = low + np.dstack([bend * np.float32(shift[0]), *(np.full_like(bend, part) for part in shift[1:])])
        added = (to_rgb(moved) - to_rgb(low)) * felt
    return add_smoothly(painted, added)


def _goal(photo: np.ndarray, painted: np.ndarray, room: float) -> np.ndarray:
    """The mean colour to reach: the photo's, but for what the medium may keep of its hue."""
    away = painted[1:] - photo[1:]
    far = float(np.linalg.norm(away))
    kept = min(1.0, room / max(far, 1e-6))
    # A photo without colour does not tell that of the skin.
    known = np.clip((np.linalg.norm(photo[1:]) - _GREY) / (_COLOURED - _GREY), 0, 1)
    return np.array([photo[0], *(photo[1:] + away * (1 - known * (1 - kept)))])


def keep_color(painted: np.ndarray, photo: np.ndarray, sitter: np.ndarray, style: str) -> np.ndarray:
    """Give a painting the hues of its photo; its lightness, and so all its brushwork, stays.

    The photo's a* and b* are smoothed at the scale of a stroke, and the
    painting's own fine variation of colour is laid over them. Ink is tinted
    as a drawing is: sitter only, thinly, on paper.

    Args:
        painted: ``(H, W, 3)`` uint8.
        photo: ``(h, w, 3)`` uint8, the same frame.
        sitter: ``(h, w)`` float32 in 0 to 1.
        style: of the painting.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    size = plan_size(painted, 512)
    stroke = 0.006 * max(size)
    of_photo = blur(to_lab(shrink(photo, size)), stroke)
    of_painted = blur(to_lab(shrink(painted, size)), stroke)
    tint = of_photo[..., 1:] * _fitting(of_photo[..., 0], of_painted[..., 0])[..., None]
    if style == "ink":
        share = _TINT * blur(shrink(sitter, size), stroke)[..., None]
        tint = of_painted[..., 1:] + share * (of_photo[..., 1:] - of_painted[..., 1:])
    change = tint - of_painted[..., 1:]
    result = np.empty_like(painted)
    for rows, moved in _bands(change, painted.shape):
        lab = to_lab(painted[rows])
        lab[..., 1:] += moved
        result[rows] = (to_rgb(lab) + np.float32(0.5)).astype(np.uint8)
    return result


# Of the photo's chroma in a tinted drawing.
_TINT = 0.55


def _fitting(photo: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """By how much chroma shrinks where a painting is much darker or lighter than its photo, 0 to 1."""
    darker = (painted + 8) / (photo + 8)
    lighter = (108 - painted) / (108 - photo)
    return np.clip(np.minimum(darker, lighter), 0, 1)


def add_smoothly(picture: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Add a coarse field of colour: ``(H, W, 3)`` uint8 and ``(h, w, 3)`` float32 give ``(H, W, 3)`` uint8."""
    result = np.empty_like(picture)
    for rows, more in _bands(added, picture.shape):
        result[rows] = np.clip(picture[rows] + more + np.float32(0.5), 0, 255).astype(np.uint8)
    return result


def plan_size(picture: np.ndarray, longer_px: int = PLAN_PX) -> tuple[int, int]:
    """Width and height of a coarse copy."""
    height, width = picture.shape[:2]
    scale = min(1.0, longer_px / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrink(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resample a picture or a mask to ``size``, width first, without aliasing."""
    smaller = field.shape[1] >= size[0]
    return cv2.resize(field, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def stretched(field: np.ndarray, top: int, bottom: int, shape: tuple[int, ...]) -> np.ndarray:
    """Rows of a coarse field that is stretched over a picture.

    Args:
        field: ``(h, w)`` or ``(h, w, C)`` uint8 or float32.
        top: first row.
        bottom: row after the last.
        shape: height and width of the picture; what follows is ignored.

    Returns:
        ``(bottom - top, W)`` or ``(bottom - top, W, C)``, of the field's type.
    """
    height, width = shape[:2]
    if field.shape[:2] == (height, width):
        return field[top:bottom]
    across, down = field.shape[1] / width, field.shape[0] / height
    matrix = np.array([[across, 0, across / 2 - 0.5], [0, down, (top + 0.5) * down - 0.5]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(field, matrix, (width, bottom - top), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _bands(field: np.ndarray, shape: tuple[int, ...]) -> Iterator[tuple[slice, np.ndarray]]:
    for top in range(0, shape[0], BAND_PX):
        bottom = min(top + BAND_PX, shape[0])
        yield slice(top, bottom), stretched(field, top, bottom, shape)
