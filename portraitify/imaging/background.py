"""The background behind the sitter."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, to_uint8
from portraitify.imaging.filters import LEAST_KNOWN, normalized_blur


def blur_background(image: np.ndarray, subject_mask: np.ndarray, sigma_px: float, calm: float = 0.0) -> np.ndarray:
    """Blur what lies behind the sitter, as painters leave out what distracts.

    Only the background's own colours are averaged, so that the sitter leaves no
    halo (normalised convolution, Knutsson and Westin, CVPR 1993).

    Args:
        image: ``(H, W, 3)`` uint8 or float32 in 0 to 255.
        subject_mask: ``(H, W)`` float32 in 0 to 1.
        sigma_px: standard deviation of the Gaussian, in pixels; 0 changes nothing.
        calm: 0 to 1, how far the blurred background is drawn to its mean colour.

    Returns:
        The same shape and type; the sitter is unchanged.
    """
    if sigma_px <= 0:
        return image
    height, width = subject_mask.shape
    # A blur this wide needs no fine grid.
    factor = max(1, int(sigma_px / 3))
    small = (max(1, width // factor), max(1, height // factor))
    background = ((1 - subject_mask) ** 2).astype(np.float32)
    weighted = cv2.resize(image * gray_to_rgb(background), small, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(background, small, interpolation=cv2.INTER_AREA)
    soft, near = normalized_blur(weighted, weight, sigma_px / factor)
    known = near > LEAST_KNOWN
    soft *= known[..., None]
    mean = weighted.sum((0, 1)) / max(float(weight.sum()), LEAST_KNOWN)
    soft = soft * (1 - calm) + mean * calm
    soft = cv2.resize(soft.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    reached = cv2.resize(known.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    soft -= image
    soft *= gray_to_rgb(((1 - subject_mask) * (reached >= 1)).astype(np.float32))
    soft += image
    return soft if image.dtype == np.float32 else to_uint8(soft)
