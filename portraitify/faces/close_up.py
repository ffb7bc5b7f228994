"""Placing the portrait of a sitter whom the photo cuts: where the photo ends, the portrait ends.

Lengths are in units of the distance between the eyes, as in
:mod:`portraitify.faces.framing`.
"""

from __future__ import annotations

import numpy as np

from portraitify.faces.alignment import eye_line
from portraitify.faces.framing import (
    BEST_IOD,
    CHIN,
    LOOSEST_IOD,
    Head,
    Place,
    Surroundings,
    find_head,
    place_at,
    stretch,
)

# More of the picture than this is never made up beside a head that the photo cuts; a little less than a tenth.
MOST_INVENTED = 0.09
# Tighter no face is cut out, eyes and mouth would not fit.
TIGHTEST_IOD = 0.62
# How far brows, lids and lips reach to the left, up, to the right and down from between the eyes.
_FEATURES = np.array([0.85, 0.45, 0.85, 1.5])
# What a portrait loses by made-up parts of the sitter, and by background beyond what is allowed (by share of
# the picture), by made-up background at all, by cut features and by cut parts of the head to the left,
# above, to the right and below (both by squared length), by its size, and by its place in the picture.
_COST_SITTER, _COST_BEYOND, _COST_BACKGROUND = 300.0, 60.0, 0.8
_COST_FEATURES = np.array([40.0, 70.0, 40.0, 50.0])
_COST_CUT = np.array([1.0, 0.8, 1.0, 1.6])
_COST_SIZE, _COST_ASIDE, _COST_HEIGHT = 0.12, 0.25, 0.25
# How far the photo must go on beyond the picture, in parts of its height: the last pixels are mixed with what
# lies outside.
_RIM = 0.009
_BEYOND = 0.9 * _RIM
# Less is an error of rounding.
_EXACT = 1e-9
# Sizes, places along each axis, and points along each side at which is seen what a rectangle holds.
_SIZES, _PLACES, _GRID = 14, 7, 20
# Rectangles that are looked at together.
_AT_ONCE = 32


def is_broken(place: Place, around: Surroundings) -> bool:
    """Whether a portrait would show the sitter ending where the photo ends, or too much that is made up beside a head.

    Args:
        place: of the portrait.
        around: the face's surroundings, by which it was placed.
    """
    # Even a photo that ends with the picture fills it, but for errors of rounding.
    sitter, background = _invented(np.array([place.rectangle]), around, -1e-4)
    return bool(sitter[0] > 0 or (background[0] > MOST_INVENTED and around.cuts_head))


def compose_close_up(around: Surroundings, kind: str, aspect: float, size_px: int) -> Place:
    """Place a portrait within the photo, as tight and as far from the middle as that needs.

    Args:
        around: the face's surroundings.
        kind: ``portrait`` or ``face``.
        aspect: width by height.
        size_px: as in :func:`portraitify.faces.framing.compose`.
    """
    head = find_head(around)
    rectangles = _rectangles(around, head, kind, aspect)
    best, cost = _best(rectangles, around, head, kind, aspect)
    left, top, width, height = rectangles[best].tolist()
    return place_at(around, (left, top, width, height), size_px, cost)


def _rectangles(around: Surroundings, head: Head, kind: str, aspect: float) -> np.ndarray:
    """Rectangles ``(N, 4)`` (left, top, width, height) from the loosest to the tightest, all over the photo."""
    left, top, right, bottom = around.extent
    rim = _RIM * min(bottom - top, (right - left) / aspect)
    left, top, right, bottom = left + rim, top + rim, right - rim, bottom - rim
    filled = min(bottom - top, (right - left) / aspect)
    heights = np.geomspace(1 / LOOSEST_IOD[kind], 1 / TIGHTEST_IOD, _SIZES) / stretch(aspect)
    height = np.append(heights, [filled, 0.9 * filled, 1.05 * filled])[:, None]
    width, share = height * aspect, np.linspace(0, 1, _PLACES)
    farthest_left, farthest_top = right - width, bottom - height
    usual = -eye_line(1 / (height * stretch(aspect))) * height
    wanted = np.hstack([usual, np.full_like(height, head.top - 0.35), CHIN - height])
    wanted = np.clip(wanted, np.minimum(top, farthest_top), np.maximum(top, farthest_top))
    centred = np.clip(-width / 2, np.minimum(left, farthest_left), np.maximum(left, farthest_left))
    lefts = np.hstack([left + share * (farthest_left - left), centred])
    tops = np.hstack([top + share * (farthest_top - top), wanted])
    every = np.broadcast_arrays(lefts[:, :, None], tops[:, None, :], width[..., None], height[..., None])
    return np.stack([each.ravel() for each in every], -1)


