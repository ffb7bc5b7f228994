"""A picture warped smoothly by points that are known in both of two places."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.distances import squared_distances

# Cells of the grid on which a warp is worked out.
_GRID = 56


@dataclass(frozen=True)
class ThinPlate:
    """A surface that bends as little as it may.

    Source: Bookstein, Principal Warps: Thin-Plate Splines and the Decomposition of Deformations, IEEE TPAMI 11(6),
    1989; smoothed after Wahba, Spline Models for Observational Data, SIAM 1990.

    Attributes:
        places: ``(N, 2)`` in units of ``scale``, about their middle.
        weights: ``(N + 3, K)``.
        middle: ``(2,)`` pixels.
        scale: pixels.
    """

    places: np.ndarray
    weights: np.ndarray
    middle: np.ndarray
    scale: float

    @classmethod
    def through(cls, places: np.ndarray, values: np.ndarray, stiffness: float) -> ThinPlate:
        """The plate near to ``(N, K)`` values at ``(N, 2)`` places; 0 stiffness goes through all of them."""
        middle, scale = places.mean(0), max(float(np.ptp(places)), 1e-6)
        unit = (places - middle) / scale
        count = len(unit)
        flat = np.column_stack([np.ones(count), unit])
        system = np.zeros((count + 3, count + 3))
        system[:count, :count] = _bending(unit, unit) + stiffness * np.eye(count)
        system[:count, count:], system[count:, :count] = flat, flat.T
        weights = np.linalg.solve(system, np.concatenate([values, np.zeros((3, values.shape[1]))]))
        return cls(unit, weights, middle, scale)

    def at(self, points: np.ndarray) -> np.ndarray:
        """Its values ``(M, K)`` at points ``(M, 2)``."""
        unit = (points - self.middle) / self.scale
        known = np.column_stack([_bending(unit, self.places), np.ones(len(unit)), unit])
        return np.asarray(known @ self.weights)


def warp_map(before: np.ndarray, after: np.ndarray, size_px: int, stiffness: float = 5e-5) -> np.ndarray:
    """From where each pixel of a warped picture comes.

    Args:
        before: ``(N, 2)`` in the picture, pixels.
        after: ``(N, 2)`` where the same is to be.
        size_px: side of the result.
        stiffness: 0 brings every point exactly there, more lets noise in them cancel.

    Returns:
        ``(size_px, size_px, 2)`` float32, as ``cv2.remap`` wants it.
    """
    seen = _unfolded(before, after)
    plate = ThinPlate.through(after[seen], before[seen] - after[seen], stiffness)
    ticks = (np.arange(_GRID) + 0.5) * size_px / _GRID
    grid = np.stack(np.meshgrid(ticks, ticks), -1).reshape(-1, 2)
    shift = plate.at(grid).reshape(_GRID, _GRID, 2).astype(np.float32)
    dense = cv2.resize(shift, (size_px, size_px), interpolation=cv2.INTER_CUBIC)
    pixels = np.arange(size_px, dtype=np.float32)
    return np.asarray(dense + np.stack(np.meshgrid(pixels, pixels), -1))


def _bending(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    square = squared_distances(points, places)
    return np.asarray(square * np.log(np.maximum(square, 1e-12)))


def _unfolded(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Which points are seen in both places: ``(N,)`` bool, not those that are turned away."""
    low, high = np.floor(before.min(0)) - 1, np.ceil(before.max(0)) + 1
    plane = cv2.Subdiv2D((int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])))
    numbers = {plane.insert((float(x), float(y))): number for number, (x, y) in enumerate(before)}
    corners = np.asarray(plane.getTriangleList()).reshape(-1, 2)
    found = np.array([numbers.get(plane.locate((float(x), float(y)))[2], -1) for x, y in corners]).reshape(-1, 3)
    found = found[(found >= 0).all(1)]
    turned = _area(before[found]) * _area(after[found]) < 0
    seen = np.ones(len(before), bool)
    seen[found[turned].ravel()] = False
    return seen


def _area(triangles: np.ndarray) -> np.ndarray:
    first, second = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
