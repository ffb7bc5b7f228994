"""The last layer: what a medium shows when one steps closer."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from portraitify.config import STYLES
from portraitify.errors import ConfigError
from portraitify.imaging.crop_window import WHOLE_CANVAS, Window
from portraitify.imaging.despeckle import despeckle
from portraitify.imaging.enlarge import enlarge
from portraitify.media.ink import paint_ink
from portraitify.media.oil import paint_oil
from portraitify.media.palette import Palette
from portraitify.media.renaissance import paint_renaissance
from portraitify.media.scene import PLAN_PX, Scene, make_scene
from portraitify.media.watercolor import paint_watercolor

# Rows at a time; bounds memory at 4096 pixels.
BAND_PX = 512
# Of the spots in skin, and of all small things in washes, which are broad; the surface that faces
# lose by it comes from the medium.
_EVENED = 0.6

MEDIA: dict[str, Callable[[Scene], Callable[[int, int], np.ndarray]]] = {
    "renaissance": paint_renaissance,
    "oil": paint_oil,
    "watercolor": paint_watercolor,
    "ink": paint_ink,
}
# Set beside training paintings: oils were too contrasty and their grounds too light and colourful,
# Renaissance clothes and grounds too cold, washes too saturated and too warm. Ink has no colours to mix.
PALETTES = {
    "renaissance": Palette(chroma=1.1, warmth=4.0, background_chroma=1.1, white=(0.5, 1.0)),
    "oil": Palette(contrast=0.93, chroma=1.1, background_lightness=0.82, background_chroma=0.8, white=(0.5, 7.0)),
    "watercolor": Palette(chroma=0.9, warmth=-3.0, background_chroma=0.9),
}


def finish(
    painting: np.ndarray,
    style: str,
    size_px: int,
    strength: float,
    seed: int,
    subject_mask: np.ndarray,
    landmarks: np.ndarray,
    window: Window = WHOLE_CANVAS,
    photo: np.ndarray | None = None,
) -> np.ndarray:
    """Bring a painting to its output size in the terms of its medium.

    All features scale with the picture, so that a larger one shows the same
    strokes in finer detail. Pictures smaller than the plan are finished at the
    plan's size and then shrunk.

    Args:
        painting: ``(S, S, 3)`` uint8.
        style: one of ``STYLES``.
        size_px: side of the square of which the window is kept.
        strength: 0 to 1; 0 gives `enlarge` and nothing else.
        seed: of everything random.
        subject_mask: float32 in 0 to 1, square and of any size.
        landmarks: ``(5, 2)`` or ``(N, 5, 2)`` in pixels of the painting.
        window: the part that is kept; corners and margins lie where it ends.
        photo: ``(S, S, 3)`` uint8, the same frame. If it is given, ink hatches faces about as dark
            as they are there; other media are corrected afterwards, see `color.hold_skin`.

    Returns:
        ``(H, W, 3)`` uint8, ``size_px`` at its longer side.

    Raises:
        ConfigError: the style is unknown or the strength is outside 0 to 1.
    """
    if style not in MEDIA:
        raise ConfigError(f"{style!r} is no style; choose one of {', '.join(STYLES)}.")
    if not 0 <= strength <= 1:
        raise ConfigError(f"The strength of the finish is {strength}; it must lie between 0 and 1.")
    left, top, right, bottom = window.box(size_px)
    plain = enlarge(painting, size_px)[top:bottom, left:right] if strength < 1 else None
    if plain is not None and strength == 0:
        return np.ascontiguousarray(plain)
    if style in PALETTES:
        painting = PALETTES[style].mix(painting, subject_mask, landmarks, photo)
    painting = despeckle(painting, landmarks, _EVENED, _EVENED if style == "watercolor" else 0.0)
    fitting = enlarge(painting, max(size_px, PLAN_PX))
    scene = make_scene(painting, subject_mask, landmarks, fitting, seed, window, photo)
    paint = MEDIA[style](scene)
    if scene.size_px != size_px:
        whole = np.clip(paint(0, scene.size_px), 0, 255).astype(np.float32)
        full = cv2.resize(whole, (size_px, size_px), interpolation=cv2.INTER_AREA)
        return _mix(plain, full[top:bottom, left:right], strength)
    result = np.empty((bottom - top, right - left, 3), np.uint8)
    for above in range(top, bottom, BAND_PX):
        below = min(above + BAND_PX, bottom)
        rows = slice(above - top, below - top)
        result[rows] = _mix(plain if plain is None else plain[rows], paint(above, below)[:, left:right], strength)
    return result


def _mix(plain: np.ndarray | None, full: np.ndarray, strength: float) -> np.ndarray:
    mixed = full if plain is None else plain * np.float32(1 - strength) + full * np.float32(strength)
    return np.clip(mixed + np.float32(0.5), 0, 255).astype(np.uint8)
