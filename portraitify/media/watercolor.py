"""Watercolour: washes with dark borders and settling pigment on rough white paper.

Sources: Bousseau, Kaplan, Thollot and Sillion, Interactive Watercolor
Rendering with Temporal Coherence and Abstraction, NPAR 2006 (density of the
pigment changes the colour; turbulent flow, dispersion, paper, dark borders);
Curtis, Anderson, Seims, Fleischer and Salesin, Computer-Generated Watercolor,
SIGGRAPH 1997 (which of these effects painters use).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb, tint
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.noise import fractal_noise
from portraitify.media.base import BackgroundTexture, Medium, PaintingStatistics, Preprocessing, StrengthCurve
from portraitify.media.baselines import pastel
from portraitify.media.palette import Palette
from portraitify.media.scene import Scene
from portraitify.media.surfaces.paper import grain

SHEET = np.array([0.985, 0.975, 0.945], np.float32)
# Steps from black to white in which washes are laid over each other.
_WASHES = 6.0
# Features of the paper along the side, and pools of pigment, each as deep in ground and clothes, and in faces.
_TOOTH, _POOLS, _POOLED, _POOLED_FACE = 90, 55, 0.15, 0.1
# How far forms, narrower than the first in parts of the side, stand out more than in the painting:
# in the sitter, and besides in the face. White paper is the light in a watercolor.
_FORM_SIGMA, _FORM, _FORM_FACE = 0.023, 0.2, 0.2
# How much paper shines through the deepest darks, as brightness in 0 to 1.
_GLOW = 0.13


@dataclass(frozen=True)
class Washes:
    """What is planned for the whole sheet, each ``(S, S)`` float32 unless said otherwise.

    Attributes:
        colour: ``(S, S, 3)`` in 0 to 1, even colours with a slight wobble.
        level: brightness in steps of one wash, uneven as hands are.
        stepped: 0 to 1, how far washes stand apart from each other.
        density: of the pigment, around 1.
        settling: how strongly pigment gathers in the hollows of the paper.
        painted: above 0 where there is paint, below 0 where the sheet stays white, in parts of the side.
        dry: how far a dry brush leaves the hollows of the paper white at the edge, in parts of the side.
    """

    colour: np.ndarray
    level: np.ndarray
    stepped: np.ndarray
    density: np.ndarray
    settling: np.ndarray
    painted: np.ndarray
    dry: np.ndarray


def paint_watercolor(scene: Scene) -> Callable[[int, int], np.ndarray]:
    """Plan the washes; what comes back paints rows ``top`` to ``bottom``, float32 in 0 to 255."""
    washes = plan_washes(scene)
    tooth = grain(scene, "watercolor.paper", _TOOTH)
    kept = 0.75 * scene.keep

    def paint(top: int, bottom: int) -> np.ndarray:
        height = tooth(top, bottom)
        colour = scene.rows(washes.colour, top, bottom)
        share = gray_to_rgb(scene.rows(kept, top, bottom))
        colour += (scene.plain[top:bottom] * np.float32(1 / 255) - colour) * share
        stepped = scene.rows(washes.stepped, top, bottom)
        step, border = _step(scene.rows(washes.level, top, bottom) + 0.05 * height)
        density = scene.rows(washes.density, top, bottom) + stepped * (0.9 * step + 0.55 * border)
        density -= scene.rows(washes.settling, top, bottom) * height
        # A wash ends at a wandering line, with pigment gathered just inside it.
        inside = scene.rows(washes.painted, top, bottom) - scene.rows(washes.dry, top, bottom) * height
        density += 0.45 * smoothstep(inside, 0.006, 0.0) * (inside > 0)
        covered = smoothstep(inside, -0.0012, 0.0012)
        return 255 * paper_rows(height, gray_to_rgb(covered) * thicken(colour, density) + tint(1 - covered, SHEET))

    return paint


def plan_washes(scene: Scene) -> Washes:
    """Work out all that does not depend on the size of the picture."""
    side = scene.subject_mask.shape[0]
    random = scene.random("watercolor.washes")
    loose = (1 - scene.keep) * (1 - 0.6 * scene.face)
    colour = _wobble(cv2.bilateralFilter(scene.even, 9, 30, 4), loose, random)
    colour = np.clip(colour + 0.7 * (colour - blur(colour, 1.3)), 0, 1)
    colour = _set_off(scene, colour)
    luma = blur(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY), 1.2)
    flow = fractal_noise(random, side, 7, 4)
    level = luma * _WASHES + loose * (0.30 * flow)
    # On the dark side of a border the pigment gathers as the wash dries.
    gathered = np.clip(blur(luma, 0.007 * side) - luma - 0.012, 0, 0.12)
    depth = 1 - luma
    density = 1 + loose * (1.8 * gathered + (0.12 + 0.16 * (1 - scene.face)) * flow)
    density += (
        loose
        * (_POOLED + (_POOLED_FACE - _POOLED) * scene.face)
        * fractal_noise(scene.random("watercolor.pools"), side, _POOLS, 2)
    )
    settling = (
        (0.03 + 0.09 * smoothstep(depth, 0.1, 0.6) - 0.04 * smoothstep(depth, 0.65, 0.9))
        * (1 - 0.55 * scene.face)
        * (1 - 0.8 * scene.keep)
    )
    stepped = 0.55 * loose * smoothstep(depth, 0.04, 0.25)
    dry = 0.0012 + 0.012 * smoothstep(fractal_noise(random, side, 5, 1), 0.3, 1.5)
    return Washes(colour, level, stepped, density, settling, _painted(scene, luma, random), dry)


def thicken(colour: np.ndarray, density: np.ndarray) -> np.ndarray:
    """Colour under more or less pigment (Bousseau et al. 2006, equation 1).

    Args:
        colour: ``(n, m, 3)`` float32 in 0 to 1.
        density: ``(n, m)`` float32; 1 leaves the colour.

    Returns:
        ``(n, m, 3)`` float32.
    """
    return colour * (1 - (1 - colour) * gray_to_rgb(density - 1))


def paper_rows(height: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Colour on lit paper: both ``float32``, ``(n, m)`` and ``(n, m, 3)``."""
    lit = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125) + cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    return colour * gray_to_rgb(1 + 0.04 * np.clip(lit, -1, 1))


