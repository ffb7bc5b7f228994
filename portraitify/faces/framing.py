"""Where the portrait lies in the photo, placed as portrait painters place a sitter.

All lengths here are in units of the distance between the eyes, measured from
the point midway between them, x to the right and y down, in a picture that is
turned so that the head has the tilt it will have in the portrait.

The painter works on a square canvas; of it a window is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from portraitify.faces.alignment import FACE_TEMPLATE, Crop, estimate_similarity, eye_line
from portraitify.imaging.affine import inverse, scale_of, transform_points
from portraitify.imaging.crop_window import CropWindow, middle_window

# What is looked at to find head and hair, and on how many pixels.
SCOUT_LEFT, SCOUT_TOP, SCOUT_SIDE, SCOUT_PX = -4.2, -4.7, 8.4, 192
# More tilt than this looks like a mistake in a painted portrait, radians.
MOST_TILT, MOST_TILT_IN_NEED = np.radians(12), np.radians(25)
# Distance between the eyes by the side of a square portrait: what is best, the loosest and the tightest.
BEST_IOD = {"portrait": 0.18, "face": 0.27}
LOOSEST_IOD = {"portrait": 0.125, "face": 0.17}
TIGHTEST_IOD = {"portrait": 0.40, "face": 0.40}
# Air to the left of the head, above it, to its right, and below the chin.
_AIR = np.array([0.2, 0.35, 0.2, 0.0])
# From the eyes down to the chin, with a little air.
CHIN = 2.1
# Height of the mouth below the eyes.
_MOUTH = 1.15
# Width of the rim along the photo's edge in which the mask is not known, in pixels of the square that is looked at.
_RIM = 3.5
# What a portrait loses by made-up background, by a body that ends in it (both by their share of the
# picture), by a cut head, by want of air around it, and by a body that hangs in the air (all by length).
_COST_BACKGROUND, _COST_BODY, _COST_CUT, _COST_AIR, _COST_FLOOR = 0.8, 4.0, 3.0, 0.1, 1.5
_COST_SIZE, _COST_HEIGHT, _COST_ASIDE = 0.12, 0.03, 0.04
_GRID = 16


@dataclass(frozen=True)
class Surroundings:
    """What lies around a face.

    Attributes:
        matrix: ``(2, 3)`` float64, photo pixels to units.
        subject_mask: ``(SCOUT_PX, SCOUT_PX)`` float32 in 0 to 1, of the square that is looked at.
        width: of the photo, pixels.
        height: of the photo, pixels.
    """

    matrix: np.ndarray
    subject_mask: np.ndarray
    width: int
    height: int

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of an upright rectangle that the photo is sure to fill."""
        corners = np.array([[0, 0], [self.width, 0], [0, self.height], [self.width, self.height]], float)
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = (transform_points(self.matrix, corners)).tolist()
        return max(ax, cx), max(ay, by), min(bx, dx), min(cy, dy)

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the least upright rectangle that holds the photo."""
        corners = np.array([[0, 0], [self.width, 0], [0, self.height], [self.width, self.height]], float)
        points = transform_points(self.matrix, corners)
        (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
        return left, top, right, bottom

    @cached_property
    def cuts_head(self) -> bool:
        """Whether the edge of the photo runs through head, hair or hat."""
        ticks = np.linspace(0, 1, 65)
        sides = [(0 * ticks, ticks), (1 + 0 * ticks, ticks), (ticks, 0 * ticks), (ticks, 1 + 0 * ticks)]
        border = np.concatenate([np.stack(side, 1) for side in sides]) * [self.width, self.height]
        points = transform_points(self.matrix, border)
        _, sitter = self.inside(points[(points[:, 1] < _MOUTH) & (np.abs(points).max(1) < -SCOUT_LEFT)])
        return bool(sitter.sum() > 1)

    @cached_property
    def reach(self) -> np.ndarray:
        """How far the photo goes from the face to the left, up, to the right and down: ``(4,)`` float64."""
        inverse = np.linalg.inv(self.matrix[:, :2])
        start = inverse @ -self.matrix[:, 2]
        lengths = []
        for step in ((-1, 0), (0, -1), (1, 0), (0, 1)):
            along = inverse @ step
            far = np.where(along > 0, [self.width, self.height], 0) - start
            # A direction along one side of the photo never meets the other one.
            lengths.append(min(f / a for f, a in zip(far, along, strict=True) if abs(a) > 1e-9))
        return np.array(lengths)

    def inside(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which of ``(..., 2)`` points the photo holds, and whether the sitter stands at the nearest that it holds."""
        x, y = np.moveaxis(transform_points(inverse(self.matrix), points), -1, 0)
        # The mask of a photo ends a little before the photo, where pixels begin to mix with what lies outside.
        margin = min(_RIM / scale_of(scout_matrix(self.matrix)), self.width / 2, self.height / 2)
        near_x, near_y = np.clip(x, margin, self.width - margin), np.clip(y, margin, self.height - margin)
        back = transform_points(self.matrix, np.stack([near_x, near_y], -1))
        column, row = _scouted(back[..., 0] - SCOUT_LEFT), _scouted(back[..., 1] - SCOUT_TOP)
        return (x >= 0) & (x <= self.width) & (y >= 0) & (y <= self.height), self.subject_mask[row, column] > 0.5


