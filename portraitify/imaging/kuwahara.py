"""Leaving out what painters leave out: pores, single hairs, noise."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from portraitify.imaging.bands import bands

SECTORS = 8
# How strictly the calmest sector wins, as a power of two: 8. Papari et al. recommend 4 to 8.
_SHARPNESS_LOG2 = 3
_LEAST_RADIUS_PX = 0.7
# Rows that are worked on at a time: what belongs to more of them does not stay in a processor's cache.
_BAND_PX = 128
# Of red, green, blue, and a fourth plane that counts for nothing.
_LUMA = np.array([[0.299, 0.587, 0.114, 0.0]], np.float32)
# Kernels of 130 numbers and more OpenCV applies by way of a Fourier transform, which here takes five times as long.
_MOST_NUMBERS = 129

# A kernel, and the column and row in it of the pixel that it is for.
Part = tuple[np.ndarray, tuple[int, int]]


def kuwahara_filter(image: np.ndarray, radius_px: float) -> np.ndarray:
    """Replace fine texture by small patches of even colour, and keep the edges.

    Each pixel becomes the mean of those sectors around it that vary least.

    Source: Papari, Petkov and Campisi, Artistic Edge and Corner Enhancing
    Smoothing, IEEE TIP 16(10), 2007 (generalised Kuwahara filter).

    Args:
        image: ``(H, W, 3)`` uint8.
        radius_px: size of the patches; below 0.7 nothing changes.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    if radius_px < _LEAST_RADIUS_PX:
        return image
    quarters = _quarters(radius_px)
    kernels, reach = _sector_kernels(quarters), _reach_px(quarters)
    # By way of a Fourier transform, pixels would depend on what they are worked on with.
    direct = all(part.size <= _MOST_NUMBERS for parts in kernels for part, _ in parts)
    result = np.empty_like(image)
    for rows, top, bottom in bands(image.shape, _BAND_PX if direct else len(image)):
        above = min(reach, top)
        around = _calmest(image[top - above : bottom + reach], kernels)
        result[rows] = around[above : above + bottom - top]
    return result


def _calmest(image: np.ndarray, kernels: tuple[tuple[Part, ...], ...]) -> np.ndarray:
    """For each pixel of ``(H, W, 3)`` uint8 the mean of the sectors that vary least, of the same shape and type."""
    planes = cv2.cvtColor(image, cv2.COLOR_RGB2RGBA).astype(np.float32)
    luma = cv2.transform(planes, _LUMA)
    planes[..., 3] = luma * luma
    total = np.zeros_like(planes)
    weights = np.zeros(luma.shape, np.float32)
    for parts in kernels:
        mean = _filtered(planes, parts)
        weight = _calmness(mean)
        weights += weight
        # Merged, because NumPy takes four times as long to spread a plane over four.
        mean *= cv2.merge([weight] * 4)
        total += mean
    total /= cv2.merge([weights] * 4)
    return cv2.cvtColor(cv2.convertScaleAbs(total), cv2.COLOR_RGBA2RGB)


def kuwahara_filter_box(
    image: np.ndarray, radius_px: float, wanted: np.ndarray
) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Do the same, but only in the smallest box around a part of a picture.

    Args:
        image: ``(H, W, 3)`` uint8.
        radius_px: see :func:`kuwahara_filter`.
        wanted: ``(H, W)``, above 0 in the part.

    Returns:
        ``(h, w, 3)`` uint8, and rows and columns of the box, which is empty if nothing is wanted.
    """
    left, top, width, height = cv2.boundingRect((wanted > 0).astype(np.uint8))
    box = slice(top, top + height), slice(left, left + width)
    if radius_px < _LEAST_RADIUS_PX or not width:
        return image[box], box
    # Seen as far around the box as the filter looks, each pixel in it becomes what it would in the whole.
    reach = _reach_px(_quarters(radius_px))
    above, before = min(reach, top), min(reach, left)
    around = image[top - above : top + height + reach, left - before : left + width + reach]
    return kuwahara_filter(around, radius_px)[above : above + height, before : before + width], box


def _filtered(planes: np.ndarray, parts: tuple[Part, ...]) -> np.ndarray:
    """Means ``(H, W, 4)`` float32 under a kernel that comes in parts."""
    total, *others = (
        np.asarray(cv2.filter2D(planes, -1, part, anchor=at, borderType=cv2.BORDER_REFLECT_101), np.float32)
        for part, at in parts
    )
    for mean in others:
        total += mean
    return total


def _calmness(mean: np.ndarray) -> np.ndarray:
    """Weight ``(H, W)`` float32 of a sector with mean colours, and the mean of luma squared."""
    luma = cv2.transform(mean, _LUMA)
    variance = cv2.extractChannel(mean, 3) - luma * luma
    powered = np.sqrt(np.maximum(variance, 0)) + 1
    # The general power takes ten times as long.
    for _ in range(_SHARPNESS_LOG2):
        powered *= powered
    return 1 / powered


def _quarters(radius_px: float) -> int:
    """The radius in quarter pixels, in which kernels are kept."""
    return round(radius_px * 4)


def _reach_px(quarters: int) -> int:
    """How far kernels go from their centre."""
    return int(np.ceil(1.5 * quarters / 4))


@lru_cache(maxsize=64)
def _sector_kernels(quarters: int) -> tuple[tuple[Part, ...], ...]:
    """Gaussian lobes in ``SECTORS`` directions, each summing to one, in parts that are quickly applied."""
    radius, reach = quarters / 4, _reach_px(quarters)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    bell = np.exp(-(x**2 + y**2) / (2 * (0.6 * radius) ** 2))
    kernels = []
    for sector in range(SECTORS):
        angle = 2 * np.pi * sector / SECTORS
        toward = (x * np.cos(angle) + y * np.sin(angle)) / np.maximum(np.hypot(x, y), 1e-6)
        lobe = bell * np.maximum(toward, 0) ** 2
        lobe[reach, reach] = 1.0 / SECTORS
        kernels.append(_parts((lobe / lobe.sum()).astype(np.float32)))
    return tuple(kernels)


def _parts(kernel: np.ndarray) -> tuple[Part, ...]:
    """Kernels that sum to a square one; its upper and lower half where the whole is too large to be quick."""
    centre = kernel.shape[0] // 2
    if kernel.size <= _MOST_NUMBERS:
        return ((kernel, (centre, centre)),)
    # OpenCV wants the centre inside, so that its row belongs to both, empty in one.
    upper, lower = kernel[: centre + 1].copy(), kernel[centre:].copy()
    lower[0] = 0
    return tuple((part, (centre, at)) for part, at in ((upper, centre), (lower, 0)) if part.any())
