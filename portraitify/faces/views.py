"""The views of a photo in which faces are looked for, one after the other, until one shows some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

# Faces are looked for on a copy whose longer side is this, and then on one twice as large.
SEARCH_PX = 640
# Around a photo that ends inside the face there is room for the rest of it, by the photo's sides. The wide margin
# shows most faces; some only the narrow one.
_MARGIN, _NARROW_MARGIN, _MARGIN_GREY = 0.5, 0.25, 128
# Percentiles that become black and white in photos that are too dark, hazy or tinted, and how much of the range
# from 0 to 255 an ordinary photo takes up between them.
_BLACK, _WHITE, _ORDINARY = 1, 99, 0.8
# A photo whose median is above the first is burnt out: its lights are spread by the power that brings the median
# down to the second.
_BURNT, _UNBURNT = 175, 100
# What is much longer than high, or so large that the second copy loses a face, is searched tile by tile on a copy
# of this longer side at least. Tiles overlap by more than the largest face that was too small until then.
_OBLONG, _HUGE_PX, _TILED_PX, _OVERLAP = 2.2, 4500, 2560, 0.25


@dataclass(frozen=True)
class View:
    """A copy of a photo, or of a part.

    Attributes:
        pixels: ``(h, w, 3)`` uint8 RGB.
        scale: its pixels for one of the photo.
        left: where the photo's left edge lies, in its pixels.
        top: likewise.
    """

    pixels: np.ndarray
    scale: float
    left: float = 0.0
    top: float = 0.0


def usual_views(image: np.ndarray) -> Iterator[View]:
    """A photo ``(H, W, 3)`` uint8 RGB as it is, small and then larger."""
    yield _shrunk(image, SEARCH_PX)
    if max(image.shape[:2]) > SEARCH_PX:
        yield _shrunk(image, 2 * SEARCH_PX)


def views_in_need(image: np.ndarray) -> Iterator[View]:
    """Views of a photo in which a face may be cut off, dark, hazy, tinted or burnt out."""
    small = _shrunk(image, SEARCH_PX)
    yield small
    yield _with_margin(small)
    yield _with_margin(small, _NARROW_MARGIN)
    stretched = _stretched(small)
    if stretched is not None:
        yield stretched
        yield _with_margin(stretched)
    if np.median(small.pixels) >= _BURNT:
        darkened = _darkened(small)
        yield darkened
        yield _with_margin(darkened)
        yield from _equalised(small)


def _shrunk(image: np.ndarray, longest_px: int) -> View:
    height, width = image.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    if scale == 1:
        return View(image, 1.0)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return View(cv2.resize(image, size, interpolation=cv2.INTER_AREA), scale)


def _with_margin(view: View, margin: float = _MARGIN) -> View:
    """The view with a grey margin, at the size that it had, so that close faces get smaller as well."""
    height, width = view.pixels.shape[:2]
    top, left = round(margin * height), round(margin * width)
    grey = (_MARGIN_GREY,) * 3
    wide = cv2.copyMakeBorder(view.pixels, top, top, left, left, cv2.BORDER_CONSTANT, value=grey)
    small = _shrunk(wide, SEARCH_PX)
    return View(small.pixels, view.scale * small.scale, left * small.scale, top * small.scale)


def _stretched(view: View) -> View | None:
    """Each channel from its first to its last percentile; None where that changes little."""
    low, high = np.percentile(view.pixels.reshape(-1, 3), [_BLACK, _WHITE], axis=0)
    if ((high - low) > 255 * _ORDINARY).all() or (high - low < 2).any():
        return None
    stretched = (view.pixels - low.astype(np.float32)) * (255 / (high - low)).astype(np.float32)
    return replace(view, pixels=np.clip(stretched + 0.5, 0, 255).astype(np.uint8))


def _darkened(view: View) -> View:
    """A burnt-out photo with its lights spread."""
    # A median of white has no power that brings it down.
    median = min(float(np.median(view.pixels)), 250.0)
    table = 255 * (np.arange(256) / 255) ** (np.log(_UNBURNT / 255) / np.log(median / 255))
    return replace(view, pixels=(table + 0.5).astype(np.uint8)[view.pixels])


def _equalised(view: View) -> Iterator[View]:
    """What a burnt-out photo still has in the darkest of its channels, as skin has in blue, at two sizes."""
    grey = cv2.cvtColor(cv2.equalizeHist(view.pixels.min(2)), cv2.COLOR_GRAY2RGB)
    yield replace(view, pixels=grey)
    half = _shrunk(grey, max(grey.shape[:2]) // 2)
    yield View(half.pixels, view.scale * half.scale)


def tiles(image: np.ndarray) -> Iterator[View]:
    """Overlapping squares of a photo ``(H, W, 3)`` uint8 RGB that is huge or long; none of an ordinary one."""
    longer, shorter = max(image.shape[:2]), min(image.shape[:2])
    if longer < (2 * SEARCH_PX if longer > _OBLONG * shorter else _HUGE_PX):
        return
    whole = _shrunk(image, max(_TILED_PX, round(SEARCH_PX * longer / shorter)))
    height, width = whole.pixels.shape[:2]
    for top in _starts(height):
        for left in _starts(width):
            part = whole.pixels[top : top + SEARCH_PX, left : left + SEARCH_PX]
            yield View(np.ascontiguousarray(part), whole.scale, -left, -top)


def tiles_of_long(image: np.ndarray) -> Iterator[View]:
    """The same of a photo that is long; none of another, whose twenty tiles would be searched for seconds."""
    if max(image.shape[:2]) > _OBLONG * min(image.shape[:2]):
        yield from tiles(image)


def _starts(length: int) -> list[int]:
    """Where overlapping tiles begin that cover a length."""
    if length <= SEARCH_PX:
        return [0]
    count = int(np.ceil((length - SEARCH_PX) / (SEARCH_PX * (1 - _OVERLAP)))) + 1
    return [round(start) for start in np.linspace(0, length - SEARCH_PX, count).tolist()]
