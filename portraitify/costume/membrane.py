"""A smooth surface through what is known of a picture, also where nothing is known."""

from __future__ import annotations

import cv2
import numpy as np

# Rounds of conjugate gradients, and the residual, as a share of the first, at which they end.
_ROUNDS, _ENOUGH = 400, 1e-4


def membrane(values: np.ndarray, weight: np.ndarray, stiffness: float) -> np.ndarray:
    """The surface that is near to what is known and bends little: min of ``sum weight (u - v)^2 + stiffness |grad u|^2``.

    Where nothing is known it solves Laplace's equation, as a membrane hung from the rim of a hole does; see Perez,
    Gangnet and Blake, Poisson Image Editing, ACM Transactions on Graphics 22(3), 2003, equation 2. By conjugate
    gradients.

    Args:
        values: ``(H, W, C)`` float32.
        weight: ``(H, W)`` float32 of 0 or more, how well each place is known.
        stiffness: square of how far, in pixels, what is known is smoothed.

    Returns:
        ``(H, W, C)`` float32.
    """
    weight = weight[..., None].astype(np.float64)
    # A trace everywhere, so that there is one answer even where nothing is known.
    mean = (values * weight).sum((0, 1)) / max(float(weight.sum()), 1e-6)
    trace = 1e-6
    values = values.astype(np.float64) - mean

    def applied(field: np.ndarray) -> np.ndarray:
        result = (weight + trace) * field
        down, right = stiffness * np.diff(field, axis=0), stiffness * np.diff(field, axis=1)
        result[:-1] -= down
        result[1:] += down
        result[:, :-1] -= right
        result[:, 1:] += right
        return result

    surface = np.zeros_like(values)
    residual = weight * values
    direction = residual
    norm = float((residual * residual).sum())
    least = norm * _ENOUGH**2
    for _ in range(_ROUNDS):
        if norm <= least or norm == 0:
            break
        moved = applied(direction)
        step = norm / float((direction * moved).sum())
        surface += step * direction
        residual = residual - step * moved
        before, norm = norm, float((residual * residual).sum())
        direction = residual + norm / before * direction
    return (surface + mean).astype(np.float32)


def broad_tone(picture: np.ndarray, known: np.ndarray, reach_px: float, factor: int = 8) -> np.ndarray:
    """The broad tone of what is known of a picture, carried on over the rest.

    Args:
        picture: ``(H, W, 3)`` float32.
        known: ``(H, W)`` float32 in 0 to 1.
        reach_px: how far what is known is smoothed, pixels.
        factor: pixels to a cell of the grid on which it is worked out.

    Returns:
        ``(H, W, 3)`` float32, smooth everywhere.
    """
    height, width = known.shape
    size = (max(width // factor, 1), max(height // factor, 1))
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(picture * known[..., None], size, interpolation=cv2.INTER_AREA)
    mean /= np.maximum(weight, 1e-3)[..., None]
    surface = membrane(mean, weight, (reach_px / factor) ** 2)
    return cv2.resize(surface, (width, height), interpolation=cv2.INTER_CUBIC)