def _set_off(scene: Scene, colour: np.ndarray) -> np.ndarray:
    """Forms that stand out as they do where white paper is the light, and darks through which it shines."""
    form = colour - blur(colour, _FORM_SIGMA * len(colour))
    colour = np.clip(colour + gray_to_rgb(_FORM * scene.subject_mask + _FORM_FACE * scene.face) * form, 0, 1)
    clear = 1 - colour
    clear *= clear
    return colour + gray_to_rgb(_GLOW * (1 - scene.keep)) * clear * clear


def _step(level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How much darker the nearest wash is than the smooth tone, and the dark line along its border."""
    part = level - np.floor(level)
    flat = smoothstep(part, 0.42, 0.58)
    border = smoothstep(part, 0.30, 0.42) * smoothstep(part, 0.50, 0.42)
    return (part - flat) * np.float32(1 / _WASHES), border * np.float32(0.35)


def _wobble(colour: np.ndarray, loose: np.ndarray, random: np.random.Generator) -> np.ndarray:
    side = loose.shape[0]
    y, x = np.mgrid[:side, :side].astype(np.float32)
    shift = [np.float32(0.0016 * side) * loose * fractal_noise(random, side, 40, 3) for _ in range(2)]
    moved = cv2.remap(colour, x + shift[0], y + shift[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return moved.astype(np.float32) / 255


def _painted(scene: Scene, luma: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Distance inside the wash of a light ground, in parts of the side; large everywhere else."""
    side = luma.shape[0]
    window = scene.window
    across, down = (
        np.maximum(np.minimum(place, 1 - place) * length, 1e-3)
        for place, length in zip(scene.across, (window.width, window.height), strict=True)
    )
    # Rounded at the corners, as a brush goes round.
    border = 1 / np.sqrt(down[:, None] ** -2 + across**-2)
    hand = 0.030 * fractal_noise(random, side, 4, 2) + 0.006 * fractal_noise(random, side, 36, 2)
    protected = smoothstep(blur(scene.subject_mask, 0.012 * side), 0.05, 0.6)
    return border - 0.045 + hand + 0.4 * smoothstep(luma, 0.62, 0.42) + 0.4 * protected


def suitability(statistics: PaintingStatistics) -> float:
    """Odds of a painting by the paper that it shows and its colour: half of the watercolors are opaque or grey."""
    return (statistics.background_lightness / 0.65) ** 1.5 * min(0.3 + statistics.chroma / 14, 1.3)


MEDIUM = Medium(
    surface=paint_watercolor,
    baseline=pastel,
    # Beside training paintings, washes were too saturated and too warm.
    palette=Palette(chroma=0.9, warmth=-3.0, background_chroma=0.9),
    preprocessing=Preprocessing(patch_radius=0.007),
    background=BackgroundTexture(drift=0.16, unevenness=0.05),
    strength=StrengthCurve(broad_power=1.2, detail_power=0.8),
    # Thin washes are pale.
    hue_tolerance=3.0,
    # Washes are broad: all small things go.
    despeckle_share=0.6,
    min_background_lightness=0.7,
    suitability=suitability,
)
