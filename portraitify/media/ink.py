"""Ink: contours and hatching on paper, after the engravers, with no grey in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import tint
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.flow import line_integral_convolution, structure_orientation
from portraitify.imaging.noise import fractal_noise
from portraitify.imaging.skin import mean_color, skin_mask, skin_weights
from portraitify.media.base import Medium, PaintingStatistics, Preprocessing, StrengthCurve
from portraitify.media.baselines import pencil
from portraitify.media.scene import Scene
from portraitify.media.surfaces.paper import grain

# Side of the tile that holds the pen's pressure: a row for a line, repeated.
_TILE_PX = 512


@dataclass(frozen=True)
class Hatch:
    """One set of parallel lines.

    Attributes:
        lines: how many would cross the picture's side.
        angle: of their common direction, radians.
        bulge: how far they follow the form; the sign says which way they bend.
        begin: darkness, 0 to 1, at which they begin.
        full: darkness at which they are broadest.
        broadest: share of the space between two lines that is then black.
    """

    lines: float
    angle: float
    bulge: float
    begin: float
    full: float
    broadest: float


# By how much, in L*, a drawn face may be lighter than the photo's, and how much of the hatching that
# this asks for is added: with all of it faces are grey, and one in twelve is not known again.
TONE_ROOM, HELD = 6.0, 0.4
# Tone above which no skin is hatched more densely, so that single lines can be seen.
DENSEST = 0.85
_MODELLING = 1.6
_SHARES = np.linspace(0, 1, 33, dtype=np.float32)
# Of the paper's chroma as the generator paints it: most old prints come as grey as their scans.
_TINTED = 0.6
# Mean darkness of a ground up to which it is taken for paper.
PAPER_DARKNESS = 0.35
HATCHES = (
    Hatch(lines=212, angle=0.72, bulge=1.0, begin=0.105, full=0.93, broadest=0.66),
    Hatch(lines=212, angle=-0.62, bulge=-0.8, begin=0.40, full=1.0, broadest=0.60),
    Hatch(lines=230, angle=0.06, bulge=0.7, begin=0.62, full=1.0, broadest=0.64),
)


def paint_ink(scene: Scene) -> Callable[[int, int], np.ndarray]:
    """Plan lines and hatching; what comes back paints rows ``top`` to ``bottom``, float32 in 0 to 255."""
    sheet, black = ink_and_paper(scene)
    dark = darkness(scene)
    relief = form(scene)
    contour = contours(scene, dark)
    # Lines are too coarse for eyes and teeth; more contrast keeps what is white there white.
    sharper = dark + 0.5 * (dark - blur(dark, 5.0))
    hatched = dark + (0.94 * sharper - dark) * scene.keep
    if scene.photo is not None:
        more = HELD * (hold_tone(scene, hatched, np.clip(0.5 + 1.6 * contour, 0, 1), sheet, black) - hatched)
        hatched, dark = hatched + more, dark + more
    # Cross-hatching models the large forms only, or it breaks up into patches.
    crossed = hatched + (blur(dark, 4.0) - hatched) * (0.8 * (1 - scene.keep) * smoothstep(dark, 0.75, 0.5))
    wobble = fractal_noise(scene.random("ink.wobble"), 512, 24, 2)
    tiles = [_pen_pressure(scene, f"ink.pressure{number}") for number in range(len(HATCHES))]
    tooth = grain(scene, "ink.paper", 240)

    def paint(top: int, bottom: int) -> np.ndarray:
        tones = [scene.rows(tone, top, bottom) for tone in (hatched, crossed, crossed)]
        form_rows, wobble_rows = scene.rows(relief, top, bottom), scene.rows(wobble, top, bottom)
        scale = scene.size_px / 1024
        ink = np.clip(0.5 + scene.rows(contour, top, bottom) * (1.6 * scale), 0, 1)
        for hatch, tile, tone in zip(HATCHES, tiles, tones, strict=True):
            bent = hatch.bulge * form_rows + 0.0009 * wobble_rows
            ink = np.maximum(ink, hatching(hatch, tone, bent, tile, top, scene.size_px))
        ink = np.maximum(ink, np.clip(0.5 + (tones[0] - 0.9) * 60 * scale, 0, 1))
        rough = tooth(top, bottom)
        ink *= np.clip(0.98 + 0.035 * rough, 0, 1)
        return tint((1 + 0.008 * rough) * (1 - ink), sheet) + tint(ink, black)

    return paint


def ink_and_paper(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Colours of the sheet and of the ink, each ``(3,)`` float32 in 0 to 255, taken from the painting."""
    pixels, luma = scene.even.reshape(-1, 3).astype(np.float32), scene.luma.ravel()
    bright = pixels[luma >= np.quantile(luma, 0.75)].mean(0)
    deep = pixels[luma <= np.quantile(luma, 0.03)].mean(0)
    sheet = bright * (max(214.0, float(bright.max())) / max(float(bright.max()), 1.0))
    both = to_lab(np.array([[np.minimum(sheet, (250, 248, 243)), np.minimum(deep, (42, 36, 34))]], np.float32))
    # Paper shines through ink, so that both have its hue; most sheets have next to none.
    both[0, :, 1:] = _TINTED * both[0, :1, 1:]
    paper, ink = to_rgb(both)[0]
    return paper, ink


