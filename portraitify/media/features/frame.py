"""Coordinates of an eye or a mouth: its corners lie at -0.5 and 0.5, whatever its size and slant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

# Ridge of the fit of a curve's shift, slope and bend, in parts of all evidence: a bend needs more of it.
_RIDGE = np.diag([0.05, 0.15, 0.3]).astype(np.float64)


@dataclass(frozen=True)
class FeatureFrame:
    """Where a feature lies; u runs from its left to its right corner as the viewer sees it, v down across it.

    Attributes:
        centre: ``(2,)`` the middle between the corners, pixels of the plan.
        axis: ``(2,)`` unit vector from the left to the right corner.
        width_px: between the corners, pixels of the plan; the unit of u and v.
        half_u: how far the feature's surroundings reach to each side.
        half_v: how far they reach up and down.
    """

    centre: np.ndarray
    axis: np.ndarray
    width_px: float
    half_u: float
    half_v: float

    @classmethod
    def between(cls, left: np.ndarray, right: np.ndarray, half_u: float, half_v: float) -> FeatureFrame:
        """The frame of two corners, ``(2,)`` each in pixels of the plan."""
        width_px = max(float(np.linalg.norm(right - left)), 1e-3)
        return cls((left + right) / 2, (right - left) / width_px, width_px, half_u, half_v)

    def to_frame(self, points: np.ndarray) -> np.ndarray:
        """``(n, 2)`` points in pixels of the plan as ``(n, 2)`` pairs of u and v."""
        away = (points - self.centre) / self.width_px
        return np.stack([away @ self.axis, away @ np.array([-self.axis[1], self.axis[0]])], -1)

    def box(self, side_px: int, scale: float) -> tuple[slice, slice]:
        """Rows and columns of the surroundings in a square picture ``scale`` times the size of the plan."""
        cosine, sine = np.abs(self.axis)
        reach = self.width_px * np.array(
            [self.half_u * cosine + self.half_v * sine, self.half_u * sine + self.half_v * cosine]
        )
        first = np.clip(np.floor((self.centre - reach) * scale), 0, side_px).astype(int)
        end = np.clip(np.ceil((self.centre + reach) * scale), 0, side_px).astype(int)
        return slice(first[1], end[1]), slice(first[0], end[0])

    def grid(self, box: tuple[slice, slice], scale: float) -> tuple[np.ndarray, np.ndarray]:
        """u and v, ``(h, w)`` float32 each, of the pixels of a box."""
        y = (np.arange(box[0].start, box[0].stop, dtype=np.float32) + 0.5) / scale - np.float32(self.centre[1])
        x = (np.arange(box[1].start, box[1].stop, dtype=np.float32) + 0.5) / scale - np.float32(self.centre[0])
        cosine, sine = (self.axis / self.width_px).astype(np.float32)
        return x * cosine + (y * sine)[:, None], (y * cosine)[:, None] - x * sine

    def patch(self, picture: np.ndarray, cells: int) -> np.ndarray:
        """The surroundings set upright: ``(2 * half_v * cells, 2 * half_u * cells, ...)``.

        Args:
            picture: ``(S, S)`` or ``(S, S, 3)`` float32 of the plan.
            cells: pixels a unit.
        """
        step = self.width_px / cells
        along, down = self.axis * step, np.array([-self.axis[1], self.axis[0]]) * step
        size = round(2 * self.half_u * cells), round(2 * self.half_v * cells)
        corner = self.centre - 0.5 - along * (size[0] - 1) / 2 - down * (size[1] - 1) / 2
        matrix = np.stack([along, down, corner], -1)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)

    def patch_grid(self, cells: int) -> tuple[np.ndarray, np.ndarray]:
        """u and v of the pixels of a patch, ``(1, w)`` and ``(h, 1)`` float32."""
        columns, rows = round(2 * self.half_u * cells), round(2 * self.half_v * cells)
        u = (np.arange(columns, dtype=np.float32) - np.float32((columns - 1) / 2)) / cells
        v = (np.arange(rows, dtype=np.float32) - np.float32((rows - 1) / 2)) / cells
        return u[None], v[:, None]

    def lookup(self, patch: np.ndarray, u: np.ndarray, v: np.ndarray, cells: int) -> np.ndarray:
        """Values of a patch, ``(h, w)`` float32, at places of a picture."""
        rows, columns = patch.shape[:2]
        x, y = u * cells + np.float32((columns - 1) / 2), v * cells + np.float32((rows - 1) / 2)
        return cv2.remap(patch, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


@dataclass(frozen=True)
class Curve:
    """A line from the left to the right across a feature, v as a function of u.

    Attributes:
        points: ``(n, 2)`` of u and v, ordered by u.
        bend: three numbers that are added: a shift, a slope over u and a factor of ``4 u**2``.
    """

    points: np.ndarray
    bend: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @classmethod
    def through(cls, points: np.ndarray) -> Curve:
        """Through ``(n, 2)`` points of u and v in any order."""
        return cls(points[np.argsort(points[:, 0], kind="stable")])

    @cached_property
    def _smooth(self) -> np.ndarray:
        """Coefficients of a polynomial of fourth degree, because strokes have no corners."""
        return np.asarray(np.polyfit(self.points[:, 0], self.points[:, 1], 4))

    def at(self, u: np.ndarray) -> np.ndarray:
        """v at any u, float32 of the same shape; level beyond the ends."""
        inside = np.clip(u, self.points[0, 0], self.points[-1, 0]).astype(np.float32)
        bent = self._smooth + np.array([0, 0, 4 * self.bend[2], self.bend[1], self.bend[0]])
        value = np.full_like(inside, bent[0])
        for coefficient in bent[1:]:
            value *= inside
            value += np.float32(coefficient)
        return np.asarray(value)

    def moved(self, down: float) -> Curve:
        """The same curve, so far below."""
        return replace(self, bend=(self.bend[0] + down, *self.bend[1:]))

    def drawn_to(self, evidence: np.ndarray, u: np.ndarray, v: np.ndarray, reach: float) -> Curve:
        """The curve moved on to what the picture shows near by, by least squares.

        Args:
            evidence: ``(h, w)`` float32 of 0 or more, of a line through each place of a patch.
            u: ``(1, w)`` of its places.
            v: ``(h, 1)`` of its places.
            reach: standard deviation of the distance over which the curve looks.
        """
        away = v - self.at(u)
        weight = evidence * np.exp(-((away / reach) ** 2) / 2) * (np.abs(u) < 0.5)
        total = max(float(weight.sum()), 1e-6)
        basis = np.concatenate([np.ones_like(u), u, 4 * u * u]).astype(np.float64)
        squares, evidenced = (basis * weight.sum(0)) @ basis.T, basis @ (weight * away).sum(0)
        shift, slope, bend = np.linalg.solve(squares + total * _RIDGE, evidenced)
        before = self.bend
        return replace(self, bend=(before[0] + float(shift), before[1] + float(slope), before[2] + float(bend)))
