"""The finished head set into the master's picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.costume.master import Master
from portraitify.imaging.affine import between_pixel_centres
from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.filters import blur

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Surface:
    """How the picture's own grain, weave and cracks are laid over the head, as the clean plate has them there.

    Attributes:
        sigma: standard deviation of the Gaussian below which it is grain, in parts of the longer side.
        share: of the grain that is laid over.
        lighter: bounds of how much more of it there is on light skin than in a dark ground, by the ratio of brightness.
        floor: added to both brightnesses, of 255.
        most: in standard deviations of the grain; what is more is a stroke or an edge.
        coarsest: of a standard deviation, of 255; a printer's screen is coarser, and is no paint.
    """

    sigma: float = 0.0022
    share: float = 0.55
    lighter: tuple[float, float] = (1.0, 2.2)
    floor: float = 45.0
    most: float = 2.5
    coarsest: float = 2.5

    def lay_over(self, shown: np.ndarray, plate: np.ndarray, ground: np.ndarray, size_px: int) -> np.ndarray:
        """Give a head the surface of its picture.

        Args:
            shown: ``(h, w, 3)`` uint8, the head.
            plate: ``(h, w, 3)`` uint8, what was there.
            ground: ``(h, w)`` bool, where the plate is neither collar nor dress.
            size_px: longer side of the whole picture.

        Returns:
            ``(h, w, 3)`` float32 in 0 to 255.
        """
        luma = plate.astype(np.float32) @ _LUMA
        broad = blur(luma, self.sigma * size_px)
        grain = _over_dress(luma - broad, ground)
        deviation = max(float(grain.std()), 1e-3)
        even = np.clip(grain, -self.most * deviation, self.most * deviation) * min(1.0, self.coarsest / deviation)
        lighter = (shown.astype(np.float32) @ _LUMA + self.floor) / (broad + self.floor)
        return np.asarray(shown + (even * np.clip(lighter, *self.lighter) * np.float32(self.share))[..., None])


def _over_dress(grain: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Carry the ground's grain on over collar and dress, mirrored where these begin: theirs are folds and edges."""
    rows = np.arange(len(grain))[:, None]
    first = np.where(ground.all(0), len(grain), np.argmin(ground, 0))
    source = np.where(rows < first, rows, np.clip(2 * first - 1 - rows, 0, len(grain) - 1))
    return np.take_along_axis(grain, source, 0)


def hang(
    finished: np.ndarray,
    mask: np.ndarray,
    master: Master,
    matrix: np.ndarray,
    size_px: int,
    surface: Surface | None = None,
) -> np.ndarray:
    """Set what was dressed and finished into the picture, whose own pixels stay wherever the mask is 0.

    Args:
        finished: ``(P, P, 3)`` uint8, the finished canvas, of any size.
        mask: ``(C, C)`` float32 in 0 to 1, see :class:`portraitify.costume.dressing.Dressed`.
        master: the picture.
        matrix: ``(2, 3)`` from pixels of the canvas as large as ``mask`` to pixels of the plate.
        size_px: longer side of the result.
        surface: how the picture's grain goes over what is set in; not at all by default.

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
    if surface:
        dress = np.maximum(master.masks.before, master.masks.body)
        ground = cv2.resize(dress, size, interpolation=cv2.INTER_AREA)[part] < 8
        shown = surface.lay_over(shown, plate[part], ground, size_px)
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
