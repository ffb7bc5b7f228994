"""Where the iris lies in an eye."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.filters import smoothstep

# Pixels a unit of the patches in which eyes are read.
CELLS = 32


@dataclass(frozen=True)
class IrisSearch:
    """How the iris is found: a circle of which both sides are lighter outside. Lengths are in widths of the eye.

    After Daugman, High Confidence Visual Recognition of Persons by a Test of Statistical Independence, IEEE TPAMI
    15(11), 1993, with gradients in place of differences of means, and without the arcs that lids cover.

    Attributes:
        radius: of the iris, if the eye is seen from the front.
        largest_radius: however far the face is turned away, which shortens the eye but not the iris.
        edge: softness of the circle, standard deviation in radii.
        gradient: in brightness, 0 to 255, a pixel of the patch, that counts half as much as the steepest.
        disc: part of the radius inside of which it is dark.
        darkness: by how much darker than what lies beside it the disc is, 0 to 255, where it is e times as likely.
        low: how far below the middle of the mesh's opening it mostly lies.
        spread: standard deviations of its place about that, across and down.
        certainty: part of the circle, by which one place is e times as likely as another.
        circle: part of the circle from which on an iris is seen, and at which surely.
        agreement: standard deviation of the distance between the places of both irises across.
        sway: how far above or below the middle of the opening the centre lies, before the lids follow it.
    """

    radius: float = 0.19
    largest_radius: float = 0.27
    edge: float = 0.15
    gradient: float = 8.0
    disc: float = 0.8
    darkness: float = 8.0
    low: float = 0.03
    spread: tuple[float, float] = (0.2, 0.07)
    certainty: float = 0.06
    circle: tuple[float, float] = (0.05, 0.2)
    agreement: float = 0.1
    sway: float = 0.05

    def chances(
        self, luma: np.ndarray, opening: np.ndarray, places: tuple[np.ndarray, np.ndarray], middle: float, radius: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """How likely the middle of the iris lies at each place.

        Args:
            luma: ``(h, w)`` float32 patch of the eye, 0 to 255.
            opening: ``(h, w)`` float32 in 0 to 1, between the lids.
            places: u and v of its pixels, ``(1, w)`` and ``(h, 1)``.
            middle: v of the middle of the opening.
            radius: of the iris.

        Returns:
            Likelihoods that add up to 1, and how much of a circle is there, -1 to 1: ``(h, w)`` each.
        """
        u, v = places
        reach = int(np.ceil((1 + 2 * self.edge) * radius * CELLS))
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32) / np.float32(radius * CELLS)
        away = np.hypot(x, y) + np.float32(1e-6)
        # Of the circle, the sides.
        rim = np.exp(-(((away - 1) / self.edge) ** 2) / 2) * (x / away) ** 2
        rim /= rim.sum()
        dx, dy = cv2.Sobel(luma, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(luma, cv2.CV_32F, 0, 1, scale=0.125)
        steep = np.hypot(dx, dy) + np.float32(self.gradient)
        sides = [
            cv2.filter2D(dx / steep, -1, rim * side * x / away) + cv2.filter2D(dy / steep, -1, rim * side * y / away)
            for side in (2.0 * (x < 0), 2.0 * (x > 0))
        ]
        circle = (np.minimum(*sides) + (sides[0] + sides[1]) / 2) / 2
        disc = smoothstep(away, self.disc + 0.1, self.disc - 0.1)
        beside = smoothstep(away, 1.05, 1.25) * smoothstep(np.abs(y), 0.8, 0.4)
        inside, seen = _mean_under(luma, opening, disc)
        darker = [
            (mean - inside) * smoothstep(seen, 0.2, 0.5) * smoothstep(known, 0.02, 0.08)
            for mean, known in (_mean_under(luma, opening, beside * side) for side in (x < 0, x > 0))
        ]
        score = circle / self.certainty + np.minimum(*darker) / self.darkness
        score -= ((u / self.spread[0]) ** 2 + ((v - middle - self.low) / self.spread[1]) ** 2) / 2
        likely = np.exp(score - score.max())
        return likely / likely.sum(), circle

    def agreed(self, own: np.ndarray, other: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Likelihoods of one eye, ``(h, w)``, in the light of the other one's, because both look the same way."""
        places = u[0]
        together = np.exp(-(((places[:, None] - places) / self.agreement) ** 2) / 2)
        # Never nothing, however far they look apart.
        likely = own * (together @ other.sum(0) + np.float32(1e-9))
        return np.asarray(likely / likely.sum())


def _mean_under(luma: np.ndarray, opening: np.ndarray, kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means of what is seen of a patch, and how much of the kernel is: ``(h, w)`` each."""
    kernel = kernel / kernel.sum()
    known = cv2.filter2D(opening, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    weighted = cv2.filter2D(opening * luma, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    return weighted / np.maximum(known, 0.01), known
