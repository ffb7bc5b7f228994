"""Strokes of thick paint seen close by: the marks of the bristles, raised rims, torn ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.flow import line_integral_convolution
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene
from portraitify.media.surfaces.strokes import Strokes

# Side of the tile of bristle marks, which repeats; wide enough that no stroke shows it twice.
_TILE_PX = 512
# Of the tile's border while it is blurred: more than three deviations of the longest marks.
_WRAP_PX = 64
# How much further a stroke's place in the tile is moved across than along; odd, so that all places occur.
_MOVED_ACROSS = 7
# What a pixel knows of its stroke, as columns of a table: one look-up a pixel is faster than one for each.
_X, _Y, _COSINE, _SINE, _BEND, _WIDTH = range(6)
_COLOUR = slice(6, 9)
_OFFSET, _LEVEL = 9, 10
_COLUMNS = 11

# Colour ``(n, size_px, 3)`` and height ``(n, size_px)`` of the paint, float32, for the numbers of the strokes that
# are seen in some rows, ``(n, size_px)`` int32, and the first of these rows.
PaintRows = Callable[[np.ndarray, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class TornEnds:
    """A brush runs dry in single bristles: borders of strokes are torn along the stroke.

    Attributes:
        cells: places along the side that are torn differently.
        steps: how far tears are drawn out to each side, pixels of the plan.
        contrast: factor that makes up for what noise loses as it is drawn out.
        length: standard deviation of the tears, in parts of the side.
        face_reduction: 0 to 1, how much shorter they are in faces; eyes and mouth have none.
    """

    cells: float = 256.0
    steps: int = 6
    contrast: float = 1.6
    length: float = 0.0042
    face_reduction: float = 0.75

    def shift(self, scene: Scene, angle: np.ndarray, stream: str) -> np.ndarray:
        """How far away each place takes its stroke from, ``(S, S, 2)`` float32 in parts of the side.

        Args:
            scene: the picture.
            angle: ``(S, S)`` float32 directions of the strokes, radians.
            stream: of random numbers, see `Scene.random`.
        """
        noise = fractal_noise(scene.random(stream), angle.shape[0], self.cells)
        torn = line_integral_convolution(noise, angle, self.steps) * self.contrast
        torn *= self.length * (1 - self.face_reduction * scene.face) * (1 - scene.features)
        return np.dstack([torn * np.cos(angle), torn * np.sin(angle)])


@dataclass(frozen=True)
class Bristles:
    """Marks of bristles in a stroke; heights as in `Relief`, at the reference brush.

    Attributes:
        reference_width: of the brush for which the other lengths hold, in parts of the side.
        pitch: distance between bristles, in parts of the side; it grows with the root of the brush's width.
        pitch_px: the same on the tile of marks.
        elongation: how many times as long as on the tile marks are.
        mark_length_px: deviation of the blur along the marks, pixels of the tile.
        fine_px: deviation of the blur across fine marks, pixels of the tile.
        fine_share: weight of fine marks.
        coarse_px: deviation of the blur across coarse marks, pixels of the tile.
        coarse_share: weight of coarse marks.
        max_thickness: of paint, in that of the reference brush.
        mark_height: standard deviation of the marks' height.
        rim_height: of the paint that is pushed aside at the border.
        rim_limit: distance from the middle at which the rim stops rising, in half a stroke's width.
        level_height: how much higher the highest strokes lie than the lowest.
        shading: standard deviation of the marks' brightness, as a share.
    """

    reference_width: float = 0.012
    pitch: float = 0.0018
    pitch_px: float = 5.0
    elongation: float = 4.0
    mark_length_px: float = 18.0
    fine_px: float = 1.6
    fine_share: float = 0.6
    coarse_px: float = 3.5
    coarse_share: float = 0.8
    max_thickness: float = 1.6
    mark_height: float = 0.75
    rim_height: float = 1.1
    rim_limit: float = 1.2
    level_height: float = 1.2
    shading: float = 0.028

    def plan(self, scene: Scene, strokes: Strokes, medium: str) -> PaintRows:
        """What comes back paints some rows.

        Args:
            scene: the picture.
            strokes: all that may be seen.
            medium: with whose name the streams of random numbers begin.
        """
        table = stroke_table(strokes, scene.even)
        tile = self._tile(scene.random(f"{medium}.bristles"))

        def paint(number: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
            known = np.take(table, number.ravel(), axis=0).reshape(*number.shape, -1)
            along, across = _place_in_stroke(known, top, scene.size_px)
            mark = self._marks(tile, along, across, known)
            width = known[..., _WIDTH]
            edge = np.minimum(np.abs(across / width) * 2, self.rim_limit)
            edge *= edge
            body = np.minimum(width * (1 / self.reference_width), self.max_thickness)
            height = body * (
                self.mark_height * mark + self.rim_height * edge * edge + self.level_height * known[..., _LEVEL]
            )
            return known[..., _COLOUR] * gray_to_rgb(1 + self.shading * np.sqrt(body) * mark), height

        return paint

    def _tile(self, random: np.random.Generator) -> np.ndarray:
        """Marks of bristles, long in x and fine in y, that repeat: ``(512, 512)`` float32 around 0."""
        white = random.standard_normal((_TILE_PX, _TILE_PX), np.float32)
        wide = np.pad(white, _WRAP_PX, mode="wrap")
        inner = slice(_WRAP_PX, -_WRAP_PX)
        total = np.zeros_like(white)
        for across_px, share in ((self.fine_px, self.fine_share), (self.coarse_px, self.coarse_share)):
            marks = cv2.GaussianBlur(wide, (0, 0), sigmaX=self.mark_length_px, sigmaY=across_px)[inner, inner]
            total += share * marks / marks.std()
        tile: np.ndarray = total / total.std()
        return tile

    def _marks(self, tile: np.ndarray, along: np.ndarray, across: np.ndarray, known: np.ndarray) -> np.ndarray:
        # Broad brushes have coarser bristles, though not in proportion.
        step = np.sqrt(known[..., _WIDTH] * (1 / self.reference_width)) * (self.pitch / self.pitch_px)
        return cv2.remap(
            tile,
            np.mod(along / step * (1 / self.elongation) + known[..., _OFFSET], _TILE_PX),
            np.mod(across / step + known[..., _OFFSET] * _MOVED_ACROSS, _TILE_PX),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )


def stroke_table(strokes: Strokes, picture: np.ndarray) -> np.ndarray:
    """All that a pixel must know of its stroke, ``(N + 1, 11)`` float32; row 0 is bare canvas.

    Args:
        strokes: in the order of their numbers, from 1.
        picture: ``(S, S, 3)``, whose mean colour bare canvas has.
    """
    count = len(strokes.width)
    table = np.zeros((count + 1, _COLUMNS), np.float32)
    table[0, [_COSINE, _WIDTH]] = 1
    table[0, _COLOUR] = picture.reshape(-1, 3).mean(0)
    body = table[1:]
    body[:, [_X, _Y]] = strokes.place
    body[:, _COSINE], body[:, _SINE] = np.cos(strokes.angle), np.sin(strokes.angle)
    body[:, _BEND], body[:, _WIDTH], body[:, _COLOUR] = strokes.bend, strokes.width, strokes.colour
    body[:, _OFFSET] = np.floor(strokes.chance[:, 0] * _TILE_PX)
    body[:, _LEVEL] = strokes.chance[:, 1]
    return table


def torn_rows(seen: np.ndarray, shift: np.ndarray, top: int, bottom: int) -> np.ndarray:
    """Numbers of the strokes that are seen in some rows once their ends are torn.

    Args:
        seen: ``(size_px, size_px)`` float32 numbers.
        shift: ``(bottom - top, size_px, 2)`` float32, see `TornEnds.shift`.
        top: first row; may lie above the picture.
        bottom: row after the last.

    Returns:
        ``(bottom - top, size_px)`` int32.
    """
    side = seen.shape[0]
    y, x = np.mgrid[top:bottom, :side].astype(np.float32)
    return cv2.remap(
        seen, x + shift[..., 0] * side, y + shift[..., 1] * side, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101
    ).astype(np.int32)


def _place_in_stroke(known: np.ndarray, top: int, size_px: int) -> tuple[np.ndarray, np.ndarray]:
    """How far along and across its bent stroke each pixel lies, from the centre, in parts of the side."""
    x = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px - known[..., _X]
    y = ((np.arange(top, top + len(known), dtype=np.float32) + 0.5) / size_px)[:, None] - known[..., _Y]
    cosine, sine = known[..., _COSINE], known[..., _SINE]
    along = x * cosine + y * sine
    return along, y * cosine - x * sine - 0.5 * known[..., _BEND] * along * along
