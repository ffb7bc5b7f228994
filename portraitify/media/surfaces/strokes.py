"""Brush strokes: where they lie, how they bend, which colour they take.

Source: Haeberli, Paint by Numbers, SIGGRAPH 1990, and Hertzmann, Painterly
Rendering with Curved Brush Strokes of Multiple Sizes, SIGGRAPH 1998: layers
from broad to fine, each only where the layers below miss the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, max_channel
from portraitify.imaging.filters import blur, normalized_blur
from portraitify.media.scene import Scene
from portraitify.media.streams import normals
from portraitify.media.surfaces.coverage import Coverage, MissedDetail, Regions
from portraitify.media.surfaces.directions import BrushDirections
from portraitify.media.surfaces.ramp import Ramp
from portraitify.media.surfaces.stroke_shapes import FRACTIONAL_BITS, StrokeOutline, Strokes, outlines

# Standard deviation of a brush's blur on the coarser picture that broad brushes see, pixels.
_COARSE_SIGMA_PX = 0.9
# Side of the picture on which the error is measured.
_COARSE_PX = 256
# Distance from the eyes down to the mouth in a bust, in parts of the side, and the scales of faces that brushes follow.
_USUAL_FACE, _FACE_SCALES = 0.18, (0.7, 1.7)

# Red, green and blue of a step to a lighter, to a warmer and to a rosier mixture; the last two keep the brightness.
_MIXTURES = np.array([[1.0, 1.0, 1.0], [0.75, -0.18, -1.0], [1.0, -0.5, 0.1]], np.float32)


@dataclass(frozen=True)
class Layer:
    """One pass with one brush; lengths in parts of the picture's side.

    Attributes:
        width: of the brush.
        length: of a full stroke.
        spacing: mean distance between strokes where every place gets one.
        colour_bound: a stroke ends where the colour differs by more, in 0 to 1.
        jitter: standard deviation of the strokes' lightness in lights, in 0 to 1.
        coverage: which places get a stroke.
        stray: standard deviation of their directions in the background, radians, added to the subject's.
        directed: 0 to 1, of the strokes on faces, those that are left out where the form tells no direction.
        follows_face: 0 to 1, how far width and length grow with the faces; their spacing stays.
        face_stray: standard deviation of their directions on faces, radians, added to the subject's.
    """

    width: float
    length: float
    spacing: float
    colour_bound: float
    jitter: float
    coverage: Coverage
    stray: float = 0.0
    directed: float = 0.0
    follows_face: float = 0.0
    face_stray: float = 0.0

    def beside(self, face_scale: float) -> Layer:
        """The layer in a picture whose faces are so many times as large as usual."""
        factor = 1 + self.follows_face * (face_scale - 1)
        return replace(self, width=factor * self.width, length=factor * self.length)


@dataclass(frozen=True)
class StrokeForm:
    """How strokes of any brush vary, bend and end.

    Attributes:
        subject_stray: standard deviation of directions in the subject, radians.
        warmth: standard deviation between warm and cool mixtures, 0 to 255 of red and blue, at a jitter of 1.
        blush: the same between rose and olive ones, of red and green.
        dark_jitter: 0 to 1, of the jitter in lights, what is left in blacks.
        min_scale: least length and width of a stroke, in parts of the layer's.
        max_scale: greatest length and width, likewise.
        sampling_sigma: blur of the picture that strokes take their colours from, in the brush's width.
        min_sampling_sigma_px: the least that it may be, pixels of the plan.
        outline: subject mask, from where a brush sees the background's colours alone to where it sees the subject's.
        bend_reach: how far ahead and behind the direction is looked up, in half a stroke's length.
        bend_limit: greatest turn over half a stroke, radians.
        checks: how many places of each half are compared with the middle.
        first_check: the nearest of them, in half a stroke's length.
        mask_step: a stroke ends where the subject mask differs by more, in 0 to 1.
        min_reach: 0 to 1, the least that is left of each half.
    """

    subject_stray: float = 0.06
    warmth: float = 260.0
    blush: float = 90.0
    dark_jitter: float = 0.25
    min_scale: float = 0.75
    max_scale: float = 1.2
    sampling_sigma: float = 0.22
    min_sampling_sigma_px: float = 0.7
    outline: Ramp = field(default_factory=lambda: Ramp(0.3, 0.7))
    bend_reach: float = 0.6
    bend_limit: float = 0.45
    checks: int = 5
    first_check: float = 0.2
    mask_step: float = 0.5
    min_reach: float = 0.15

    def seen_by(self, width: float, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """The picture as coarse as a brush paints it; for broad ones, subject and background keep apart.

        Args:
            width: of the brush, in parts of the side.
            picture: ``(S, S, 3)`` float32 in 0 to 255.
            mask: ``(S, S)`` float32, the subject.

        Returns:
            ``(s, s, 3)`` float32 in 0 to 255.
        """
        sigma = max(self.sampling_sigma * width * len(mask), self.min_sampling_sigma_px)
        factor = int(sigma / _COARSE_SIGMA_PX)
        if factor < 2:
            return blur(picture, sigma)
        size = (max(1, len(mask) // factor),) * 2
        picture, mask = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (picture, mask))
        inside = self.outline(mask)
        layers = []
        for weight in (1 - inside, inside):
            mean, _ = normalized_blur(picture * gray_to_rgb(weight), weight, sigma / factor)
            layers.append(mean * gray_to_rgb(weight))
        mixed: np.ndarray = layers[0] + layers[1]
        return mixed

    def mixed(self, colour: np.ndarray, jitter: float, chance: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
        """Broken colour: each stroke is a mixture of its own, lighter or darker, warmer or cooler.

        Args:
            colour: ``(N, 3)`` float32 in 0 to 255, the strokes' colours.
            jitter: see `Layer`.
            chance: normally distributed, ``(N,)`` float32 each: of lightness, of warmth, of rose or olive.

        Returns:
            ``(N, 3)`` float32 in 0 to 255.
        """
        light, warm, rosy = chance
        level = jitter * (self.dark_jitter + (1 - self.dark_jitter) * colour.mean(1) / 255)
        steps = np.stack([255 * light, self.warmth * warm, self.blush * rosy], -1) @ _MIXTURES
        return np.asarray(np.clip(colour + steps * level[:, None], 0, 255), np.float32)

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
        turned = [_half_turn(sample(angle, place + sign * toward) - turn) * sign for sign in (-1, 1)]
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
            pictures: ``(s, s, 3)`` float32 colours in 0 to 255, and the ``(S, S)`` float32 subject mask.
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
        # Places are told in pixels once for planes of one size.
        found = {side: (_index(points, side), _index(place, side)) for side in {len(colours), len(mask)}}
        (colour, mine), (inside, own) = ([_take(each, at) for at in found[len(each)]] for each in (colours, mask))
        differ = max_channel(np.abs(colour - mine[:, None])) > 255 * colour_bound
        differ |= np.abs(inside - own[:, None]) > self.mask_step
        fits = 1 - np.maximum.accumulate(differ, 1)
        share = self.min_reach + (1 - self.min_reach) * fits.mean(1)
        reach: np.ndarray = np.abs(stretch) * share.astype(np.float32)
        return reach


@dataclass(frozen=True)
class View:
    """What a painter sees before the brush is taken up.

    Attributes:
        picture: ``(S, S, 3)`` float32 in 0 to 255, from which strokes take their colours.
        coarse: ``(s, s, 3)`` float32, the same on a coarser grid, by which layers are laid.
        regions: of the picture, with a side of s.
        certainty: how far directions can be trusted, ``(s, s)`` float32 in 0 to 1; everywhere if it is not given.
    """

    picture: np.ndarray
    coarse: np.ndarray
    regions: Regions
    certainty: np.ndarray | None = None

    @classmethod
    def of(cls, picture: np.ndarray, scene: Scene, certainty: np.ndarray | None = None) -> View:
        """A view of a picture of the scene; the certainty ``(n, n)`` may be of any size."""
        size = (min(len(picture), _COARSE_PX),) * 2
        coarse = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        sure = None if certainty is None else cv2.resize(certainty, size, interpolation=cv2.INTER_AREA)
        return cls(picture, coarse, Regions.of(scene, coarse), sure)


@dataclass(frozen=True)
class Brushwork:
    """All strokes of a painting.

    Attributes:
        layers: from the broadest brush to the finest.
        directions: of the strokes.
        missed: the error by which layers are laid.
        form: how strokes vary, bend and end.
        outline: of a single stroke.
    """

    layers: tuple[Layer, ...]
    directions: BrushDirections = field(default_factory=BrushDirections)
    missed: MissedDetail = field(default_factory=MissedDetail)
    form: StrokeForm = field(default_factory=StrokeForm)
    outline: StrokeOutline = field(default_factory=StrokeOutline)

    def lay(self, scene: Scene, angle: np.ndarray, medium: str, view: View | None = None) -> Strokes:
        """Place the strokes of all layers.

        Args:
            scene: the picture.
            angle: ``(s, s)`` float32 directions, radians.
            medium: with whose name the streams of random numbers begin.
            view: what the painter sees; the scene as it is if it is not given.
        """
        plan = _Plan(scene, angle, view or View.of(scene.crisp, scene))
        scale = _face_scale(scene)
        parts = [
            self._lay(plan, layer.beside(scale), f"{medium}.layer{number}") for number, layer in enumerate(self.layers)
        ]
        return Strokes(*(np.concatenate([getattr(p, name) for p in parts]) for name in Strokes.__dataclass_fields__))

    def draw(self, strokes: Strokes, size_px: int) -> np.ndarray:
        """Which stroke is seen where: ``(size_px, size_px)`` uint16, 0 for none, else its number from 1.

        More strokes than uint16 can count make it float32.
        """
        seen = np.zeros((size_px, size_px), np.uint16 if len(strokes.width) < 2**16 else np.float32)
        # Thousands of calls: named arguments alone would make each of them a third slower.
        fill, line = cv2.fillPoly, cv2.LINE_8
        for number, outline in enumerate(outlines(strokes, self.outline, size_px), 1):
            fill(seen, [outline], number, line, FRACTIONAL_BITS)
        return seen

    def _lay(self, plan: _Plan, layer: Layer, stream: str) -> Strokes:
        form, scene, angle = self.form, plan.scene, plan.angle
        place, cell = self._places(plan, layer, stream)
        long, wide, *chance, strayed, light, warm, rosy = _drawn(scene, stream, cell)
        face = sample(plan.view.regions.face, place)
        spread = form.subject_stray + layer.stray * (1 - sample(scene.subject_mask, place)) + layer.face_stray * face
        turn = sample(angle, place) + spread * strayed
        colours = form.seen_by(layer.width, plan.view.picture, scene.subject_mask)
        half = layer.length / 2
        bend = form.bend(angle, place, turn, half)
        stretch, width = (
            size * (form.min_scale + (form.max_scale - form.min_scale) * draw)
            for size, draw in ((half, long), (layer.width, wide))
        )
        back, front = (
            form.reach((colours, scene.subject_mask), (place, turn, bend), sign * stretch, layer.colour_bound)
            for sign in (-1.0, 1.0)
        )
        colour = form.mixed(sample(colours, place), layer.jitter, (light, warm, rosy))
        return Strokes(place, turn, bend, back, front, width, colour, np.stack(chance, -1))

    def _places(self, plan: _Plan, layer: Layer, stream: str) -> tuple[np.ndarray, np.ndarray]:
        """Centres in the order of painting, ``(N, 2)`` float32, and the cells of the layer's grid that they lie in."""
        chance = layer.coverage.chance(plan.view.regions, self.missed.over(plan.view.coarse, layer.width))
        if plan.view.certainty is not None and layer.directed:
            chance *= 1 - layer.directed * (1 - plan.view.certainty) * plan.view.regions.face
        place, cell, order = _scatter(layer.spacing, chance, plan.scene, stream)
        turn = np.argsort(order, kind="stable")
        return place[turn], cell[turn]


