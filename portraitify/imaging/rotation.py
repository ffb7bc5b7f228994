"""Turns in space."""

from __future__ import annotations

import numpy as np


def nearest_turn(points: np.ndarray, goal: np.ndarray) -> tuple[np.ndarray, float]:
    """The turn that brings points nearest to others, and by how much they have to grow besides.

    Source: Kabsch, Acta Crystallographica A32, 1976; the scale is that of Umeyama, IEEE TPAMI 13(4), 1991.

    Args:
        points: ``(N, 3)`` about their middle.
        goal: ``(N, 3)`` about theirs, in the same order.

    Returns:
        ``(3, 3)`` float64 that turns columns, without a mirror, and the scale.
    """
    left, spread, right = np.linalg.svd(points.T @ goal)
    flip = np.diag([1, 1, np.sign(np.linalg.det(right.T @ left.T))])
    return np.asarray(right.T @ flip @ left.T), float((spread * np.diag(flip)).sum() / (points**2).sum())