def darkness(scene: Scene) -> np.ndarray:
    """How much ink a place needs: 0 bare paper to 1 black, ``(S, S)`` float32."""
    calm = cv2.bilateralFilter(scene.luma, 9, 0.12, 2.5)
    light, deep = float(np.quantile(scene.luma, 0.8)), float(np.quantile(scene.luma, 0.01))
    calm = blur(calm, 0.8)
    calm = calm + (scene.luma - calm) * (0.5 * scene.keep)
    dark = np.clip((light - calm) / max(light - deep, 0.05), 0, 1).astype(np.float32)
    # On a ground of paper what the generator scattered there is left out; a dark ground stays hatched.
    near = smoothstep(blur(scene.subject_mask, 0.012 * dark.shape[0]), 0.08, 0.4)
    paper = 1 - near
    if float((dark * paper).sum() / max(paper.sum(), 1.0)) < PAPER_DARKNESS:
        dark = dark * near
    return dark


def form(scene: Scene) -> np.ndarray:
    """A guess at the relief of the sitter, in parts of the side, ``(S, S)`` float32.

    Lines cut from it by parallel planes bend around head and shoulders as an
    engraver's do.
    """
    side = scene.subject_mask.shape[0]
    body = sum(blur(scene.subject_mask, sigma * side) for sigma in (0.02, 0.045, 0.09)) / 3
    light = 0.05 * blur(scene.luma, 0.035 * side) + 0.022 * blur(scene.luma, 0.012 * side)
    return (0.085 * body + light).astype(np.float32)


def contours(scene: Scene, dark: np.ndarray) -> np.ndarray:
    """Signed strength of drawn lines, positive where there is ink: ``(S, S)`` float32.

    Sources: Kang, Lee and Chui, Coherent Line Drawing, NPAR 2007 (difference
    of Gaussians smoothed along the flow); Winnemöller, Kyprianidis and Olsen,
    XDoG, Computers & Graphics 36(6), 2012 (threshold mixed with tone).
    """
    side = dark.shape[0]
    flow = structure_orientation(scene.luma, 1.2, 0.006 * side, np.zeros_like(dark), 1e-3)
    shape = dark + 0.45 * blur(smoothstep(scene.subject_mask, 0.35, 0.65), 1.0) * (1 - dark)
    sigma = 0.0017 * side
    edges = line_integral_convolution(blur(shape, sigma) - blur(shape, 1.7 * sigma), flow, 5)
    thin = line_integral_convolution(blur(shape, 0.7 * sigma) - blur(shape, 1.15 * sigma), flow, 2)
    edges += (1.1 * thin - edges) * scene.keep
    drawn = edges - 0.030 * (1 - 0.15 * scene.keep)
    # What is darker than its surroundings is the pupil, the lashes, the parting of the lips.
    fine = line_integral_convolution(blur(scene.luma, 0.8), flow, 3)
    around = blur(fine, 0.015 * side)
    features = (0.62 * around - fine) * scene.keep - 0.2 * (1 - scene.keep)
    return np.maximum(drawn * 60, features * 14).astype(np.float32)


