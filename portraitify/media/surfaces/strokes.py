"""Brush strokes: where they lie, how they bend, which colour they take.

Source: Haeberli, Paint by Numbers, SIGGRAPH 1990, and Hertzmann, Painterly
Rendering with Curved Brush Strokes of Multiple Sizes, SIGGRAPH 1998: layers
from broad to fine, each only where the layers below miss the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import max_channel
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.flow import structure_orientation
from portraitify.imaging.noise import fractal_noise
from portraitify.media.scene import Scene

# Points along each side of a stroke's outline.
_POINTS = 7
# Fractional bits of the drawn outlines.
_SHIFT = 4
# Standard deviation of directions in the sitter, radians; and of each of red, green and blue, in parts of the jitter.
_STRAY, _TINTS = 0.06, 55.0


@dataclass(frozen=True)
class Layer:
    """One pass with one brush; lengths in parts of the picture's side.

    Attributes:
        width: of the brush.
        length: of a full stroke.
        spacing: mean distance between strokes.
        colour_bound: a stroke ends where the colour differs by more, in 0 to 1.
        jitter: standard deviation of the strokes' lightness, in 0 to 1.
        stray: standard deviation of their directions in the ground, radians.
    """

    width: float
    length: float
    spacing: float
    colour_bound: float
    jitter: float
    stray: float = 0.0


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
    """

    place: np.ndarray
    angle: np.ndarray
    bend: np.ndarray
    back: np.ndarray
    front: np.ndarray
    width: np.ndarray
    colour: np.ndarray


def join(parts: list[Strokes]) -> Strokes:
    """One list of strokes from several, in their order."""
    return Strokes(*(np.concatenate([getattr(p, name) for p in parts]) for name in Strokes.__dataclass_fields__))


def brush_directions(scene: Scene) -> np.ndarray:
    """Along the form in the sitter; loose slanted sweeps in the ground: ``(S, S)`` float32 radians."""
    side = scene.subject_mask.shape[0]
    random = scene.random("strokes.directions")
    slant = 0.8 + 0.5 * random.standard_normal()
    sweeps = slant + 0.7 * fractal_noise(random, side, 5)
    around = structure_orientation(blur(scene.subject_mask, 0.02 * side), 1, 0.02 * side, sweeps, 0.004)
    broad = structure_orientation(scene.luma, 0.012 * side, 0.02 * side, around, 0.003)
    fine = structure_orientation(scene.luma, 0.004 * side, 0.008 * side, broad, 0.004)
    share = smoothstep(blur(scene.subject_mask, 2), 0.3, 0.7)
    cosine = np.cos(2 * broad) * (1 - share) + np.cos(2 * fine) * share
    sine = np.sin(2 * broad) * (1 - share) + np.sin(2 * fine) * share
    return 0.5 * np.arctan2(sine, cosine)


def missed_by(scene: Scene, layer: Layer) -> np.ndarray:
    """How much a brush twice as broad would miss: ``(S, S)`` float32 in 0 to 255."""
    even = scene.even.astype(np.float32)
    sigma = max(0.3 * layer.width * even.shape[0], 0.5)
    return blur(max_channel(np.abs(even - blur(even, 2.5 * sigma))), 2 * sigma)


def lay(
    scene: Scene,
    layer: Layer,
    angle: np.ndarray,
    chance: np.ndarray,
    calm: np.ndarray,
    stream: str,
    picture: np.ndarray | None = None,
) -> Strokes:
    """Place the strokes of one layer.

    Args:
        scene: the picture.
        layer: the brush.
        angle: ``(S, S)`` float32 directions, radians.
        chance: ``(S, S)`` float32, how likely a place gets a stroke.
        calm: ``(S, S)`` float32 in 0 to 1, how much of the jitter is left out.
        stream: of random numbers, see `Scene.random`.
        picture: ``(S, S, 3)`` uint8 whose colours the strokes take, if not the scene's.
    """
    random = scene.random(stream)
    side = scene.subject_mask.shape[0]
    count = max(int(1 / layer.spacing), 2)
    grid = np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
    place = ((grid + random.random(grid.shape)) / count).astype(np.float32)
    place = place[random.random(len(place)) < _at(chance, place)]
    place = place[random.permutation(len(place))]
    spread = _STRAY + layer.stray * (1 - _at(scene.subject_mask, place))
    turn = _at(angle, place) + (spread * random.normal(0, 1, len(place))).astype(np.float32)
    colours = blur(scene.crisp if picture is None else picture, max(0.22 * layer.width * side, 0.4))
    colour = _at(colours, place).astype(np.float32)
    bend = _bend(angle, place, turn, layer.length / 2)
    stretch = (layer.length / 2 * random.uniform(0.75, 1.2, len(place))).astype(np.float32)
    shades = random.normal(0, 255, (len(place), 1)) + random.normal(0, _TINTS, colour.shape)
    ends = [
        _reach(scene, colours, colour, (place, turn, bend), sign * stretch, layer.colour_bound) for sign in (-1.0, 1.0)
    ]
    width = (layer.width * random.uniform(0.75, 1.2, len(place))).astype(np.float32)
    shaded = colour + (shades * (layer.jitter * (1 - _at(calm, place)))[:, None]).astype(np.float32)
    return Strokes(place, turn, bend, ends[0], ends[1], width, shaded)


