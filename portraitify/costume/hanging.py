"""The finished head set into the master's picture."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.imaging.affine import between_pixel_centres
from portraitify.imaging.channels import gray_to_rgb, to_uint8


def hang(finished: np.ndarray, mask: np.ndarray, master: Master, matrix: np.ndarray, size_px: int) -> np.ndarray:
    """Set what was dressed and finished into the picture, whose own pixels stay wherever the mask is 0.

    Args:
        finished: ``(P, P, 3)`` uint8, the finished canvas, of any size.
        mask: ``(C, C)`` float32 in 0 to 1, see :class:`portraitify.costume.dressing.Dressed`.
        master: the picture.
        matrix: ``(2, 3)`` from pixels of the canvas as large as ``mask`` to pixels of the plate.
        size_px: longer side of the result.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    height, width = master.plate.shape[:2]
    zoom = size_px / max(height, width)
    size = (max(1, round(width * zoom)), max(1, round(height * zoom)))
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    plate = master.plate if size == (width, height) else cv2.resize(master.plate, size, interpolation=method)
    to_result = matrix * zoom
    share = _moved(mask, to_result, size)
    (left, top), (right, bottom) = _extent(share)
    part = (slice(top, bottom), slice(left, right))
    from_finished = to_result * [len(mask) / len(finished), len(mask) / len(finished), 1]
    from_finished[:, 2] -= (left, top)
    shown = _moved(finished, from_finished, (right - left, bottom - top))
    result = plate.copy()
    weight = gray_to_rgb(share[part])
    result[part] = to_uint8(plate[part] * (1 - weight) + shown * weight)
    return np.asarray(result)


def _moved(field: np.ndarray, matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    edge = cv2.BORDER_REPLICATE if field.ndim == 3 else cv2.BORDER_CONSTANT
    centres = between_pixel_centres(matrix)
    return np.asarray(cv2.warpAffine(field, centres, size, flags=cv2.INTER_LINEAR, borderMode=edge))


def _extent(share: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last corner of what is not 0."""
    columns, rows = np.flatnonzero(share.max(0)), np.flatnonzero(share.max(1))
    if not len(columns):
        return (0, 0), (1, 1)
    return (int(columns[0]), int(rows[0])), (int(columns[-1]) + 1, int(rows[-1]) + 1)
