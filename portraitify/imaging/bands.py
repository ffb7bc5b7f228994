"""Large pictures in bands of rows, and coarse fields that are stretched over them.

A picture of 4096 pixels has few arrays of its full size at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor

import cv2
import numpy as np

BAND_PX = 512


Band = tuple[slice, int, int]


def bands(shape: tuple[int, ...], band_px: int | None = None) -> Iterator[Band]:
    """Bands of rows of a picture of this shape: as a slice, first row, row after the last.

    Args:
        shape: height of the picture, pixels; what follows is ignored.
        band_px: rows of each, `BAND_PX` unless said otherwise.
    """
    height = band_px or BAND_PX
    for top in range(0, shape[0], height):
        bottom = min(top + height, shape[0])
        yield slice(top, bottom), top, bottom


def in_turns(work: Callable[[slice, int, int], None], parts: Iterable[Band], beside: Executor | None) -> None:
    """Work on each band, every other one in another thread if there is one.

    Args:
        work: does a band; bands must not depend on each other.
        parts: the bands.
        beside: runs the other thread.
    """
    every = list(parts)

    def each(some: Sequence[Band]) -> None:
        for part in some:
            work(*part)

    if beside is None or len(every) < 2:
        each(every)
        return
    others = beside.submit(each, every[1::2])
    try:
        each(every[::2])
    finally:
        others.result()


def coarse_size(picture: np.ndarray, longer_px: int) -> tuple[int, int]:
    """Width and height of a coarse copy."""
    height, width = picture.shape[:2]
    scale = min(1.0, longer_px / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def resample(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resample a picture or a mask to ``size``, width first, without aliasing."""
    smaller = field.shape[1] >= size[0]
    return cv2.resize(field, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def upsampled_rows(field: np.ndarray, top: int, bottom: int, shape: tuple[int, ...]) -> np.ndarray:
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