def _best(rectangles: np.ndarray, around: Surroundings, head: Head, kind: str, aspect: float) -> tuple[int, float]:
    """The first of ``(N, 4)`` rectangles against which least speaks, and what does.

    What is made up takes long to be told and only speaks against, so that it is left out where already more speaks
    against a rectangle than against the best so far.
    """
    known = _cost_of_place(rectangles, around, head, kind, aspect)
    least_lost = known + _cost_of_shares(0.0, _beyond_extent(rectangles, around), around)
    order = np.argsort(least_lost, kind="stable")
    best, cost = -1, np.inf
    for start in range(0, len(order), _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        if least_lost[some[0]] > cost + _EXACT:
            break
        # Points lie beyond the edges, so that not even a narrow strip beyond the photo is overlooked.
        costs = known[some] + _cost_of_shares(*_invented(rectangles[some], around, _BEYOND), around)
        least = float(costs.min())
        first = int(some[costs == least].min())
        if least < cost or (least == cost and first < best):
            best, cost = first, least
    return best, cost


def _cost_of_place(rectangles: np.ndarray, around: Surroundings, head: Head, kind: str, aspect: float) -> np.ndarray:
    """What speaks against each of ``(N, 4)`` rectangles for what it cuts, its size and its place: ``(N,)`` float64."""
    left, top, width, height = rectangles.T
    edges = np.stack([-left, -top, left + width, top + height], 1)
    # What the photo does not show cannot be cut.
    cut = np.maximum(np.minimum([-head.left, -head.top, head.right, CHIN], around.reach) - edges, 0)
    features = np.maximum(np.minimum(_FEATURES, around.reach) - edges, 0)
    iod = 1 / (height * stretch(aspect))
    size = _COST_SIZE * np.abs(np.log(iod / BEST_IOD[kind]))
    placed = _COST_HEIGHT * np.abs(top / height + np.minimum(eye_line(iod), 0.46))
    placed += _COST_ASIDE * np.abs(left / width + 0.5)
    return np.asarray(cut**2 @ _COST_CUT + features**2 @ _COST_FEATURES + size + placed)


def _cost_of_shares(sitter: np.ndarray | float, background: np.ndarray, around: Surroundings) -> np.ndarray:
    """What speaks against rectangles for what would be made up in them, by its shares: ``(N,)`` float64."""
    allowed = MOST_INVENTED if around.cuts_head else 3 * MOST_INVENTED
    beyond = np.maximum(sitter + background - allowed, 0)
    return np.asarray(_COST_SITTER * sitter + _COST_BACKGROUND * background + _COST_BEYOND * beyond)


def _beyond_extent(rectangles: np.ndarray, around: Surroundings) -> np.ndarray:
    """Shares of ``(N, 4)`` rectangles that lie beyond the least upright rectangle that holds the photo: ``(N,)``."""
    left, top, right, bottom = around.extent
    x, y = _points_along(rectangles, _BEYOND)
    across, down = ((x >= left - _EXACT) & (x <= right + _EXACT)), ((y >= top - _EXACT) & (y <= bottom + _EXACT))
    return np.asarray(1 - across.mean(1) * down.mean(1))


def _invented(rectangles: np.ndarray, around: Surroundings, rim: float) -> tuple[np.ndarray, np.ndarray]:
    """Shares of rectangles that go on with the sitter, and with the background, beyond the photo.

    Args:
        rectangles: ``(N, 4)``.
        around: the face's surroundings.
        rim: how far beyond the edges is looked too, in parts of the height.
    """
    x, y = _points_along(rectangles, rim)
    points = np.stack(np.broadcast_arrays(x[:, None, :], y[:, :, None]), -1)
    covered, sitter = around.inside(points.reshape(len(rectangles), -1, 2))
    return (~covered & sitter).mean(1), (~covered & ~sitter).mean(1)


def _points_along(rectangles: np.ndarray, rim: float) -> tuple[np.ndarray, np.ndarray]:
    """Where in ``(N, 4)`` rectangles is looked, along both sides: ``(N, _GRID)`` each; see :func:`_invented`."""
    ticks = np.linspace(0, 1, _GRID)
    left, top, width, height = rectangles.T[..., None]
    beyond = rim * height
    return left - beyond + (width + 2 * beyond) * ticks, top - beyond + (height + 2 * beyond) * ticks
