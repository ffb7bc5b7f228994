"""Brush strokes: where they lie, how they bend, which colour they take.

Source: Haeberli, Paint by Numbers, SIGGRAPH 1990, and Hertzmann, Painterly
Rendering with Curved Brush Strokes of Multiple Sizes, SIGGRAPH 1998: layers
from broad to fine, each only where the layers below miss the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from portraitify.imaging.channels import max_channel
from portraitify.imaging.filters import blur
from portraitify.media.scene import Scene
from portraitify.media.streams import normals
from portraitify.media.surfaces.coverage import Coverage, MissedDetail
from portraitify.media.surfaces.directions import BrushDirections

# Points along each side of a stroke's outline.
_POINTS = 7
# Fractional bits of the drawn outlines.
_SHIFT = 4


@dataclass(frozen=True)
class Layer:
    """One pass with one brush; lengths in parts of the picture's side.

    Attributes:
        width: of the brush.
        length: of a full stroke.
        spacing: mean distance between strokes where every place gets one.
        colour_bound: a stroke ends where the colour differs by more, in 0 to 1.
        jitter: standard deviation of the strokes' lightness, in 0 to 1.
        coverage: which places get a stroke.
        stray: standard deviation of their directions in the background, radians, added to the subject's.
    """

    width: float
    length: float
    spacing: float
    colour_bound: float
    jitter: float
    coverage: Coverage
    stray: float = 0.0


@dataclass(frozen=True)
class StrokeForm:
    """How strokes of any brush vary, bend and end.

    Attributes:
        subject_stray: standard deviation of directions in the subject, radians.
        tint: standard deviation of each of red, green and blue, 0 to 255, at a jitter of 1.
        min_scale: least length and width of a stroke, in parts of the layer's.
        max_scale: greatest length and width, likewise.
        sampling_sigma: blur of the picture that strokes take their colours from, in the brush's width.
        min_sampling_sigma_px: the least that it may be, pixels of the plan.
        min_checked_sigma_px: the least blur, in pixels of the plan, of the picture by which strokes end: single values
            that differ between engines must end none.
        bend_reach: how far ahead and behind the direction is looked up, in half a stroke's length.
        bend_limit: greatest turn over half a stroke, radians.
        checks: how many places of each half are compared with the middle.
        first_check: the nearest of them, in half a stroke's length.
        mask_step: a stroke ends where the subject mask differs by more, in 0 to 1.
        min_reach: 0 to 1, the least that is left of each half.
    """

    subject_stray: float = 0.06
    tint: float = 55.0
    min_scale: float = 0.75
    max_scale: float = 1.2
    sampling_sigma: float = 0.22
    min_sampling_sigma_px: float = 0.4
    min_checked_sigma_px: float = 1.0
    bend_reach: float = 0.6
    bend_limit: float = 0.9
    checks: int = 5
    first_check: float = 0.2
    mask_step: float = 0.5
    min_reach: float = 0.15

    def bend(self, angle: np.ndarray, place: np.ndarray, turn: np.ndarray, half: float) -> np.ndarray:
        """Curvature that meets the directions found ahead and behind.

        Args:
            angle: ``(S, S)`` float32 directions, radians.
            place: ``(N, 2)`` float32 centres.
            turn: ``(N,)`` float32 directions at the centres, radians.
            half: half the length of a stroke, in parts of the side.

        Returns:
            ``(N,)`` float32, radians in a side's length.
        """
        toward = self.bend_reach * half * np.stack([np.cos(turn), np.sin(turn)], -1)
        turned = [_half_turn(_sample(angle, place + sign * toward) - turn) * sign for sign in (-1, 1)]
        limit = self.bend_limit / half
        bend: np.ndarray = np.clip((turned[0] + turned[1]) / (2 * self.bend_reach * half), -limit, limit)
        return bend.astype(np.float32)

    def reach(
        self,
        pictures: tuple[np.ndarray, np.ndarray],
        path: tuple[np.ndarray, np.ndarray, np.ndarray],
        stretch: np.ndarray,
        colour_bound: float,
    ) -> np.ndarray:
        """How far strokes go before their colour no longer fits.

        Args:
            pictures: ``(S, S, 3)`` float32 colours in 0 to 255, and the ``(S, S)`` float32 subject mask.
            path: centres ``(N, 2)``, directions ``(N,)`` and curvatures ``(N,)``, float32.
            stretch: ``(N,)`` float32, how far they may go; below 0 for backwards.
            colour_bound: see `Layer`.

        Returns:
            ``(N,)`` float32, positive.
        """
        place, turn, bend = path
        u = stretch[:, None] * np.linspace(self.first_check, 1, self.checks, dtype=np.float32)
        v = 0.5 * bend[:, None] * u**2
        cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
        points = place[:, None] + np.stack([u * cosine - v * sine, u * sine + v * cosine], -1)
        colours, mask = pictures
        here, there = _index(place, len(mask))[:, None], _index(points, len(mask))
        differ = max_channel(np.abs(_take(colours, there) - _take(colours, here))) > 255 * colour_bound
        differ |= np.abs(_take(mask, there) - _take(mask, here)) > self.mask_step
        fits = 1 - np.maximum.accumulate(differ, 1)
        share = self.min_reach + (1 - self.min_reach) * fits.mean(1)
        reach: np.ndarray = np.abs(stretch) * share.astype(np.float32)
        return reach


@dataclass(frozen=True)
class StrokeOutline:
    """A stroke begins round and tapers off; lengths in parts of the stroke's, widths in parts of the brush's.

    Attributes:
        head: length of the round beginning.
        head_width: width at the very beginning.
        tail: length of the tapering end.
        tail_width_squared: square of the width at the very end.
    """

    head: float = 0.12
    head_width: float = 0.1
    tail: float = 0.3
    tail_width_squared: float = 0.06

    def profile(self) -> tuple[np.ndarray, np.ndarray]:
        """Places along a stroke from 0 to 1, and its width there in 0 to 1: ``(7,)`` float32 each."""
        t = np.linspace(0, 1, _POINTS, dtype=np.float32)
        head = np.minimum(1, np.sqrt(np.clip(t / self.head, 0, 1)) * (1 - self.head_width) + self.head_width)
        return t, head * np.sqrt(np.clip((1 - t) / self.tail, self.tail_width_squared, 1))


@dataclass(frozen=True)
class Strokes:
    """Strokes in the order of painting; lengths in parts of the picture's side.

    Attributes:
        place: ``(N, 2)`` float32 centres.
        angle: ``(N,)`` float32 directions at the centre, radians.
        bend: ``(N,)`` float32 curvature.
        back: ``(N,)`` float32 length behind the centre.
        front: ``(N,)`` float32 length before it.
        width: ``(N,)`` float32.
        colour: ``(N, 3)`` float32 in 0 to 255.
        chance: ``(N, 2)`` float32 in 0 to 1, random numbers by which a surface tells strokes apart.
    """

    place: np.ndarray
    angle: np.ndarray
    bend: np.ndarray
    back: np.ndarray
    front: np.ndarray
    width: np.ndarray
    colour: np.ndarray
    chance: np.ndarray


@dataclass(frozen=True)
class Brushwork:
    """All strokes of a painting.

    Attributes:
        layers: from the broadest brush to the finest.
        face_jitter_reduction: 0 to 1, how much of the layers' jitter is left out in faces.
        directions: of the strokes.
        missed: the error by which layers are laid.
        form: how strokes vary, bend and end.
        outline: of a single stroke.
    """

    layers: tuple[Layer, ...]
    face_jitter_reduction: float
    directions: BrushDirections = field(default_factory=BrushDirections)
    missed: MissedDetail = field(default_factory=MissedDetail)
    form: StrokeForm = field(default_factory=StrokeForm)
    outline: StrokeOutline = field(default_factory=StrokeOutline)

    def lay(self, scene: Scene, angle: np.ndarray, medium: str, change: np.ndarray | None = None) -> Strokes:
        """Place the strokes of all layers.

        Args:
            scene: the picture.
            angle: ``(S, S)`` float32 directions, radians.
            medium: with whose name the streams of random numbers begin.
            change: ``(S, S, 3)`` float32, what is added to the scene's colours, 0 to 255, before strokes take them.
        """
        even, picture = scene.even, scene.crisp
        if change is not None:
            even, picture = even + change, np.clip(picture + change, 0, 255)
        calm = blur(even, self.form.min_checked_sigma_px)
        streams = [f"{medium}.layer{number}" for number in range(len(self.layers))]
        parts = [
            self._lay(scene, layer, angle, stream, picture, calm)
            for layer, stream in zip(self.layers, streams, strict=True)
        ]
        return Strokes(*(np.concatenate([getattr(p, name) for p in parts]) for name in Strokes.__dataclass_fields__))

    def draw(self, strokes: Strokes, size_px: int) -> np.ndarray:
        """Which stroke is seen where: ``(size_px, size_px)`` float32, 0 for none, else its number from 1."""
        seen = np.zeros((size_px, size_px), np.float32)
        # Tens of thousands of calls: named arguments alone would make each of them a third slower.
        fill, line = cv2.fillPoly, cv2.LINE_8
        for number, outline in enumerate(outlines(strokes, self.outline, size_px), 1):
            fill(seen, [outline], number, line, _SHIFT)
        return seen

    def _lay(
        self, scene: Scene, layer: Layer, angle: np.ndarray, stream: str, picture: np.ndarray, calm: np.ndarray
    ) -> Strokes:
        form, mask = self.form, scene.subject_mask
        place, cell = self._places(scene, layer, stream)
        # Normal numbers come in pairs, of which the last leaves one unused.
        long, wide, *chance, strayed, light, red, green, blue, _ = _drawn(scene, stream, cell)
        spread = form.subject_stray + layer.stray * (1 - _sample(mask, place))
        turn = _sample(angle, place) + spread * strayed
        sigma = max(form.sampling_sigma * layer.width * mask.shape[0], form.min_sampling_sigma_px)
        colours = blur(picture, sigma)
        colour = _sample(colours, place)
        half = layer.length / 2
        bend = form.bend(angle, place, turn, half)
        stretch, width = (
            size * (form.min_scale + (form.max_scale - form.min_scale) * draw)
            for size, draw in ((half, long), (layer.width, wide))
        )
        pictures = colours if sigma > form.min_checked_sigma_px else calm, mask
        back, front = (
            form.reach(pictures, (place, turn, bend), sign * stretch, layer.colour_bound) for sign in (-1.0, 1.0)
        )
        shades = 255 * light + form.tint * np.stack([red, green, blue])
        jitter = layer.jitter * (1 - _sample(self.face_jitter_reduction * scene.face, place))
        return Strokes(place, turn, bend, back, front, width, colour + (shades * jitter).T, np.stack(chance, -1))

    def _places(self, scene: Scene, layer: Layer, stream: str) -> tuple[np.ndarray, np.ndarray]:
        """Centres in the order of painting, ``(N, 2)`` float32, and the cells of the layer's grid that they lie in."""
        chance = layer.coverage.chance(scene, self.missed.over(scene, layer.width))
        place, cell = _scatter(layer.spacing, chance, scene.random(stream))
        (order,) = scene.numbered_uniforms(f"{stream}.order", cell, 1)
        turn = np.argsort(order, kind="stable")
        return place[turn], cell[turn]


