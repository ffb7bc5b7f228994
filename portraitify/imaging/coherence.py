"""Smoothing along the form, and contours as crisp as a painter draws them."""

from __future__ import annotations

import cv2
import numpy as np


def _tensor(luma: np.ndarray, fine_px: float, smooth_px: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The structure tensor's sum, and the two components that turn with its axis along the form, at double angle."""
    soft = cv2.GaussianBlur(luma, (0, 0), fine_px)
    dx = cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=0.125)
    dy = cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=0.125)
    xx, yy, xy = dx * dx, dy * dy, dx * dy
    planes = cv2.GaussianBlur(cv2.merge([xx + yy, yy - xx, -2 * xy]), (0, 0), smooth_px)
    energy, cosine, sine = cv2.split(planes)
    return energy, cosine, sine


def flow_vectors(luma: np.ndarray, fine_px: float, smooth_px: float, trust: float) -> tuple[np.ndarray, np.ndarray]:
    """Vectors along the form, the longer the more surely there is one; worked out at half the size.

    Source: Kyprianidis and Kang, Image and Video Abstraction by Coherence-Enhancing Filtering, Eurographics 2011.

    Args:
        luma: ``(S, S)`` float32 in 0 to 1.
        fine_px: deviation of the blur before the gradient.
        smooth_px: deviation of the blur of the structure tensor.
        trust: gradient, in brightness a pixel, at which a direction is half sure.

    Returns:
        Across and down, ``(S, S)`` float32 each, of a length from 0 to 1 and no certain sign.
    """
    side = luma.shape[::-1]
    half = (max(side[0] // 2, 1), max(side[1] // 2, 1))
    # At half the size gradients are twice as steep.
    coarse = _tensor(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), fine_px / 2, smooth_px / 2)
    energy, cosine, sine = (cv2.resize(each, side, interpolation=cv2.INTER_LINEAR) for each in coarse)
    length, angle = cv2.cartToPolar(cosine, sine)
    length /= energy + np.float32(4 * trust**2)
    across, down = cv2.polarToCart(length, angle * np.float32(0.5))
    return np.asarray(across), np.asarray(down)


def smooth_along(field: np.ndarray, vectors: tuple[np.ndarray, np.ndarray], steps_px: tuple[float, ...]) -> np.ndarray:
    """Smooth along vectors: each step takes a quarter from both sides, so that growing steps follow bends.

    Args:
        field: ``(S, S)`` or ``(S, S, C)`` float32, C up to 4.
        vectors: across and down, see `flow_vectors`.
        steps_px: how far each step reaches where vectors have a length of 1.

    Returns:
        The same shape.
    """
    y = np.arange(field.shape[0], dtype=np.float32)[:, None]
    x = np.arange(field.shape[1], dtype=np.float32)
    away = np.float32(1), np.float32(-1)
    for step in steps_px:
        across, down = vectors[0] * np.float32(step), vectors[1] * np.float32(step)
        places = ((x + sign * across, y + sign * down) for sign in away)
        ahead, behind = (
            np.asarray(cv2.remap(field, *place, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)
            for place in places
        )
        ahead += behind
        field = np.asarray(cv2.addWeighted(field, 0.5, ahead, 0.25, 0))
    return field


def edge_offsets(luma: np.ndarray, knee: float, sigma_px: float, reach_px: float) -> np.ndarray:
    """How far to look aside, away from the nearest contour, so that contours become steep when a picture is enlarged.

    Source: Arad and Gotsman, Enhancement by Image-Dependent Warping, IEEE TIP 8(8), 1999. Contours count by the
    coherence of their surroundings, so that specks are not turned into cells.

    Args:
        luma: ``(S, S)`` float32 in 0 to 1.
        knee: gradient, in brightness a pixel, that makes half a contour.
        sigma_px: deviation of the blur of contours.
        reach_px: offset where the strength of contours rises by 1 a pixel.

    Returns:
        ``(S, S, 2)`` float32, across and down, pixels.
    """
    energy, cosine, sine = _tensor(luma, 1.0, sigma_px)
    along = cosine * cosine + sine * sine
    contour = along / (energy * energy + np.float32(knee**4))
    contour = cv2.GaussianBlur(contour, (0, 0), sigma_px)
    scale = -0.125 * reach_px
    across = cv2.Sobel(contour, cv2.CV_32F, 1, 0, scale=scale)
    down = cv2.Sobel(contour, cv2.CV_32F, 0, 1, scale=scale)
    return np.asarray(cv2.merge([across, down]))
