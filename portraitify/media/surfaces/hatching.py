"""Hatching: sets of parallel lines that swell with the tone, after the engravers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

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
# OpenCV takes 0 for "as wide as along the line"; this leaves each row by itself.
_NO_BLUR = 0.01


@dataclass(frozen=True)
class Hatch:
    """One set of parallel lines.

    Attributes:
        lines: how many would cross the picture's side.
        angle: of their common direction, radians.
        bulge: how far they follow the relief, as a factor; the sign says which way they bend.
        begin: darkness, 0 to 1, at which they begin.
        full: darkness, 0 to 1, at which they are broadest.
        broadest: share of the space between two lines that is then black, 0 to 1.
        thinnest: share that is black where they begin, 0 to 1: lines end in a point and not in a hair of grey.
        taper: slope of the breadth below ``begin``, where it is negative, by the way from ``begin`` to ``full``: the
            steeper, the sooner the soft edge of a line vanishes.
    """

    lines: float
    angle: float
    bulge: float
    begin: float
    full: float
    broadest: float
    thinnest: float = 0.16
    taper: float = 8.0

    def breadth(self, tone: np.ndarray) -> np.ndarray:
        """Share of the space between two lines that is black at a tone; below 0 where there is no line."""
        share = (tone - self.begin) * np.float32(1 / (self.full - self.begin))
        line = self.thinnest + (self.broadest - self.thinnest) * np.clip(share, 0, 1)
        return np.asarray(np.where(share > 0, line, share * self.taper))


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

    pressure: float = 0.35
    pressure_tone: float = 0.2
    pressure_length: float = 9 / 512
    wobble: float = 0.0009
    wobble_cells: float = 24
    wobble_octaves: int = 2

    def tile(self, scene: Scene, stream: str) -> np.ndarray:
        """Pressure along the lines of a set: ``(512, 512)`` float32 of standard deviation 1, a row for each line."""
        white = scene.random(stream).standard_normal((_TILE_PX, _TILE_PX), np.float32)
        border = _TILE_BORDER_PX
        wide = np.pad(white, ((0, 0), (border, border)), mode="wrap")
        sigma_px = self.pressure_length * _TILE_PX
        smooth = cv2.GaussianBlur(wide, (0, 0), sigmaX=sigma_px, sigmaY=_NO_BLUR)[:, border:-border]
        return np.asarray(smooth / smooth.std(), np.float32)

    def draw(
        self, hatch: Hatch, tone: np.ndarray, shift: np.ndarray, tile: np.ndarray, top: int, size_px: int
    ) -> np.ndarray:
        """Draw a set of lines that swell with the tone.

        The lines are level sets of a phase, so they are crisp at any size.

        Source: Ostromoukhov, Digital Facial Engraving, SIGGRAPH 1999.

        Args:
            hatch: the set.
            tone: ``(n, size_px)`` float32 darkness, 0 to 1.
            shift: ``(n, size_px)`` float32, by how much the lines are moved, in parts of the side.
            tile: ``(512, 512)`` float32, see :meth:`tile`.
            top: first row.
            size_px: side of the picture.

        Returns:
            ``(n, size_px)`` float32, 0 paper to 1 ink.
        """
        x = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px
        y = ((np.arange(top, top + len(tone), dtype=np.float32) + 0.5) / size_px)[:, None]
        cosine, sine = np.float32(np.cos(hatch.angle)), np.float32(np.sin(hatch.angle))
        phase = (y * cosine - x * sine + shift) * np.float32(hatch.lines)
        line = np.floor(phase)
        along = (x * cosine + y * sine) * np.float32(_TILE_PX)
        pressure = cv2.remap(
            tile,
            np.mod(along, _TILE_PX),
            np.mod(line * _ROWS_APART, _TILE_PX),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        breadth = hatch.breadth(tone + self.pressure * np.minimum(tone, self.pressure_tone) * pressure)
        off_centre = np.abs(phase - line - 0.5) * 2
        return np.asarray(np.clip(0.5 + (breadth - off_centre) * np.float32(size_px / hatch.lines / 2), 0, 1))


@dataclass(frozen=True)
class Hatching:
    """All sets of lines of a drawing, and the black in which they end.

    Attributes:
        hatches: the sets; the first models everything, those that cross it the large forms only.
        pen: draws them.
        crossed_sigma_px: standard deviation of the Gaussian that gives the large forms, pixels of the plan.
        crossed_share: 0 to 1, how far crossing sets keep to the large forms; not in eyes and mouth.
        crossed_tones: darkness, 0 to 1, up to which they do not do so at all, and from which on they do: the second
            is the smaller, because in deep shadow no patches are seen.
        solid_tone: darkness, 0 to 1, around which lines merge into solid black.
        solid_slope: of the ink there by darkness, in a picture of 1024 pixels.
    """

    hatches: tuple[Hatch, ...] = (
        Hatch(lines=212, angle=0.72, bulge=1.0, begin=0.105, full=0.93, broadest=0.66),
        Hatch(lines=212, angle=-0.62, bulge=-0.8, begin=0.40, full=1.0, broadest=0.60),
        Hatch(lines=230, angle=0.06, bulge=0.7, begin=0.62, full=1.0, broadest=0.64),
    )
    pen: Pen = field(default_factory=Pen)
    crossed_sigma_px: float = 4.0
    crossed_share: float = 0.8
    crossed_tones: tuple[float, float] = (0.75, 0.5)
    solid_tone: float = 0.9
    solid_slope: float = 60.0

    def plan(
        self, scene: Scene, stream: str, dark: np.ndarray, tone: np.ndarray, relief: np.ndarray
    ) -> Callable[[int, int], np.ndarray]:
        """Plan all lines.

        Args:
            scene: the picture.
            stream: what the names of its streams of random numbers begin with, see `Scene.random`.
            dark: ``(S, S)`` float32 darkness, 0 to 1, of which crossing sets follow the large forms.
            tone: ``(S, S)`` float32 darkness that the first set follows.
            relief: ``(S, S)`` float32 in parts of the side, along which lines bend.

        Returns:
            A function of ``top`` and ``bottom`` that gives these rows, ``(bottom - top, size_px)`` float32, 0 paper
            to 1 ink.
        """
        crossed = self._crossed(scene, dark, tone)
        pen, side = self.pen, len(tone)
        wobble = fractal_noise(scene.random(f"{stream}.wobble"), side, pen.wobble_cells, pen.wobble_octaves)
        tiles = [pen.tile(scene, f"{stream}.pressure{number}") for number in range(len(self.hatches))]

        def rows(top: int, bottom: int) -> np.ndarray:
            first, others = scene.rows(tone, top, bottom), scene.rows(crossed, top, bottom)
            bend, stray = scene.rows(relief, top, bottom), scene.rows(wobble, top, bottom)
            ink = self._solid(first, scene.size_px)
            for number, (hatch, tile) in enumerate(zip(self.hatches, tiles, strict=True)):
                shift = hatch.bulge * bend + pen.wobble * stray
                lines = pen.draw(hatch, others if number else first, shift, tile, top, scene.size_px)
                ink = np.maximum(ink, lines)
            return ink

        return rows

    def coverage(self, tone: np.ndarray) -> np.ndarray:
        """Mean share of the paper that an even tone's lines cover, 0 to 1, without solid black; of the tone's shape."""
        bare = np.ones_like(tone)
        for hatch in self.hatches:
            bare *= 1 - np.maximum(hatch.breadth(tone), 0)
        return np.asarray(1 - bare)

    def _crossed(self, scene: Scene, dark: np.ndarray, tone: np.ndarray) -> np.ndarray:
        """The tone of crossing sets: they model the large forms only, or they break up into patches."""
        share = self.crossed_share * (1 - scene.features) * smoothstep(dark, *self.crossed_tones)
        return np.asarray(tone + (blur(dark, self.crossed_sigma_px) - tone) * share)

    def _solid(self, tone: np.ndarray, size_px: int) -> np.ndarray:
        scale = size_px / SLOPE_PX
        return np.asarray(np.clip(0.5 + (tone - self.solid_tone) * self.solid_slope * scale, 0, 1))
