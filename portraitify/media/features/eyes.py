"""What is read off the eyes of a picture before they are painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of
from portraitify.imaging.filters import smoothstep
from portraitify.media.features.frame import Curve, FeatureFrame
from portraitify.media.features.iris import CELLS, Iris, IrisSearch, without_glints

# Shares of red, green and blue by which irises are darker than white and skin; in brightness some skin is as dark.
_RED = np.array([0.75, 0.2, 0.05], np.float32)
# The same in brightness.
LUMA = np.array([0.299, 0.587, 0.114])
_EYES = (FacePart.LEFT_EYE, FacePart.RIGHT_EYE)
# Nearness from which on an eye is seen well enough to tell whether it is closed.
_NEAR = 0.75
# Half the width of what tells that, and with what lies beside the iris.
_WITHIN, _BESIDE = 0.33, 0.42
# Where the height of an opening is measured.
_MIDDLE = np.linspace(-0.25, 0.25, 9)


@dataclass(frozen=True)
class Eye:
    """What was read off an eye; lengths are in widths of the eye.

    Attributes:
        frame: where it lies.
        upper: edge of the upper lid.
        lower: edge of the lower lid.
        openness: height of the opening; 0 if it is closed, whatever the mesh says.
        centre: u and v of the iris's middle.
        radius: of the iris.
        seen: 0 to 1, how surely there is an iris.
        iris: ``(3,)`` its colour, 0 to 255.
        white: ``(3,)`` the colour of the white, 0 to 255.
        lash: ``(3,)`` the darkest colour, 0 to 255.
        clear: ``(h, w)`` patch of 0 to 1: 0 where lids or skin cover the iris.
        nearness: 0 to 1; 1 for the nearer eye.
    """

    frame: FeatureFrame
    upper: Curve
    lower: Curve
    openness: float
    centre: tuple[float, float]
    radius: float
    seen: float
    iris: np.ndarray
    white: np.ndarray
    lash: np.ndarray
    clear: np.ndarray
    nearness: float


@dataclass(frozen=True)
class _View:
    """An eye as the mesh has it, and the picture there: what :class:`Eye` is read from."""

    frame: FeatureFrame
    patch: np.ndarray
    own: np.ndarray | None
    luma: np.ndarray
    places: tuple[np.ndarray, np.ndarray]
    upper: Curve
    lower: Curve
    opening: np.ndarray
    radius: float

    @property
    def openness(self) -> float:
        """Mean height of the opening, away from the corners."""
        return float(np.mean(self.lower.at(_MIDDLE) - self.upper.at(_MIDDLE)))

    def lid_signs(self, iris: Iris) -> tuple[float, float]:
        """How much lighter the lower part of the opening is than the upper one, and what lies beside an iris than it.

        Both in deviations of what is around, and large where they cannot be told.
        """
        u, v = self.places
        upper = self.upper.at(u)
        down, within = (v - upper) / np.maximum(self.lower.at(u) - upper, 1e-3), np.abs(u) < _WITHIN
        inside = (down > 0.1) & (down < 0.9) & (np.abs(u) < _BESIDE)
        aside = np.abs(u - iris.centre[0])
        parts = [
            self.luma[part]
            for part in (
                (down > -0.5) & (down < 1.5) & within,
                (down > 0.1) & (down < 0.4) & within,
                (down > 0.6) & (down < 0.95) & within,
                inside & (np.hypot(aside, v - iris.centre[1]) < 0.9 * iris.radius),
                inside & (aside > iris.radius),
            )
        ]
        if min(map(len, parts)) == 0:
            return 9.0, 9.0
        around, above, below, disc, beside = parts
        deviation = float(around.std()) + 5
        return float(below.mean() - above.mean()) / deviation, float(beside.mean() - disc.mean()) / deviation

    @property
    def middle(self) -> float:
        """Mean height of its middle."""
        return float(np.mean(self.lower.at(_MIDDLE) + self.upper.at(_MIDDLE))) / 2


def _mean_colour(patch: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("ijk,ij->k", patch, weight) / max(float(weight.sum()), 1e-6))


def _soft_luma(patch: np.ndarray) -> np.ndarray:
    """Brightness of a patch without its noise, ``(h, w)`` float32 in 0 to 255."""
    return cv2.GaussianBlur(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), (0, 0), 1)


def _dark_colour(patch: np.ndarray, luma: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean colour by weights that fall with brightness, and look past reflections so."""
    return _mean_colour(patch, weight * np.exp(-luma / 75))


