"""A smooth surface through what is known of a picture, also where nothing is known."""

from __future__ import annotations

import cv2
import numpy as np

# Most rounds of conjugate gradients, and the residual, as a share of the first, at which they end.
_ROUNDS, _ENOUGH = 400, 1e-4
# Weight of the mean where nothing is known, so that there is one answer in any case.
_TRACE = 1e-6
# Pixels to a cell of the grid on which broad tones are worked out.
_CELL_PX = 8
_MOST_LEVEL = 4.0


def membrane(values: np.ndarray, weight: np.ndarray, stiffness: tuple[float, float]) -> np.ndarray:
    """The surface u that is near to what is known and bends little.

    It minimises the sum of ``weight (u - values)^2 + stiffness |grad u|^2`` by
    conjugate gradients. Where nothing is known it solves Laplace's equation, as
    a membrane hung from the rim of a hole does.

    Source: Perez, Gangnet and Blake, Poisson Image Editing, ACM Transactions on
    Graphics 22(3), 2003, equation 2.

    Args:
        values: ``(H, W, C)`` float32.
        weight: ``(H, W)`` float32 of 0 or more, how well each place is known.
        stiffness: downwards and across, squares of how far, in pixels, what is known is smoothed.

    Returns:
        ``(H, W, C)`` float32.
    """
    known = weight[..., None].astype(np.float64)
    mean = (values * known).sum((0, 1)) / max(float(known.sum()), _TRACE)

    def applied(field: np.ndarray) -> np.ndarray:
        result = (known + _TRACE) * field
        down, right = (value * np.diff(field, axis=axis) for axis, value in enumerate(stiffness))
        result[:-1] -= down
        result[1:] += down
        result[:, :-1] -= right
        result[:, 1:] += right
        return np.asarray(result)

    residual = known * (values.astype(np.float64) - mean)
    surface, direction = np.zeros_like(residual), residual
    norm = float((residual * residual).sum())
    least = norm * _ENOUGH**2
    for _ in range(_ROUNDS):
        if norm <= least:
            break
        moved = applied(direction)
        step = norm / float((direction * moved).sum())
        surface += step * direction
        residual = residual - step * moved
        before, norm = norm, float((residual * residual).sum())
        direction = residual + norm / before * direction
    return np.asarray(surface + mean, np.float32)


def broad_tone(picture: np.ndarray, known: np.ndarray, reach_px: float, level: float = 1.0) -> np.ndarray:
    """The broad tone of what is known of a picture, carried on over the rest.

    Args:
        picture: ``(H, W, 3)`` float32.
        known: ``(H, W)`` float32 in 0 to 1.
        reach_px: how far what is known is smoothed, pixels.
        level: how much farther it reaches across than downwards; see :func:`levelness`.

    Returns:
        ``(H, W, 3)`` float32, smooth everywhere.
    """
    height, width = known.shape
    mean, weight = _on_grid(picture, known)
    stiff = (reach_px / _CELL_PX) ** 2
    surface = membrane(mean, weight, (stiff / level, stiff * level))
    return np.asarray(cv2.resize(surface, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def levelness(picture: np.ndarray, known: np.ndarray) -> float:
    """How much more a surface changes downwards than across, 1 to ``_MOST_LEVEL``: much where there is a horizon.

    Args:
        picture: ``(H, W, 3)`` float32.
        known: ``(H, W)`` float32 in 0 to 1.
    """
    mean, weight = _on_grid(picture, known)
    sure = weight > 0.99
    down = (np.diff(mean, axis=0) ** 2).sum(2)[sure[1:] & sure[:-1]]
    across = (np.diff(mean, axis=1) ** 2).sum(2)[sure[:, 1:] & sure[:, :-1]]
    if not len(down) or not len(across):
        return 1.0
    return float(np.clip(np.sqrt(down.mean() / max(float(across.mean()), 1e-3)), 1, _MOST_LEVEL))


def _on_grid(picture: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of what is known in the cells of the coarse grid, and how much of each is known."""
    height, width = known.shape
    size = (max(width // _CELL_PX, 1), max(height // _CELL_PX, 1))
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(picture * known[..., None], size, interpolation=cv2.INTER_AREA)
    return np.asarray(mean / np.maximum(weight, 1e-3)[..., None]), np.asarray(weight)
