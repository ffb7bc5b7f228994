"""Oil: strokes of paint with the marks of the bristles, lit from the upper left, on canvas."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, tint
from portraitify.imaging.filters import smoothstep
from portraitify.imaging.flow import line_integral_convolution, relief_shading
from portraitify.imaging.noise import fractal_noise
from portraitify.media.base import BackgroundTexture, Medium, PaintingStatistics, Preprocessing
from portraitify.media.baselines import pastel
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene
from portraitify.media.surfaces.grit import Grit
from portraitify.media.surfaces.strokes import Layer, Strokes, brush_directions, draw, join, lay, missed_by

BRUSHES = (
    Layer(width=0.032, length=0.15, spacing=0.015, colour_bound=0.10, jitter=0.0088, stray=0.6),
    Layer(width=0.019, length=0.095, spacing=0.012, colour_bound=0.10, jitter=0.008, stray=0.6),
    Layer(width=0.0115, length=0.055, spacing=0.0075, colour_bound=0.10, jitter=0.0056, stray=0.6),
    Layer(width=0.0065, length=0.030, spacing=0.0048, colour_bound=0.09, jitter=0.004, stray=0.6),
    Layer(width=0.0040, length=0.019, spacing=0.0034, colour_bound=0.08, jitter=0.0024, stray=0.6),
    Layer(width=0.0026, length=0.011, spacing=0.0021, colour_bound=0.06, jitter=0.0012, stray=0.6),
)
# One tile of bristle marks spans so many strokes' widths and lengths.
_TILE_PX = 512
_BRISTLES = 0.0018
_GRIT = Grit(cells=140, background=3.0, subject=2.0, face=3.5)
# How uneven the mixtures on the palette are in light and, from warm to cold, in hue; faces would look bruised by that.
_MIXED = Grit(cells=25, background=2.25, subject=6.75, face=4.5)
_TINTED = Grit(cells=25, background=1.5, subject=2.25, face=0.0)
_WARM = (1.0, -0.1, -1.0)
# Of the plain painting, kept in eyes and mouth.
_KEPT = 0.5


def paint_oil(scene: Scene) -> Callable[[int, int], np.ndarray]:
    """Plan all strokes; what comes back paints rows ``top`` to ``bottom``, float32 in 0 to 255."""
    angle = brush_directions(scene)
    strokes = _plan(scene, angle)
    seen = draw(strokes, scene.size_px)
    # A brush runs dry in single bristles: ends are torn along the stroke.
    torn = line_integral_convolution(fractal_noise(scene.random("oil.torn_ends"), 512, 256), angle, 6) * np.float32(1.6)
    torn *= np.float32(0.0042) * (1 - 0.75 * scene.face) * (1 - scene.keep)
    shift = np.dstack([torn * np.cos(angle), torn * np.sin(angle)])
    table = _table(strokes, scene)
    tile = _bristles(scene)
    weave_noise = fractal_noise(scene.random("oil.canvas"), 512, 60, 2)
    grit = _GRIT.over(scene, "oil.grit")
    thinness, strength, kept = _thinness(scene), _relief(scene), _KEPT * scene.keep

    def paint(top: int, bottom: int) -> np.ndarray:
        above, below = top - 3, bottom + 3
        number = _torn_rows(seen, scene.rows(shift, above, below), above, below)
        colour, height = _paint_rows(number, table, tile, above, scene)
        thin = scene.rows(thinness, above, below)
        height += thin * weave(above, below, scene.size_px, scene.rows(weave_noise, above, below))
        relief = relief_shading(height * (scene.size_px / 1024.0))
        lit = np.clip(relief, -0.5, 0.7) * scene.rows(strength, above, below)
        colour = cv2.GaussianBlur(colour, (0, 0), 0.6)[3:-3]
        lit = gray_to_rgb(lit[3:-3])
        share = gray_to_rgb(scene.rows(kept, top, bottom))
        colour += (scene.plain[top:bottom] - colour) * share
        return colour * (1 + lit) + 26 * np.maximum(lit, 0) + gray_to_rgb(scene.rows(grit, top, bottom))

    return paint


def weave(top: int, bottom: int, size_px: int, noise: np.ndarray) -> np.ndarray:
    """Height of a plain weave of uneven threads, float32 around 0.

    Args:
        top: first row.
        bottom: row after the last.
        size_px: side of the picture.
        noise: ``(bottom - top, size_px)`` float32 that makes the threads uneven.
    """
    threads = 2 * np.pi * 175
    x = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px * threads
    y = (np.arange(top, bottom, dtype=np.float32) + 0.5)[:, None] / size_px * threads
    warped_x, warped_y = x + 0.9 * noise, y - 0.7 * noise
    return np.sin(warped_x) * np.sin(warped_y) * (0.7 + 0.5 * noise)


def _broken(scene: Scene) -> np.ndarray:
    """What is painted, in broken colour: paint is mixed anew for every few touches; ``(S, S, 3)`` uint8."""
    change = gray_to_rgb(_MIXED.over(scene, "oil.mixture")) + tint(_TINTED.over(scene, "oil.temperature"), _WARM)
    return np.clip(scene.crisp + change + np.float32(0.5), 0, 255).astype(np.uint8)


def _plan(scene: Scene, angle: np.ndarray) -> Strokes:
    calm, colours = 0.75 * scene.face, _broken(scene)
    features = np.maximum(scene.face, scene.keep)
    parts = []
    for number, layer in enumerate(BRUSHES):
        chance = smoothstep(missed_by(scene, layer), 2.5, 8.0)
        if number == 0:
            chance = np.ones_like(chance)
        elif number == 1:
            chance = np.maximum(chance, 0.25 + 0.4 * scene.subject_mask)
        elif number == 2:
            chance = np.maximum(chance, np.maximum(0.06, scene.face))
        elif number == 3:
            chance = np.maximum(chance * (0.5 + 0.5 * features), 0.55 * scene.face)
        elif number == 4:
            chance = chance * features
        else:
            chance = np.maximum(chance * scene.face, smoothstep(scene.keep, 0.2, 0.6))
        parts.append(lay(scene, layer, angle, chance, calm, f"oil.layer{number}", colours))
    return join(parts)


def _table(strokes: Strokes, scene: Scene) -> np.ndarray:
    """All that a pixel must know of its stroke, ``(N + 1, 11)`` float32; row 0 is the bare canvas."""
    random = scene.random("oil.bristle_offsets")
    count = len(strokes.width)
    body = np.column_stack(
        [
            strokes.place,
            np.cos(strokes.angle),
            np.sin(strokes.angle),
            strokes.bend,
            strokes.width,
            strokes.colour,
            random.integers(0, _TILE_PX, count),
            random.random(count),
        ]
    )
    bare = np.zeros(11)
    bare[2], bare[5], bare[6:9] = 1, 1, scene.even.reshape(-1, 3).mean(0)
    return np.vstack([bare, body]).astype(np.float32)


def _bristles(scene: Scene) -> np.ndarray:
    """Marks of bristles, long in x and fine in y, that repeat: ``(512, 512)`` float32 around 0."""
    white = scene.random("oil.bristles").standard_normal((_TILE_PX, _TILE_PX), np.float32)
    total = np.zeros_like(white)
    for across, share in ((1.6, 0.6), (3.5, 0.8)):
        wide = np.pad(white, 64, mode="wrap")
        marks = cv2.GaussianBlur(wide, (0, 0), sigmaX=18, sigmaY=across)[64:-64, 64:-64]
        total += share * marks / marks.std()
    return total / total.std()


def _torn_rows(seen: np.ndarray, shift: np.ndarray, top: int, bottom: int) -> np.ndarray:
    side = seen.shape[0]
    y, x = np.mgrid[top:bottom, :side].astype(np.float32)
    return cv2.remap(
        seen, x + shift[..., 0] * side, y + shift[..., 1] * side, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101
    ).astype(np.int32)


def _paint_rows(
    number: np.ndarray, table: np.ndarray, tile: np.ndarray, top: int, scene: Scene
) -> tuple[np.ndarray, np.ndarray]:
    """Colour ``(n, size, 3)`` and height ``(n, size)`` of the paint, float32."""
    size = scene.size_px
    known = np.take(table, number.ravel(), axis=0).reshape(*number.shape, -1)
    x = (np.arange(size, dtype=np.float32) + 0.5) / size - known[..., 0]
    y = ((np.arange(top, top + len(number), dtype=np.float32) + 0.5) / size)[:, None] - known[..., 1]
    cosine, sine, width = known[..., 2], known[..., 3], known[..., 5]
    along = x * cosine + y * sine
    across = y * cosine - x * sine - 0.5 * known[..., 4] * along * along
    # Broad brushes have coarser bristles, though not in proportion.
    pitch = np.sqrt(width * np.float32(1 / 0.012)) * np.float32(_BRISTLES / 5)
    mark = cv2.remap(
        tile,
        np.mod(along / pitch * 0.25 + known[..., 9], _TILE_PX),
        np.mod(across / pitch + known[..., 9] * 7, _TILE_PX),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    edge = np.minimum(np.abs(across / width) * 2, 1.2)
    edge *= edge
    body = np.minimum(width * np.float32(1 / 0.012), 1.6)
    height = body * (0.75 * mark + 1.1 * edge * edge + 1.2 * known[..., 10])
    return known[..., 6:9] * gray_to_rgb(1 + 0.028 * np.sqrt(body) * mark), height


def _relief(scene: Scene) -> np.ndarray:
    """How strongly the relief is seen, ``(S, S)`` float32."""
    return (0.22 - 0.14 * scene.face) * (1 - 0.7 * scene.keep) * (1 - 0.45 * scene.luma)


def _thinness(scene: Scene) -> np.ndarray:
    """How far the canvas is felt through the paint, ``(S, S)`` float32: most in darks and ground."""
    return (0.08 + 0.18 * smoothstep(scene.luma, 0.5, 0.1)) * (1 - 0.6 * scene.face) * (1 - scene.keep)


def suitability(statistics: PaintingStatistics) -> float:
    """Odds of a painting by brushwork and colour: half of the oils are smooth and brown."""
    return (statistics.texture / 0.3) ** 1.5 * (0.3 + statistics.chroma / 22)


MEDIUM = Medium(
    surface=paint_oil,
    baseline=pastel,
    # Beside training paintings, oils were too contrasty and their grounds too light and colourful.
    palette=Palette(contrast=0.93, chroma=1.1, background_lightness=0.82, background_chroma=0.8, white=(0.5, 7.0)),
    preprocessing=Preprocessing(patch_radius=0.0065),
    background=BackgroundTexture(drift=0.22, unevenness=0.06),
    hue_tolerance=2.0,
    suitability=suitability,
)