def hatching(hatch: Hatch, tone: np.ndarray, bent: np.ndarray, tile: np.ndarray, top: int, size_px: int) -> np.ndarray:
    """Lines that swell with the tone: ``(n, size)`` float32, 0 paper to 1 ink.

    The lines are level sets of a phase, so they are crisp at any size.

    Source: Ostromoukhov, Digital Facial Engraving, SIGGRAPH 1999.

    Args:
        hatch: the set.
        tone: ``(n, size)`` float32 darkness.
        bent: ``(n, size)`` float32, by how much the lines are moved, in parts of the side.
        tile: ``(512, 512)`` float32 pressure of the pen: a row for each line.
        top: first row.
        size_px: side of the picture.
    """
    x = (np.arange(size_px, dtype=np.float32) + 0.5) / size_px
    y = ((np.arange(top, top + len(tone), dtype=np.float32) + 0.5) / size_px)[:, None]
    cosine, sine = np.float32(np.cos(hatch.angle)), np.float32(np.sin(hatch.angle))
    phase = (y * cosine - x * sine + bent) * np.float32(hatch.lines)
    line = np.floor(phase)
    along = (x * cosine + y * sine) * np.float32(_TILE_PX)
    pressure = cv2.remap(
        tile, np.mod(along, _TILE_PX), np.mod(line * 7, _TILE_PX), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    needed = tone + 0.35 * np.minimum(tone, 0.2) * pressure
    broad = breadth(hatch, needed)
    off_centre = np.abs(phase - line - 0.5) * 2
    return np.clip(0.5 + (broad - off_centre) * np.float32(size_px / hatch.lines / 2), 0, 1)


def breadth(hatch: Hatch, tone: np.ndarray) -> np.ndarray:
    """Share of the space between two lines that is black at a tone; below 0 where there is no line."""
    share = (tone - hatch.begin) * np.float32(1 / (hatch.full - hatch.begin))
    # Lines end in a point and not in a hair of grey.
    return np.where(share > 0, 0.16 + (hatch.broadest - 0.16) * np.clip(share, 0, 1), share * 8)


def coverage(tone: np.ndarray) -> np.ndarray:
    """Mean share of the paper that the hatching of an even tone covers, 0 to 1."""
    bare = np.ones_like(tone)
    for hatch in HATCHES:
        bare *= 1 - np.maximum(breadth(hatch, tone), 0)
    return 1 - bare


def hold_tone(scene: Scene, tone: np.ndarray, drawn: np.ndarray, sheet: np.ndarray, black: np.ndarray) -> np.ndarray:
    """Hatch the skin so that seen from afar it is about as light as the photo's.

    Between its lines the paper is bare, so a drawing may stay lighter than
    what it shows, but by no more for one sitter than for another. Lines are
    added where the photo is darkest first, so that they model the face.

    Args:
        scene: with its photo.
        tone: ``(S, S)`` float32, darkness to hatch.
        drawn: ``(S, S)`` float32 in 0 to 1, ink of the contours.
        sheet: ``(3,)`` colour of the paper in 0 to 255.
        black: ``(3,)`` colour of the ink in 0 to 255.

    Returns:
        ``(S, S)`` float32.
    """
    assert scene.photo is not None
    photo = to_lab(scene.photo)
    weights = skin_weights(photo, scene.subject_mask, scene.landmarks[0])
    felt = skin_mask(photo, scene.subject_mask, scene.landmarks[0], weights)
    here = weights > 0.01
    share = weights[here] / weights[here].sum()
    mean = float(mean_color(photo, weights)[0])
    # Stronger than in the photo, or lines as even as rain would lie over the face.
    light = mean + _MODELLING * (blur(photo[..., 0], 2.5) - mean)
    shades = _shades(sheet, black)
    bare, inner, inner_light, mask = 1 - drawn[here], tone[here], light[here], felt[here]

    def lightness(offset: float) -> float:
        covered = 1 - bare * (1 - coverage(_toned(inner, inner_light + offset, mask, shades)))
        return float((np.interp(covered, _SHARES, shades) * share).sum())

    low, high = -60.0, 60.0
    for _ in range(9):
        middle = (low + high) / 2
        low, high = (middle, high) if lightness(middle) < mean + TONE_ROOM else (low, middle)
    # OpenCV leaves the last rows and columns of fields in double precision empty when it enlarges them.
    return _toned(tone, light + low, felt, shades).astype(np.float32)


def _shades(sheet: np.ndarray, black: np.ndarray) -> np.ndarray:
    """L* from afar of paper of which ``_SHARES`` are covered with ink."""
    return to_lab((sheet + (black - sheet) * _SHARES[:, None])[None])[0, :, 0]


def _toned(tone: np.ndarray, light: np.ndarray, felt: np.ndarray, shades: np.ndarray) -> np.ndarray:
    """At least the tone whose hatching is as light as wished for, where it is felt; lightness in L*."""
    steps = np.linspace(0, DENSEST, 86, dtype=np.float32)
    covered = np.interp(-light, -shades, _SHARES)
    wanted = np.interp(covered, coverage(steps), steps).astype(np.float32)
    return tone + np.maximum(wanted - tone, 0) * felt


def _pen_pressure(scene: Scene, stream: str) -> np.ndarray:
    white = scene.random(stream).standard_normal((_TILE_PX, _TILE_PX), np.float32)
    wide = np.pad(white, ((0, 0), (64, 64)), mode="wrap")
    smooth = cv2.GaussianBlur(wide, (0, 0), sigmaX=9, sigmaY=0.01)[:, 64:-64]
    return smooth / smooth.std()


def suitability(statistics: PaintingStatistics) -> float:
    """Odds of a drawing by the paper that it shows."""
    return statistics.background_lightness / 0.8


MEDIUM = Medium(
    surface=paint_ink,
    baseline=pencil,
    preprocessing=Preprocessing(patch_radius=0.003),
    # Lines come before the paper turns white, or the photo shows through them like a ghost.
    strength=StrengthCurve(broad_power=1.5, detail_power=0.7),
    # Between lines the paper is bare, so faces are held by how they are hatched.
    hue_tolerance=None,
    tint_share=0.55,
    monochrome=True,
    min_background_lightness=0.7,
    suitability=suitability,
)
