"""Where the iris lies in an eye."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from portraitify.imaging.filters import smoothstep

# Pixels a unit of the patches in which eyes are read.
CELLS = 32
_Grid = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Iris:
    """Where an iris lies; lengths are in widths of the eye.

    Attributes:
        centre: u and v of its middle.
        radius: of it.
        circle: how much of its outline is there, -1 to 1.
    """

    centre: tuple[float, float]
    radius: float
    circle: float


@dataclass(frozen=True)
class IrisChances:
    """How likely an iris of each size lies at each place.

    Attributes:
        radii: ``(r,)`` in widths of the eye.
        likely: ``(r, h, w)``, adds up to 1.
        circle: ``(r, h, w)``, how much of a circle is there, -1 to 1.
    """

    radii: np.ndarray
    likely: np.ndarray
    circle: np.ndarray

    def found(self, places: tuple[np.ndarray, np.ndarray], near: float) -> Iris:
        """The likeliest iris.

        The mean of all places would lie between two that are likely, where none is.

        Args:
            places: u and v of the pixels, ``(1, w)`` and ``(h, 1)``.
            near: how far from the likeliest place what is likely still speaks of the same iris.
        """
        u, v = places
        together = cv2.GaussianBlur(self.likely.sum(0), (0, 0), 1)
        row, column = np.unravel_index(int(np.argmax(together)), together.shape)
        weight = self.likely * (np.hypot(u - u[0, column], v - v[row, 0]) < near)
        weight /= weight.sum()
        centre = float((weight * u).sum()), float((weight * v).sum())
        radius = float((weight.sum((1, 2)) * self.radii).sum())
        return Iris(centre, radius, float((weight * self.circle).sum()))


@dataclass(frozen=True)
class IrisSearch:
    """How the iris is found: a circle of which both sides are lighter outside. Lengths are in widths of the eye.

    After Daugman, High Confidence Visual Recognition of Persons by a Test of Statistical Independence, IEEE TPAMI
    15(11), 1993, with gradients in place of differences of means, and without the arcs that lids cover.

    Attributes:
        radius: of the iris, if the eye is seen from the front.
        largest_radius: however far the face is turned away, which shortens the eye but not the iris.
        sizes: radii that are tried, in parts of the one that is expected, which the largest radius limits.
        edge: softness of the circle, standard deviation in radii.
        gradient: in brightness, 0 to 255, a pixel of the patch, that counts half as much as the steepest.
        disc: part of the radius inside of which it is dark.
        darkness: by how much darker than what lies beside it the disc is, 0 to 255, where it is e times as likely.
        seen: share of the disc between the lids at which it may be one, and at which it surely may.
        hidden: how many times e less likely it is below that.
        glint: diameter of reflections that are looked through, in expected radii.
        shade: how much brighter than one side it may seem, 0 to 255, before that counts no more: a corner in the shade.
        shade_circle: how much of a circle the wrong way round counts at most.
        low: how far below the middle of the mesh's opening it mostly lies.
        spread: standard deviations of its place about that, across and down.
        certainty: part of the circle, by which one place is e times as likely as another.
        circle: part of the circle from which on an iris is seen, and at which surely.
        agreement: standard deviation of the distance between the places of both irises across.
        near: how far from the likeliest place others speak of the same iris.
        sway: how far above or below the middle of the opening the centre lies, before the lids follow it.
    """

    radius: float = 0.19
    largest_radius: float = 0.27
    sizes: tuple[float, ...] = (0.85, 1.0, 1.12)
    edge: float = 0.1
    gradient: float = 8.0
    disc: float = 0.8
    darkness: float = 8.0
    seen: tuple[float, float] = (0.4, 0.8)
    hidden: float = 3.0
    glint: float = 0.6
    shade: float = 8.0
    shade_circle: float = 0.05
    low: float = 0.05
    spread: tuple[float, float] = (0.15, 0.09)
    certainty: float = 0.06
    circle: tuple[float, float] = (0.05, 0.2)
    agreement: float = 0.15
    near: float = 0.12
    sway: float = 0.05

    def chances(
        self, luma: np.ndarray, opening: np.ndarray, places: tuple[np.ndarray, np.ndarray], middle: float, radius: float
    ) -> IrisChances:
        """How likely the middle of the iris lies at each place.

        Args:
            luma: ``(h, w)`` float32 patch of the eye, 0 to 255, best of red above all.
            opening: ``(h, w)`` float32 in 0 to 1, between the lids.
            places: u and v of its pixels, ``(1, w)`` and ``(h, 1)``.
            middle: v of the middle of the opening.
            radius: of the iris.
        """
        u, v = places
        luma = without_glints(luma, self.glint * radius)
        dx, dy = cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=0.125)
        steep = np.hypot(dx, dy) + np.float32(self.gradient)
        radii = radius * np.array(self.sizes)
        grids = [_disc_grid(each, 1 + 2 * self.edge) for each in radii]
        circles = np.stack([self._circle(dx / steep, dy / steep, grid) for grid in grids])
        score = circles / self.certainty + np.stack([self._darker(luma, opening, grid) for grid in grids])
        score -= ((u / self.spread[0]) ** 2 + ((v - middle - self.low) / self.spread[1]) ** 2) / 2
        likely = np.exp(score - score.max())
        return IrisChances(radii, likely / likely.sum(), circles)

    def _circle(self, dx: np.ndarray, dy: np.ndarray, grid: _Grid) -> np.ndarray:
        """How much of a circle's left and right sides is there, -1 to 1: ``(h, w)``."""
        x, y, away = grid
        rim = np.exp(-(((away - 1) / self.edge) ** 2) / 2) * (x / away) ** 2
        rim /= rim.sum()
        sides = [
            cv2.filter2D(dx, -1, rim * side * x / away) + cv2.filter2D(dy, -1, rim * side * y / away)
            for side in (2.0 * (x < 0), 2.0 * (x > 0))
        ]
        # A corner in deep shade lies beside some irises, and is darker than they are.
        sides = [np.maximum(side, -self.shade_circle) for side in sides]
        return np.asarray((np.minimum(*sides) + (sides[0] + sides[1]) / 2) / 2)

    def _darker(self, luma: np.ndarray, opening: np.ndarray, grid: _Grid) -> np.ndarray:
        """How many times e likelier a disc is for being darker than what is seen beside it: ``(h, w)``."""
        x, y, away = grid
        inside, seen = _mean_under(luma, opening, smoothstep(away, self.disc + 0.1, self.disc - 0.1))
        beside = smoothstep(away, 1.05, 1.25) * smoothstep(np.abs(y), 0.8, 0.4)
        means, known = zip(*(_mean_under(luma, opening, beside * side) for side in (x < 0, x > 0)), strict=True)
        surely = [smoothstep(share, 0.02, 0.08) for share in known]
        left, right = (
            share * np.maximum(mean - inside, -self.shade) for mean, share in zip(means, surely, strict=True)
        )
        shown = smoothstep(seen, *self.seen)
        darker = (np.minimum(left, right) + (left + right) / 2) / 2 / self.darkness
        return np.asarray(shown * darker - (1 - shown) * self.hidden)

    def agreed(self, own: IrisChances, other: IrisChances, u: np.ndarray) -> IrisChances:
        """Chances of one eye in the light of the other one's, because both look the same way."""
        places = u[0]
        together = np.exp(-(((places[:, None] - places) / self.agreement) ** 2) / 2)
        # Never nothing, however far they look apart.
        likely = own.likely * (together @ other.likely.sum((0, 1)) + np.float32(1e-9))
        return replace(own, likely=np.asarray(likely / likely.sum()))


def _disc_grid(radius: float, reach: float) -> _Grid:
    """Places of a kernel's pixels, across and down, and their distances from its middle, all in radii."""
    size = int(np.ceil(reach * radius * CELLS))
    y, x = np.mgrid[-size : size + 1, -size : size + 1].astype(np.float32) / np.float32(radius * CELLS)
    return x, y, np.hypot(x, y) + np.float32(1e-6)


def without_glints(luma: np.ndarray, width: float) -> np.ndarray:
    """A patch without light spots narrower than a width in widths of the eye."""
    size = 2 * int(width * CELLS / 2) + 1
    return np.asarray(
        cv2.morphologyEx(luma, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    )


def _mean_under(luma: np.ndarray, opening: np.ndarray, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of what is seen of a patch, and how much of the kernel is: ``(h, w)`` each."""
    kernel = kernel / kernel.sum()
    known = cv2.filter2D(opening, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    weighted = cv2.filter2D(opening * luma, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    return weighted / np.maximum(known, 0.01), known