def outlines(strokes: Strokes, outline: StrokeOutline, size_px: int) -> np.ndarray:
    """The strokes' outlines at a size: ``(N, 2 * 7, 2)`` int32 with 4 fractional bits."""
    t, profile = outline.profile()
    along = -strokes.back[:, None] + (strokes.back + strokes.front)[:, None] * t
    half = 0.5 * strokes.width[:, None] * profile
    middle = 0.5 * strokes.bend[:, None] * along**2
    u = np.concatenate([along, along[:, ::-1]], 1)
    v = np.concatenate([middle + half, (middle - half)[:, ::-1]], 1)
    cosine, sine = np.cos(strokes.angle)[:, None], np.sin(strokes.angle)[:, None]
    x = strokes.place[:, :1] + u * cosine - v * sine
    y = strokes.place[:, 1:] + u * sine + v * cosine
    points: np.ndarray = np.rint((np.stack([x, y], -1) * size_px - 0.5) * 2**_SHIFT)
    return points.astype(np.int32)


def _scatter(spacing: float, chance: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Centres of strokes, one in each cell of a grid at most: ``(N, 2)`` float32, and the cells' numbers ``(N,)``."""
    count = max(int(1 / spacing), 2)
    grid = np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
    place = ((grid + random.random(grid.shape)) / count).astype(np.float32)
    cell = np.flatnonzero(random.random(len(place)) < _sample(chance, place))
    return place[cell], cell


def _drawn(scene: Scene, stream: str, cell: np.ndarray) -> list[np.ndarray]:
    """Random numbers of strokes by their cells, ``(N,)`` float32 each: four in 0 to 1 and six normal ones."""
    drawn = scene.numbered_uniforms(stream, cell, 10)
    return [*drawn[:4], *normals(drawn[4:])]


def _sample(plane: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The nearest values of a ``(S, S, ...)`` plane at ``(..., 2)`` places in parts of the side."""
    return _take(plane, _index(place, len(plane)))


def _index(place: np.ndarray, side: int) -> np.ndarray:
    """The pixel of a square plane in which each of ``(..., 2)`` places lies, counted row by row."""
    column, row = (np.clip((place[..., axis] * side).astype(np.intp), 0, side - 1) for axis in (0, 1))
    return np.asarray(row * side + column)


def _take(plane: np.ndarray, index: np.ndarray) -> np.ndarray:
    # NumPy looks up single numbers three times as fast as pairs of them.
    return plane.reshape(-1, *plane.shape[2:]).take(index, 0)


def _half_turn(angle: np.ndarray) -> np.ndarray:
    """The same axis as an angle between a quarter turn back and a quarter turn ahead."""
    turned: np.ndarray = (angle + np.pi / 2) % np.pi - np.pi / 2
    return turned