@dataclass(frozen=True)
class _Plan:
    """What the layers of a painting have in common.

    Attributes:
        scene: the picture.
        angle: ``(s, s)`` float32 directions, radians.
        view: what the painter sees.
    """

    scene: Scene
    angle: np.ndarray
    view: View


def _face_scale(scene: Scene) -> float:
    """Size of the smallest face, beside one in a bust; no more or less than brushes follow."""
    eyes, mouths = scene.landmarks[:, :2].mean(1), scene.landmarks[:, 3:].mean(1)
    height = float(np.linalg.norm(mouths - eyes, axis=1).min()) / len(scene.subject_mask)
    return min(max(height / _USUAL_FACE, _FACE_SCALES[0]), _FACE_SCALES[1])


def _scatter(
    spacing: float, chance: np.ndarray, scene: Scene, stream: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres of strokes, one in each cell of a grid at most.

    Returns:
        Places ``(N, 2)`` float32, the numbers of their cells ``(N,)``, and numbers ``(N,)`` float32 in whose order they
        are painted.
    """
    count = max(int(1 / spacing), 2)
    cell = _likely_cells(chance, count)
    x, y, drawn, order = scene.numbered_uniforms(f"{stream}.order", cell, 4)
    place = (np.stack([cell % count + x, cell // count + y], -1) / count).astype(np.float32)
    kept = drawn < sample(chance, place)
    return place[kept], cell[kept], order[kept]


def _likely_cells(chance: np.ndarray, count: int) -> np.ndarray:
    """Numbers of the cells, ``count`` along each side, in or next to which any place has a chance; ``(N,)``."""
    near = cv2.dilate((chance > 0).astype(np.float32), np.ones((3, 3), np.uint8))
    method = cv2.INTER_AREA if count < len(chance) else cv2.INTER_NEAREST
    return np.flatnonzero(cv2.resize(near, (count, count), interpolation=method))


def _drawn(scene: Scene, stream: str, cell: np.ndarray) -> list[np.ndarray]:
    """Random numbers of strokes by their cells, ``(N,)`` float32 each: four in 0 to 1 and four normal ones."""
    drawn = scene.numbered_uniforms(stream, cell, 8)
    return [*drawn[:4], *normals(drawn[4:])]


def sample(plane: np.ndarray, place: np.ndarray) -> np.ndarray:
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