@dataclass(frozen=True)
class Head:
    """How far head, hair and hat reach: ``left`` and ``top`` are negative."""

    left: float
    top: float
    right: float


def unit_matrix(landmarks: np.ndarray, level: float, most_tilt: float = MOST_TILT) -> np.ndarray:
    """Matrix ``(2, 3)`` that carries photo pixels to units.

    Args:
        landmarks: ``(5, 2)`` in photo pixels.
        level: 0 to 1, how much of the head's tilt is taken away.
        most_tilt: never is more left, radians.

    Raises:
        AlignmentError: the landmarks coincide.
    """
    matrix = estimate_similarity(landmarks, FACE_TEMPLATE)
    tilt = -np.arctan2(matrix[1, 0], matrix[0, 0])
    kept = float(np.clip((1 - level) * tilt, -most_tilt, most_tilt))
    turn = np.array([[np.cos(kept), -np.sin(kept)], [np.sin(kept), np.cos(kept)]])
    return np.asarray(turn @ matrix)


def scout_matrix(units: np.ndarray) -> np.ndarray:
    """Photo pixels to pixels of the square that is looked at for head and hair, ``(2, 3)``."""
    return to_square(units, SCOUT_LEFT, SCOUT_TOP, SCOUT_SIDE, SCOUT_PX)