def outlines(strokes: Strokes, size_px: int) -> np.ndarray:
    """Outlines that begin round and taper off: ``(N, 2 * 7, 2)`` int32 with 4 fractional bits."""
    t = np.linspace(0, 1, _POINTS, dtype=np.float32)
    profile = np.minimum(1, np.sqrt(np.clip(t / 0.12, 0, 1)) * 0.9 + 0.1) * np.sqrt(np.clip((1 - t) / 0.3, 0.06, 1))
    along = -strokes.back[:, None] + (strokes.back + strokes.front)[:, None] * t
    half = 0.5 * strokes.width[:, None] * profile
    middle = 0.5 * strokes.bend[:, None] * along**2
    u = np.concatenate([along, along[:, ::-1]], 1)
    v = np.concatenate([middle + half, (middle - half)[:, ::-1]], 1)
    cosine, sine = np.cos(strokes.angle)[:, None], np.sin(strokes.angle)[:, None]
    x = strokes.place[:, :1] + u * cosine - v * sine
    y = strokes.place[:, 1:] + u * sine + v * cosine
    return np.rint((np.stack([x, y], -1) * size_px - 0.5) * 2**_SHIFT).astype(np.int32)


def draw(strokes: Strokes, size_px: int) -> np.ndarray:
    """Which stroke is seen where: ``(size_px, size_px)`` float32, 0 for none, else its number from 1."""
    seen = np.zeros((size_px, size_px), np.float32)
    # Tens of thousands of calls: named arguments alone would make each of them a third slower.
    fill, line = cv2.fillPoly, cv2.LINE_8
    for number, outline in enumerate(outlines(strokes, size_px), 1):
        fill(seen, [outline], number, line, _SHIFT)
    return seen


def _at(field: np.ndarray, place: np.ndarray) -> np.ndarray:
    side = field.shape[0]
    index = np.clip((place * side).astype(int), 0, side - 1)
    return field[index[..., 1], index[..., 0]]


def _bend(angle: np.ndarray, place: np.ndarray, turn: np.ndarray, reach: float) -> np.ndarray:
    """Curvature that meets the directions found half a stroke ahead and behind."""
    toward = 0.6 * reach * np.stack([np.cos(turn), np.sin(turn)], -1)
    turned = [_half_turn(_at(angle, place + sign * toward) - turn) * sign for sign in (-1, 1)]
    limit = 0.9 / reach
    return np.clip((turned[0] + turned[1]) / (1.2 * reach), -limit, limit).astype(np.float32)


def _half_turn(angle: np.ndarray) -> np.ndarray:
    """The same axis as an angle between a quarter turn back and a quarter turn ahead."""
    return (angle + np.pi / 2) % np.pi - np.pi / 2


def _reach(
    scene: Scene,
    colours: np.ndarray,
    colour: np.ndarray,
    path: tuple[np.ndarray, np.ndarray, np.ndarray],
    stretch: np.ndarray,
    bound: float,
) -> np.ndarray:
    """How far strokes go before their colour no longer fits: ``(N,)`` float32, positive."""
    place, turn, bend = path
    u = stretch[:, None] * np.linspace(0.2, 1, 5, dtype=np.float32)
    v = 0.5 * bend[:, None] * u**2
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    points = place[:, None] + np.stack([u * cosine - v * sine, u * sine + v * cosine], -1)
    differ = max_channel(np.abs(_at(colours, points) - colour[:, None])) > 255 * bound
    differ |= np.abs(_at(scene.subject_mask, points) - _at(scene.subject_mask, place)[:, None]) > 0.5
    fits = 1 - np.maximum.accumulate(differ, 1)
    return np.abs(stretch) * (0.15 + 0.85 * fits.mean(1)).astype(np.float32)
