"""Strokes of thick paint seen close by: the marks of the bristles, raised rims, torn ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.flow import line_integral_convolution
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene
from portraitify.media.surfaces.stroke_shapes import Strokes

# Of a sheet of marks: rows from one border of a stroke to the other, and columns along it, a power of two, because
# marks repeat.
_ROWS, _COLUMNS = 48, 256
# Of a sheet's ends while it is blurred: more than three deviations of the longest marks.
_WRAP_PX = 64
# Rows of a picture that are painted at a time, because what is worked out for them then stays in the processor's cache.
_AT_ONCE = 64

# Colour ``(n, size_px, 3)`` uint8, and height, brightness of the marks and opacity, ``(n, size_px)`` float32 each, for
# the numbers of the strokes that are seen in some rows, ``(n, size_px)``, and the first of these rows.
PaintRows = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class TornEnds:
    """A brush runs dry in single bristles: borders of strokes are torn along the stroke.

    Attributes:
        cells: places along the side that are torn differently.
        steps: how far tears are drawn out to each side, pixels of the directions.
        contrast: factor that makes up for what noise loses as it is drawn out.
        length: standard deviation of the tears, in parts of the side.
        face_reduction: 0 to 1, how much shorter they are in faces; eyes and mouth have none.
    """

    cells: float = 200.0
    steps: int = 4
    contrast: float = 1.6
    length: float = 0.005
    face_reduction: float = 0.7

    def shift(self, scene: Scene, angle: np.ndarray, stream: str) -> tuple[np.ndarray, np.ndarray]:
        """How far to the right and below each place takes its stroke from, ``(s, s)`` float32 in parts of the side.

        Args:
            scene: the picture.
            angle: ``(s, s)`` float32 directions of the strokes, radians.
            stream: of random numbers, see `Scene.random`.
        """
        side = len(angle)
        noise = fractal_noise(scene.random(stream), side, self.cells)
        torn = line_integral_convolution(noise, angle, self.steps) * self.contrast
        reach = self.length * (1 - self.face_reduction * scene.face) * (1 - scene.features)
        torn *= cv2.resize(reach, (side, side), interpolation=cv2.INTER_AREA)
        return torn * np.cos(angle), torn * np.sin(angle)


@dataclass(frozen=True)
class Body:
    """What strokes are made of, ``(N,)`` float32 each.

    Attributes:
        thickness: of the paint, height as in `Relief`.
        streak: brightness of marks that are as high as the paint is thick, as a share.
        opacity: 0 to 1, of the stroke over the planes below.
    """

    thickness: np.ndarray
    streak: np.ndarray
    opacity: np.ndarray


@dataclass(frozen=True)
class Bristles:
    """Marks of bristles in a stroke.

    Attributes:
        pitch: distance between the bristles of a fine brush, in parts of the side.
        coarsening: power of the brush's width with which their number grows; below 1, broad brushes have coarse ones.
        fewest: bristles across the finest stroke.
        brushes: kinds of brush, each with twice the bristles of the one before.
        length: of the side for which the sheet of marks is enough before it repeats.
        mark_length: deviation of the blur along the marks, in parts of the side.
        softness: deviation of the blur across them, in their distance.
        mark_height: standard deviation of the marks' height, in the stroke's thickness.
        rim_height: of the paint that is pushed aside at the border, likewise.
        level_height: how much higher the highest strokes lie than the lowest, likewise.
    """

    pitch: float = 0.0022
    coarsening: float = 0.7
    fewest: float = 4.0
    brushes: int = 4
    length: float = 0.7
    mark_length: float = 0.035
    softness: float = 0.35
    mark_height: float = 0.5
    rim_height: float = 0.5
    level_height: float = 0.8

    def plan(self, scene: Scene, strokes: Strokes, body: Body, medium: str) -> PaintRows:
        """What comes back paints some rows.

        Args:
            scene: the picture.
            strokes: all that may be seen.
            body: of each of them.
            medium: with whose name the streams of random numbers begin.
        """
        sheets = self._sheets(scene.random(f"{medium}.bristles"))
        columns = self._columns(strokes, body)
        colours = _packed(strokes.colour)

        def paint(seen: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
            colour = np.empty((*seen.shape, 4), np.uint8)
            height, tone, opacity = (np.empty(seen.shape, np.float32) for _ in range(3))
            for first in range(0, len(seen), _AT_ONCE):
                rows = slice(first, first + _AT_ONCE)
                number = seen[rows].astype(np.intp)
                place = _place_on_sheets(columns, number, top + first, scene.size_px)
                colour[rows] = colours.take(number)[..., None].view(np.uint8)
                mark = sheets.take(place)
                np.multiply(mark, columns.streak.take(number), out=tone[rows])
                mark += columns.level.take(number)
                np.multiply(mark, columns.thickness.take(number), out=height[rows])
                columns.opacity.take(number, out=opacity[rows], mode="clip")
            return cv2.cvtColor(colour, cv2.COLOR_RGBA2RGB), height, tone, opacity

        return paint

    def _sheets(self, random: np.random.Generator) -> np.ndarray:
        """Heights of whole strokes around 0, one kind of brush below the other: flat, float32."""
        along_px = self.mark_length / self.length * _COLUMNS
        rim = self.rim_height * (np.linspace(-1, 1, _ROWS, dtype=np.float32)[:, None] ** 4 - np.float32(0.2))
        sheets = []
        for brush in range(self.brushes):
            white = random.standard_normal((_ROWS, _COLUMNS), np.float32)
            across_px = self.softness * _ROWS / (self.fewest * 2**brush)
            wide = np.pad(white, ((0, 0), (_WRAP_PX, _WRAP_PX)), mode="wrap")
            mark = cv2.GaussianBlur(wide, (0, 0), sigmaX=along_px, sigmaY=max(across_px, 0.3))[:, _WRAP_PX:-_WRAP_PX]
            sheets.append(self.mark_height / mark.std() * mark + rim)
        return np.concatenate(sheets).astype(np.float32).ravel()

    def _columns(self, strokes: Strokes, body: Body) -> _Columns:
        cosine, sine = np.cos(strokes.angle), np.sin(strokes.angle)
        x, y = strokes.place.T
        width = np.maximum(strokes.width, 1e-4)
        bristles = (width / self.pitch) ** self.coarsening
        brush = np.clip(np.log2(bristles / self.fewest), 0, self.brushes - 1).round()
        by_number = (
            cosine - 1j * sine,
            (x + 1j * y) * (cosine - 1j * sine),
            0.5 * strokes.bend,
            _ROWS / width,
            brush * _ROWS,
            np.floor(strokes.chance[:, 0] * _COLUMNS) + _COLUMNS * 8,
            body.thickness,
            self.level_height * strokes.chance[:, 1],
            body.streak,
            body.opacity,
        )
        # Number 0 is no stroke.
        kinds = [np.complex64 if np.iscomplexobj(each) else np.float32 for each in by_number]
        columns = [np.insert(each, 0, 0).astype(kind) for each, kind in zip(by_number, kinds, strict=True)]
        return _Columns(_COLUMNS / self.length, *columns)


@dataclass(frozen=True)
class _Columns:
    """What a pixel must know of its stroke, by the stroke's number, ``(N + 1,)`` each; row 0 is no stroke.

    Float32, or complex64 where two numbers are looked up at once.

    Attributes:
        step: columns of the sheets of marks to a side's length.
        turn: what turns a place ``x + iy`` to one along the stroke, and across it as imaginary part.
        centre: of the stroke, turned like that, in parts of the side.
        bend: half its curvature.
        scale: rows of the sheets to a side's length across.
        first_row: of its sheet.
        first_column: at its centre.
        thickness: see `Body`.
        level: height at which it lies, in its thickness.
        streak: see `Body`.
        opacity: see `Body`.
    """

    step: float
    turn: np.ndarray
    centre: np.ndarray
    bend: np.ndarray
    scale: np.ndarray
    first_row: np.ndarray
    first_column: np.ndarray
    thickness: np.ndarray
    level: np.ndarray
    streak: np.ndarray
    opacity: np.ndarray


def _place_on_sheets(columns: _Columns, number: np.ndarray, top: int, size_px: int) -> np.ndarray:
    """Which mark is under each pixel: ``(n, size_px)`` integers, places in the flat sheets."""
    down = (np.arange(top, top + len(number), dtype=np.float32) + 0.5) / size_px
    turned = columns.turn.take(number)
    turned *= (np.arange(size_px, dtype=np.float32) + 0.5) / size_px + np.complex64(1j) * down[:, None]
    turned -= columns.centre.take(number)
    along, across = np.ascontiguousarray(turned.real), np.ascontiguousarray(turned.imag)
    across -= columns.bend.take(number) * along * along
    across *= columns.scale.take(number)
    across += _ROWS / 2
    np.clip(across, 0, _ROWS - 1, out=across)
    across += columns.first_row.take(number)
    along *= columns.step
    along += columns.first_column.take(number)
    place = across.astype(np.int32)
    place *= _COLUMNS
    place += along.astype(np.int32) & (_COLUMNS - 1)
    return place


def _packed(colour: np.ndarray) -> np.ndarray:
    """Colours ``(N, 3)`` in 0 to 255 as single numbers, after that of no stroke: ``(N + 1,)`` uint32."""
    packed = np.zeros((len(colour) + 1, 4), np.uint8)
    packed[1:, :3] = np.clip(np.rint(colour), 0, 255)
    return packed.view(np.uint32).ravel()


def torn_rows(seen: np.ndarray, shift: Sequence[np.ndarray], top: int, bottom: int) -> np.ndarray:
    """Numbers of the strokes that are seen in some rows once their ends are torn.

    Args:
        seen: ``(size_px, size_px)`` uint16 or float32 numbers.
        shift: to the right and down, ``(bottom - top, size_px)`` float32 each, see `TornEnds.shift`.
        top: first row; may lie above the picture.
        bottom: row after the last.

    Returns:
        ``(bottom - top, size_px)``, of the same type.
    """
    side = seen.shape[0]
    x, y = (each * np.float32(side) for each in shift)
    x += np.arange(side, dtype=np.float32)
    y += np.arange(top, bottom, dtype=np.float32)[:, None]
    torn: np.ndarray = cv2.remap(seen, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101)
    return torn