@dataclass(frozen=True)
class EyeReader:
    """Reads eyes off a picture.

    Attributes:
        half_u: how far an eye's surroundings reach to each side, widths of the eye.
        half_v: how far they reach up and down.
        lid_reach: how far from the mesh's the edge of the lid is looked for.
        border: how far beyond the lids the opening still counts.
        lid: how far above the iris's middle its colour is read, in radii.
        reflection: diameter of reflections in it that are looked through, in radii.
        skin: how much brighter than the iris, 0 to 255, a place starts to be something else, and surely is.
        shut: how much lighter the lower part of an opening is than the upper one, in deviations, where eyes may be
            closed, and surely are.
        shut_beside: likewise of what lies beside the iris, and of the iris.
        own_iris: 0 to 1, how far the iris has the hue of the sitter's own.
        coloured: how far red, green and blue of an eye's surroundings differ, 0 to 255, between a photo without
            colours and one with.
        search: of the iris.
    """

    half_u: float = 0.75
    half_v: float = 0.5
    lid_reach: float = 0.045
    border: float = 0.03
    lid: float = 0.4
    reflection: float = 0.9
    skin: tuple[float, float] = (35.0, 75.0)
    shut: tuple[float, float] = (-0.2, -0.45)
    shut_beside: tuple[float, float] = (0.6, 0.35)
    own_iris: float = 0.8
    coloured: tuple[float, float] = (5.0, 15.0)
    search: IrisSearch = field(default_factory=IrisSearch)

    def read(self, picture: np.ndarray, mesh: np.ndarray, coloured: np.ndarray | None = None) -> tuple[Eye, Eye]:
        """Read both eyes of a face, the left one as the viewer sees it first.

        Args:
            picture: ``(S, S, 3)`` float32 in 0 to 255.
            mesh: ``(468, 3)`` in its pixels.
            coloured: ``(S, S, 3)`` uint8 or float32 in 0 to 255, the sitter's own colours, if they are known.
        """
        views = [self._look(picture, mesh, part, coloured) for part in _EYES]
        chances = [
            self.search.chances(view.patch @ _RED, view.opening, view.places, view.middle, view.radius)
            for view in views
        ]
        own, other = chances
        across = views[0].places[0]
        agreed = self.search.agreed(own, other, across), self.search.agreed(other, own, across)
        depths = [float(mesh[list(part.value), 2].mean()) for part in _EYES]
        apart = max(float(np.linalg.norm(mesh[263] - mesh[33])), 1e-3)
        irises = [likely.found(view.places, self.search.near) for view, likely in zip(views, agreed, strict=True)]
        nearness = [float(np.clip(1 - 2 * far / apart, 0, 1)) for far in (depths[0] - depths[1], depths[1] - depths[0])]
        near_enough = [
            view.lid_signs(iris) for view, iris, near in zip(views, irises, nearness, strict=True) if near > _NEAR
        ]
        shut = self._shut(*zip(*near_enough, strict=True))
        left, right = (self._eye(*each, shut) for each in zip(views, irises, nearness, strict=True))
        return left, right

    def _shut(self, lower: Sequence[float], beside: Sequence[float]) -> float:
        """How surely both eyes are closed, 0 to 1; the mesh opens most closed ones.

        A lid is darker below, where its lashes are, and an open eye above, in the shade of its own. An iris that looks
        down is dark below too, but then there is white beside it.

        Args:
            lower: how much lighter each is below, see `_View.lid_signs`; of a turned face the nearer one alone.
            beside: how much lighter each is beside the iris.
        """
        shut = smoothstep(np.array(max(lower)), *self.shut)
        return float(shut * smoothstep(np.array(min(beside)), *self.shut_beside))

    def _look(self, picture: np.ndarray, mesh: np.ndarray, part: FacePart, coloured: np.ndarray | None = None) -> _View:
        outer, inner = mesh[part.value[0]], mesh[part.value[8]]
        left, right = (outer, inner) if part is FacePart.LEFT_EYE else (inner, outer)
        frame = FeatureFrame.between(left[:2], right[:2], self.half_u, self.half_v)
        points = frame.to_frame(outline_of(mesh, part))
        upper, lower = Curve.through(points[[0, *range(8, 16)]]), Curve.through(points[:9])
        patch, (u, v) = frame.patch(picture, CELLS), frame.patch_grid(CELLS)
        luma = _soft_luma(patch)
        turned = float(np.linalg.norm(right - left)) / frame.width_px
        radius = min(self.search.radius * turned, self.search.largest_radius)
        opening = smoothstep(np.minimum(v - upper.at(u), lower.at(u) - v), -2 * self.border, self.border)
        own = None if coloured is None else frame.patch(coloured.astype(np.float32), CELLS)
        return _View(frame, patch, own, luma, (u, v), upper, lower, opening * (np.abs(u) < 0.5), radius)

    def _eye(self, view: _View, iris: Iris, nearness: float, shut: float) -> Eye:
        u, v = view.places
        centre = iris.centre
        seen = float(smoothstep(np.array(iris.circle), *self.search.circle))
        off = centre[1] - view.middle
        moved = seen * (off - float(np.clip(off, -self.search.sway, self.search.sway)))
        # The lashes are darker than the lid above them.
        darker = np.maximum(-cv2.Sobel(view.luma, cv2.CV_32F, 0, 1), 0)
        upper = view.upper.moved(moved).drawn_to(darker, u, v, self.lid_reach)
        lower = view.lower.moved(moved)
        opening = smoothstep(np.minimum(v - upper.at(u), lower.at(u) - v), -self.border, self.border) * (
            np.abs(u) < 0.5
        )
        away = np.hypot(u - centre[0], v - centre[1]) / iris.radius
        return Eye(
            view.frame,
            upper,
            lower,
            view.openness * (1 - shut),
            centre,
            iris.radius,
            seen,
            *self._colours(view, opening, away, v - centre[1] > -self.lid * iris.radius),
            self._clear(view.luma, opening, away, iris.radius),
            nearness,
        )

    def _colours(
        self, view: _View, opening: np.ndarray, away: np.ndarray, low: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Colours of the iris, of the white and of the lashes, ``(3,)`` each."""
        ring = opening * (away < 0.95) * (away > 0.5) * low
        white = opening * (away > 1.15) * np.exp(view.luma / 40)
        lash = opening * np.exp(-view.luma / 12)
        iris = _dark_colour(view.patch, view.luma, ring)
        if view.own is not None:
            own = _dark_colour(view.own, _soft_luma(view.own), ring)
            brightness = float(iris @ LUMA) / max(float(own @ LUMA), 1.0)
            known = smoothstep(np.ptp(view.own.reshape(-1, 3).mean(0)), *self.coloured)
            iris = iris + self.own_iris * known * (np.minimum(own * brightness, 255) - iris)
        # No iris is violet; light is, and paint on lids, and what they cover is mostly brown.
        violet = max(min(iris[0], iris[2]) - iris[1], 0.0)
        iris[2] -= min(2 * violet, max(iris[2] - iris[1], 0.0))
        return iris, _mean_colour(view.patch, white), _mean_colour(view.patch, lash)

    def _clear(self, luma: np.ndarray, opening: np.ndarray, away: np.ndarray, radius: float) -> np.ndarray:
        """Where nothing lies over the iris but reflections: ``(h, w)`` float32 in 0 to 1."""
        through = without_glints(luma, self.reflection * radius)
        inside = opening * (away < 0.8)
        usual = float((inside * through).sum() / max(float(inside.sum()), 1e-6))
        clear = smoothstep(through - np.float32(usual), self.skin[1], self.skin[0])
        return cv2.GaussianBlur(clear.astype(np.float32), (0, 0), 1)