def find_head(around: Surroundings) -> Head:
    """How far head, hair and hat reach, above the mouth, as far as the photo shows them."""
    unit = SCOUT_PX / SCOUT_SIDE
    column, row = round(-SCOUT_LEFT * unit), round(-SCOUT_TOP * unit)
    above = (around.subject_mask[: row + round(0.3 * unit)] > 0.5).astype(np.uint8)
    # Whoever stands beside the sitter is parted from him by a thin bridge at most.
    opened = cv2.morphologyEx(above, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    _, labels = cv2.connectedComponents(opened)
    own = labels == labels[row, column] if labels[row, column] else np.zeros_like(labels, bool)
    rows, columns = (np.flatnonzero(own.sum(axis) >= 0.15 * unit) for axis in (1, 0))
    if len(rows) == 0 or len(columns) == 0:
        return Head(-1.1, -1.6, 1.1)
    top = SCOUT_TOP + rows[0] / unit
    left, right = SCOUT_LEFT + columns[0] / unit, SCOUT_LEFT + (columns[-1] + 1) / unit
    return Head(float(np.clip(left, -2.2, -1.0)), float(np.clip(top, -4.0, -1.2)), float(np.clip(right, 1.0, 2.2)))


@dataclass(frozen=True)
class Place:
    """A portrait in a photo.

    Attributes:
        crop: the canvas.
        window: the part of it that is kept.
        cost: what speaks against it, 0 for a photo made for it.
        rectangle: left, top, width and height of the window in units.
    """

    crop: Crop
    window: CropWindow
    cost: float
    rectangle: tuple[float, float, float, float]


def compose(around: Surroundings, kind: str, aspect: float, size_px: int) -> Place:
    """Place the portrait.

    Of many rectangles the one wins that cuts nothing of head and hair, shows
    what the photo holds rather than made-up background, least of all a body that
    ends in the middle of the picture, and is near to the usual size.

    Args:
        around: the face's surroundings.
        kind: ``portrait`` or ``face``.
        aspect: width by height.
        size_px: side of the canvas on which a face of the usual size is painted; looser ones get more.
    """
    head = find_head(around)
    tried = list(_rectangles(around, head, kind, aspect))
    costs = _costs(np.array(tried), around, head, kind, aspect)
    cost, rectangle = min(zip(costs.tolist(), tried, strict=True))
    return place_at(around, rectangle, size_px, cost)


def place_at(around: Surroundings, rectangle: tuple[float, float, float, float], size_px: int, cost: float) -> Place:
    """The place of which a rectangle (left, top, width, height) in units is kept."""
    left, top, width, height = rectangle
    side = max(width, height)
    canvas_left, canvas_top = left - (side - width) / 2, top - (side - height) / 2
    window = middle_window(width / side, height / side)
    pixels = canvas_pixels(1 / side, size_px)
    matrix = to_square(around.matrix, canvas_left, canvas_top, side, pixels)
    covered, _ = around.inside(_grids(np.array([[left, top, width, height]])))
    return Place(Crop(matrix, pixels, 1 / side, float(covered.mean())), window, cost, rectangle)


def whole_photo(around: Surroundings, size_px: int) -> Place:
    """The whole photo on a square canvas, upright as it is."""
    width, height = around.width, around.height
    side = max(width, height)
    iod = 1 / (side * scale_of(around.matrix))
    pixels = canvas_pixels(iod, size_px)
    scale = pixels / side
    matrix = np.array([[scale, 0, (side - width) / 2 * scale], [0, scale, (side - height) / 2 * scale]])
    window = middle_window(width / side, height / side)
    left, top, right, bottom = around.extent
    return Place(Crop(matrix, pixels, iod, 1.0), window, 0.0, (left, top, right - left, bottom - top))


def canvas_pixels(iod: float, size_px: int) -> int:
    """Side of a canvas on which a face is as large as those from which the generator has learned.

    A small face has as many pixels as in a usual portrait, up to twice the usual side; one that fills
    the canvas has no more than in the tightest of portraits.
    """
    wanted = size_px * min(max(0.8 * BEST_IOD["portrait"] / iod, 1.0), 2.0) * min(TIGHTEST_IOD["portrait"] / iod, 1.0)
    return round(wanted / 16) * 16


def to_square(units: np.ndarray, left: float, top: float, side: float, size_px: int) -> np.ndarray:
    """Matrix ``(2, 3)`` from photo pixels to those of a square, given in units, of ``size_px``."""
    scale = size_px / side
    matrix = units * scale
    matrix[:, 2] -= np.array([left, top]) * scale
    return matrix


def _rectangles(
    around: Surroundings, head: Head, kind: str, aspect: float
) -> Iterator[tuple[float, float, float, float]]:
    """Rectangles (left, top, width, height) from which one is chosen."""
    left, top, right, bottom = around.bounds
    for iod in np.linspace(LOOSEST_IOD[kind], TIGHTEST_IOD[kind], 20).tolist():
        height = 1 / (iod * stretch(aspect))
        width = height * aspect
        usual = -min(eye_line(iod) / iod, 0.5 * height)
        for wanted in (usual, usual - 0.3, min(usual, head.top - _AIR[1])):
            # Moved so far into the photo as it goes.
            inside_top = max(min(wanted, bottom - height), top)
            inside_left = max(min(-width / 2, right - width), left)
            yield -width / 2, wanted, width, height
            yield -width / 2, inside_top, width, height
            yield inside_left, wanted, width, height
            yield inside_left, inside_top, width, height


def stretch(aspect: float) -> float:
    """By what a portrait is lower than a square one: a wide one grows sideways, a high one downwards."""
    return float(aspect**0.5 if aspect <= 1 else aspect**0.35)


def _costs(rectangles: np.ndarray, around: Surroundings, head: Head, kind: str, aspect: float) -> np.ndarray:
    """What speaks against each of ``(N, 4)`` rectangles (left, top, width, height): ``(N,)`` float64."""
    left, top, width, height = rectangles.T
    # What the photo does not show cannot be cut. All lengths point away from the face: left, up, right, down.
    edges = np.stack([-left, -top, left + width, top + height], 1)
    reach = np.array([-head.left, -head.top, head.right, CHIN])
    cut = np.maximum(np.minimum(reach, around.reach) - edges, 0).sum(1)
    air = np.maximum(np.minimum(reach + _AIR, around.reach) - edges, 0).sum(1)
    floor = np.maximum(edges[:, 3] - around.bounds[3], 0.0)
    covered, body = around.inside(_grids(rectangles))
    lost = (np.where(body, _COST_BODY, _COST_BACKGROUND) * ~covered).mean(1)
    iod = 1 / (height * stretch(aspect))
    size = _COST_SIZE * np.abs(np.log(iod / BEST_IOD[kind]))
    placed = _COST_HEIGHT * np.abs(top + eye_line(iod) / iod) + _COST_ASIDE * np.abs(left + width / 2)
    return np.asarray(_COST_CUT * cut + _COST_AIR * air + _COST_FLOOR * floor + lost + size + placed)


def _grids(rectangles: np.ndarray) -> np.ndarray:
    """Points spread over each of ``(N, 4)`` rectangles: ``(N, _GRID ** 2, 2)`` float64."""
    ticks = (np.arange(_GRID) + 0.5) / _GRID
    left, top, width, height = rectangles.T[..., None]
    x, y = left + width * ticks, top + height * ticks
    points = np.empty((len(rectangles), _GRID, _GRID, 2))
    points[..., 0], points[..., 1] = x[:, None, :], y[:, :, None]
    return points.reshape(len(rectangles), -1, 2)


def _scouted(along: np.ndarray) -> np.ndarray:
    """Rows or columns of the square that is looked at, from lengths along its side."""
    return np.asarray(np.clip((along / SCOUT_SIDE * SCOUT_PX).astype(int), 0, SCOUT_PX - 1))
