"""From the generator's size to the output size."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.channels import to_uint8


def enlarge(painting: np.ndarray, size_px: int) -> np.ndarray:
    """Resample a painting and restore the crispness that resampling takes.

    Args:
        painting: ``(S, S, 3)`` uint8.
        size_px: side of the result.

    Returns:
        ``(size_px, size_px, 3)`` uint8.
    """
    scale = size_px / painting.shape[0]
    if scale == 1:
        return painting
    method = cv2.INTER_LANCZOS4 if scale > 1 else cv2.INTER_AREA
    image = cv2.resize(painting, (size_px, size_px), interpolation=method)
    if scale < 1:
        return image
    sharp = image.astype(np.float32)
    detail = sharp - cv2.GaussianBlur(sharp, (0, 0), 0.7 * scale)
    return to_uint8(sharp + 0.5 * detail)
