"""Shapes for opening, closing, widening and narrowing masks."""

from __future__ import annotations

import cv2
import numpy as np


def disc(radius_px: float) -> np.ndarray:
    """A disc of a radius, rounded to whole pixels: ``(2 r + 1, 2 r + 1)`` uint8, 1 inside."""
    size = 2 * round(radius_px) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def touching(area: np.ndarray, other: np.ndarray, reach_px: float = 3.0) -> np.ndarray:
    """The connected parts of an area ``(H, W)`` bool that come so near to another one: ``(H, W)`` bool."""
    count, labels = cv2.connectedComponents(area.astype(np.uint8))
    near = cv2.dilate(other.astype(np.uint8), disc(reach_px)) > 0
    return np.asarray(np.isin(labels, np.setdiff1d(np.unique(labels[near & area]), [0])) if count > 1 else area)


def runs(row: np.ndarray) -> list[tuple[int, int]]:
    """Where a row ``(n,)`` of bool is true without a break: first place of each run, and the one after its last."""
    bounds = np.flatnonzero(np.diff(np.r_[False, row, False].astype(int))).tolist()
    return list(zip(bounds[::2], bounds[1::2], strict=True))
