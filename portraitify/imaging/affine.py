"""Affine maps as ``(2, 3)`` matrices: what is carried where, back again, and by how much it grows."""

from __future__ import annotations

import numpy as np


def transform_points(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Carry points.

    As sums, because the threads of a product of matrices cost more than they give.

    Args:
        matrix: ``(2, 3)`` float64.
        points: ``(..., 2)``, x and y.

    Returns:
        ``(..., 2)`` float64.
    """
    x, y = points[..., 0], points[..., 1]
    return np.stack([row[0] * x + row[1] * y + row[2] for row in matrix], -1)


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The ``(2, 3)`` matrix that carries everything back."""
    linear = np.linalg.inv(matrix[:, :2])
    return np.column_stack([linear, -linear @ matrix[:, 2]])


def composed(second: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The ``(2, 3)`` matrix that carries as ``first`` and then as ``second`` does."""
    return np.column_stack([second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]])


def scale_of(matrix: np.ndarray) -> float:
    """By how much lengths grow, the mean over directions."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def between_pixel_centres(matrix: np.ndarray) -> np.ndarray:
    """The ``(2, 3)`` matrix that OpenCV wants: here pixels' edges are mapped, there their centres."""
    centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    return np.asarray((np.linalg.inv(centre) @ np.vstack([matrix, [0, 0, 1]]) @ centre)[:2])
