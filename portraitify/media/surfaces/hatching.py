"""Hatching: sets of parallel lines that swell with the tone, after the engravers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene

# Side of the picture, pixels, for which slopes of the edges of ink are given.
SLOPE_PX = 1024
# Side of the tile that holds the pen's pressure, a row for each line; it spans the picture and repeats.
_TILE_PX = 512
# Neighbouring lines take rows of the tile so far apart, so that they swell in different places.
_ROWS_APART = 7
# Of the wrapped border around the tile while it is smoothed: more than the Gaussian reaches.
_TILE_BORDER_PX = 64
# Of what is drawn finely, 0 to 1, from which on lines are closer.
_BETWEEN = 0.5
# OpenCV takes 0 for "as wide as along the line"; this leaves each row by itself.
_NO_BLUR = 0.01


@dataclass(frozen=True)
class Hatch:
    """One set of parallel lines.

    Attributes:
        lines: how many would cross the picture's side.
        angle: of their common direction, radians.
        begin: darkness, 0 to 1, at which they begin.
        full: darkness, 0 to 1, at which they are broadest.
        broadest: share of the space between two lines that is then black, 0 to 1.
        thinnest: share that is black where they begin, 0 to 1: lines end in a point and not in a hair of grey.
        taper: slope of the breadth below ``begin``, where it is negative, by the way from ``begin`` to ``full``: the
            steeper, the sooner the soft edge of a line vanishes.
    """

    lines: float
    angle: float
    begin: float
    full: float
    broadest: float
    thinnest: float = 0.13
    taper: float = 5.0

    def breadth(self, tone: np.ndarray) -> np.ndarray:
        """Share of the space between two lines that is black at a tone; below 0 where there is no line."""
        share = (tone - self.begin) * np.float32(1 / (self.full - self.begin))
        line = self.thinnest + (self.broadest - self.thinnest) * np.clip(share, 0, 1)
        return np.asarray(np.where(share > 0, line, share * self.taper))

    def phase(self, shift: np.ndarray, top: int, size_px: int) -> np.ndarray:
        """Number of the line at each place; lines lie halfway between whole numbers.

        Lines are level sets of it, so they are crisp at any size.

        Source: Ostromoukhov, Digital Facial Engraving, SIGGRAPH 1999.

        Args:
            shift: ``(n, size_px)`` float32, by how much the lines are moved, in parts of the side.
            top: first row.
            size_px: side of the picture.
        """
        x = (np.arange(size_px, dtype=np.float32) + 0.5) * np.float32(np.sin(self.angle) / size_px)
        y = (np.arange(top, top + len(shift), dtype=np.float32) + 0.5) * np.float32(np.cos(self.angle) / size_px)
        return np.asarray((shift - x + y[:, None]) * np.float32(self.lines))


@dataclass(frozen=True)
class Pen:
    """A hand that draws lines: uneven in pressure and in direction.

    Attributes:
        pressure: standard deviation of the tone along a line, as a fraction of the tone.
        pressure_tone: darkness, 0 to 1, from which on it grows no further with the tone.
        pressure_length: standard deviation of the Gaussian that smooths it along the line, in parts of the side.
        wobble: standard deviation by which lines stray, in parts of the side.
        wobble_cells: bends along the picture's side in the coarsest octave.
        wobble_octaves: of the bends; each has twice as many of half the size as the one before.
    """

    pressure: float = 0.3
    pressure_tone: float = 0.3
    pressure_length: float = 12 / 512
    wobble: float = 0.0011
    wobble_cells: float = 18
    wobble_octaves: int = 2

    def tile(self, scene: Scene, stream: str) -> np.ndarray:
        """Pressure along lines: ``(512, 512)`` float32 of standard deviation 1, a row for each line."""
        white = scene.random(stream).standard_normal((_TILE_PX, _TILE_PX), np.float32)
        border = _TILE_BORDER_PX
        wide = np.pad(white, ((0, 0), (border, border)), mode="wrap")
        sigma_px = self.pressure_length * _TILE_PX
        smooth = cv2.GaussianBlur(wide, (0, 0), sigmaX=sigma_px, sigmaY=_NO_BLUR)[:, border:-border]
        return np.asarray(smooth / smooth.std(), np.float32)

    def press(self, hatch: Hatch, number: int, tone: np.ndarray, shift: np.ndarray, tile: np.ndarray) -> np.ndarray:
        """The tone that a set's lines show, each with a pressure of its own.

        Args:
            hatch: the set.
            number: of the set; each takes rows of the tile of its own.
            tone: ``(S, S)`` float32 darkness, 0 to 1.
            shift: ``(S, S)`` float32, by how much the lines are moved, in parts of the side.
            tile: ``(512, 512)`` float32, see :meth:`tile`.

        Returns:
            ``(S, S)`` float32.
        """
        side = len(tone)
        line = np.floor(hatch.phase(shift, 0, side)).astype(np.int32) * _ROWS_APART + number * (_TILE_PX // 3)
        way = (np.arange(side, dtype=np.float32) + 0.5) * np.float32(_TILE_PX / side)
        along = (way * np.float32(np.cos(hatch.angle)) + (way * np.float32(np.sin(hatch.angle)))[:, None]).astype(int)
        pressure = tile[line % _TILE_PX, along % _TILE_PX]
        return np.asarray(tone + self.pressure * np.minimum(tone, self.pressure_tone) * pressure)


@dataclass(frozen=True)
class Hatching:
    """All sets of lines of a drawing.

    Attributes:
        hatches: the sets; the first models everything, those that cross it the large forms only.
        pen: draws them.
        usual_eyes: distance between the eyes, in parts of the side, below which lines are finer.
        finest: how many times as many lines there are at most.
        fine: how many times as many lines there are in eyes and lips.
        crossed_sigma_px: standard deviation of the Gaussian that gives the large forms, pixels of the plan.
        crossed_share: 0 to 1, how far crossing sets keep to the large forms.
        crossed_tones: darkness, 0 to 1, up to which they do not do so at all, and from which on they do: the second
            is the smaller, because in deep shadow no patches are seen.
    """

    hatches: tuple[Hatch, ...] = (
        Hatch(lines=215, angle=0.42, begin=0.1, full=1.0, broadest=0.7),
        Hatch(lines=215, angle=-0.22, begin=0.56, full=1.0, broadest=0.62),
        Hatch(lines=222, angle=0.95, begin=0.78, full=1.0, broadest=0.58),
    )
    pen: Pen = field(default_factory=Pen)
    usual_eyes: float = 0.22
    finest: float = 1.7
    fine: float = 1.5
    crossed_sigma_px: float = 6.0
    crossed_share: float = 0.95
    crossed_tones: tuple[float, float] = (0.8, 0.55)

    def plan(
        self, scene: Scene, tone: np.ndarray, form: np.ndarray, fine: np.ndarray
    ) -> Callable[[int, int], np.ndarray]:
        """Plan all lines.

        Args:
            scene: the picture.
            tone: ``(S, S)`` float32 darkness, 0 to 1.
            form: ``(S, S)`` float32 in parts of the side, along which lines bend.
            fine: ``(S, S)`` float32 in 0 to 1, above half of which lines lie closer.

        Returns:
            A function of ``top`` and ``bottom`` that gives these rows, ``(bottom - top, size_px)`` float32, 0 paper
            to 1 ink.
        """
        crossed, pen, side = self._crossed(tone), self.pen, len(tone)
        stray = pen.wobble * fractal_noise(scene.random("ink.wobble"), side, pen.wobble_cells, pen.wobble_octaves)
        tile = pen.tile(scene, "ink.pressure0")
        shift, sets = form + stray, []
        for number, usual in enumerate(self.hatches):
            hatch = replace(usual, lines=usual.lines * self._fineness(scene))
            breadth = hatch.breadth(pen.press(hatch, number, crossed if number else tone, shift, tile))
            sets.append((hatch, np.maximum(breadth, np.float32(-1))))

        def rows(top: int, bottom: int) -> np.ndarray:
            ink = np.zeros((bottom - top, scene.size_px), np.float32)
            moved = scene.rows(shift, top, bottom)
            box, closer = self._closer(scene.rows(fine, top, bottom))
            for hatch, breadth in sets:
                phase = hatch.phase(moved, top, scene.size_px)
                phase[box] *= closer
                phase -= np.floor(phase)
                np.abs(phase - np.float32(0.5), out=phase)
                edge = scene.rows(breadth, top, bottom) - 2 * phase
                edge[box] /= closer
                np.maximum(ink, 0.5 + edge * np.float32(scene.size_px / hatch.lines / 2), out=ink)
            return np.minimum(ink, 1, out=ink)

        return rows

    def _closer(self, fine: np.ndarray) -> tuple[tuple[slice, slice], np.ndarray]:
        """How many times as many lines there are within a box of rows ``(n, size_px)``, outside which there is one."""
        close = fine > _BETWEEN
        rows, columns = (np.flatnonzero(close.any(axis)) for axis in (1, 0))
        if not len(rows):
            return (slice(0), slice(0)), np.ones((0, 0), np.float32)
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        return box, np.where(close[box], np.float32(self.fine), np.float32(1))

    def _fineness(self, scene: Scene) -> float:
        """How many times as many lines a drawing has whose face is small."""
        eyes = float(np.linalg.norm(scene.landmarks[0, 0] - scene.landmarks[0, 1])) / len(scene.subject_mask)
        return float(np.clip((self.usual_eyes / max(eyes, 1e-6)) ** 0.8, 1, self.finest))

    def coverage(self, tone: np.ndarray) -> np.ndarray:
        """Mean share of the paper that an even tone's lines cover, 0 to 1, of the tone's shape."""
        bare = np.ones_like(tone)
        for hatch in self.hatches:
            bare *= 1 - np.maximum(hatch.breadth(tone), 0)
        return np.asarray(1 - bare)

    def _crossed(self, tone: np.ndarray) -> np.ndarray:
        """The tone of crossing sets: they model the large forms only, or they break up into patches."""
        share = self.crossed_share * smoothstep(tone, *self.crossed_tones)
        return np.asarray(tone + (blur(tone, self.crossed_sigma_px) - tone) * share)
