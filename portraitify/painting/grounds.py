"""One quiet ground behind a sitter: lighter behind the shadow side, darker behind the lit one and in the corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.crop_window import WHOLE_CANVAS, CropWindow
from portraitify.imaging.filters import smoothstep
from portraitify.media.base import BackgroundTexture, Ground

# Side of the grid on which grounds are worked out, cells: nothing in them is finer.
_GRID = 256
# How much of the differences within the reference's background remains.
_OWN_VARIATION = 0.5
# Broad patches: how many, their size as standard deviations in parts of the window, and how much warmer the light ones
# are.
_PATCHES, _PATCH_SIGMA, _PATCH_WARMTH = 3, (0.16, 0.34), 0.25
# How much a ground's odds grow with its distance in colour from the head, and fall with its likeness to the dress.
_SET_OFF, _LIKE_DRESS, _FAR_COLOUR = 1.6, 0.6, 0.25
# How much chance counts beside that.
_CHANCE = 0.8
# Share of the height that a head fills, from which on a landscape has no room and loses odds, and how much.
_FILLED, _NO_ROOM = (0.7, 0.9), 3.0
# How fast it turns: radians for a step from black to white in one channel.
_TURNS = 12.0


@dataclass(frozen=True)
class Sitting:
    """Where a sitter is on the canvas and how the light falls; lengths in parts of the canvas's side.

    Attributes:
        centre: right and down, of the face.
        radius: half the height of the head.
        light: ``(2,)`` towards the light, to the right and downwards, of length 1.
        window: the part of the canvas that is kept.
        hair: mean colour above the forehead, ``(3,)`` in 0 to 1.
        dress: mean colour at the lower edge, ``(3,)`` in 0 to 1.
    """

    centre: tuple[float, float] = (0.5, 0.45)
    radius: float = 0.2
    light: tuple[float, float] = (-0.7, -0.7)
    window: CropWindow = WHOLE_CANVAS
    hair: tuple[float, float, float] = (0.2, 0.15, 0.1)
    dress: tuple[float, float, float] = (0.2, 0.2, 0.2)


def choose_ground(grounds: Sequence[Ground], sitting: Sitting, random: np.random.Generator) -> Ground | None:
    """The ground that sets off a head and its dress, and not the same for everybody; None if there are none."""
    if not grounds:
        return None
    # Which also turns with the colours of the sitter, smoothly, so that engines that differ by a level agree.
    phases, turns = random.uniform(0, 2 * np.pi, len(grounds)), random.normal(0, _TURNS, (len(grounds), 6))
    chance = np.sin(phases + turns @ np.array([*sitting.hair, *sitting.dress]))
    filled = float(smoothstep(np.array(2 * sitting.radius / sitting.window.height), *_FILLED))
    scores = [
        np.log(ground.odds)
        - _NO_ROOM * (ground.sky is not None) * filled
        + _SET_OFF * _apart(ground, sitting.hair)
        + _LIKE_DRESS * _apart(ground, sitting.dress)
        + _CHANCE * luck
        for ground, luck in zip(grounds, chance, strict=True)
    ]
    return grounds[int(np.argmax(scores))]


def _apart(ground: Ground, colour: tuple[float, float, float]) -> float:
    seen = ground.sky or ground.colour
    return float(np.tanh(np.linalg.norm(np.subtract(seen, colour)) / _FAR_COLOUR))


def paint_ground(
    side_px: int,
    colours: np.ndarray,
    texture: BackgroundTexture,
    random: np.random.Generator,
    sitting: Sitting | None = None,
) -> np.ndarray:
    """Paint what lies behind a sitter.

    Args:
        side_px: of the result.
        colours: ``(h, w, 3)`` float32 in 0 to 1, a coarse map of the reference's background.
        texture: how it is lit, and what it may be.
        random: which it is, and where its patches lie.
        sitting: how the sitter sits; by default in the middle, lit from the upper left.

    Returns:
        ``(S, S, 3)`` float32 in 0 to 1.
    """
    sitting = sitting or Sitting()
    ground = choose_ground(texture.grounds, sitting, random)
    ticks = (np.arange(_GRID, dtype=np.float32) + 0.5) / _GRID
    x, y = np.meshgrid(ticks, ticks)
    window = sitting.window
    across, down = (x - window.left) / window.width, (y - window.top) / window.height
    tone = _light(x, y, sitting, texture.light) - texture.falloff * _falloff(across, down)
    patches = _patches(across, down, random)
    tone += texture.patches * patches
    warmth = _PATCH_WARMTH * texture.patches * patches
    if ground is None:
        base = _reference_colours(colours)
    elif ground.sky is not None:
        base, tone = _landscape(across, down, ground, sitting, random), 0.4 * tone
    else:
        base = np.broadcast_to(np.array(ground.colour, np.float32), (_GRID, _GRID, 3)).copy()
        if ground.curtain is not None:
            _hang_curtain(base, across, down, np.array(ground.curtain, np.float32), sitting, random)
    painted = base * np.exp(np.dstack([tone + warmth, tone, tone - warmth]))
    return np.asarray(cv2.resize(painted.astype(np.float32), (side_px, side_px), interpolation=cv2.INTER_LINEAR))


def _reference_colours(colours: np.ndarray) -> np.ndarray:
    mean = colours.mean((0, 1), keepdims=True)
    calm = mean + _OWN_VARIATION * (colours - mean)
    wide = cv2.resize(calm.astype(np.float32), (_GRID, _GRID), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(wide, (0, 0), _GRID / 10))


def _light(x: np.ndarray, y: np.ndarray, sitting: Sitting, strength: float) -> np.ndarray:
    """Logarithm of the light on the ground: it passes the head and falls behind its shadow side."""
    right, below = ((axis - middle) / sitting.radius for axis, middle in zip((x, y), sitting.centre, strict=True))
    lit = np.tanh(0.5 * (right * sitting.light[0] + 0.5 * below * sitting.light[1]))
    near = np.exp(-(right * right + 0.7 * below * below) / 8)
    return np.asarray(strength * (0.4 * near - lit * (0.8 + 0.4 * near)))


def _falloff(across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """How much darker the corners and the part behind the shoulders are, 0 to 1."""
    away = np.hypot(1.1 * (across - 0.5), np.where(down < 0.55, 1.0, 0.6) * (down - 0.55))
    return np.asarray(np.maximum(smoothstep(away, 0.3, 0.85), 0.6 * smoothstep(down, 0.5, 1.0)))


def _patches(across: np.ndarray, down: np.ndarray, random: np.random.Generator) -> np.ndarray:
    total = np.zeros_like(across)
    for sign in (1, -1, 1)[:_PATCHES]:
        (right, below), (wide, high) = random.random(2), random.uniform(*_PATCH_SIGMA, 2)
        turn = random.uniform(-0.6, 0.6)
        u, v = across - right, down - below
        u, v = (u + turn * v) / wide, (v - turn * u) / high
        total += sign * np.exp(-0.5 * (u * u + v * v))
    return total


def _hang_curtain(
    base: np.ndarray,
    across: np.ndarray,
    down: np.ndarray,
    colour: np.ndarray,
    sitting: Sitting,
    random: np.random.Generator,
) -> None:
    """Hang a curtain with two or three broad folds in front of the ground, on the side of the light."""
    inward = across if sitting.light[0] < 0 else 1 - across
    wide, drawn_up, folds, phase = random.uniform((0.26, 0.04, 2.0, 0.0), (0.34, 0.12, 3.0, 1.0))
    edge = wide + drawn_up * np.cos(np.pi * np.clip(down, 0, 1)) + 0.015 * np.sin(5 * down + 6 * phase)
    place = inward / edge * folds + phase + 0.18 * down + 0.06 * np.sin(4 * down + 9 * phase)
    # Rounded ridges and narrow valleys.
    ridge = 1 - np.abs(np.sin(np.pi * place)) ** 1.5
    shade = np.exp(0.75 * (0.45 - ridge) + 0.35 * np.sin(2 * np.pi * place + 0.8) - 0.5 * smoothstep(down, 0.3, 1.1))
    inside = smoothstep(inward - edge, 0.012, -0.012)
    # Behind its edge the ground lies in its shadow.
    cast = 1 - 0.45 * np.exp(-np.maximum(inward - edge, 0) / 0.06)
    base *= (cast * (1 - inside))[..., None]
    base += (shade * inside)[..., None] * colour


def _landscape(
    across: np.ndarray, down: np.ndarray, ground: Ground, sitting: Sitting, random: np.random.Generator
) -> np.ndarray:
    """A distant country under a sky that grows lighter towards the horizon, each line of hills nearer and darker."""
    sky, near = np.array(ground.sky, np.float32), np.array(ground.colour, np.float32)
    horizon = _horizon(sitting)
    pale = 0.45 * sky + 0.55 * np.array((0.80, 0.74, 0.58), np.float32)
    share = smoothstep(down, 0.05, horizon)[..., None]
    base = sky * (1 - share) + pale * share
    haze = 0.6 * sky + 0.25 * pale
    for number in range(3):
        depth = number / 2
        top = horizon + (0.02 + 0.09 * depth) - _hills(across, 2.0 + 1.5 * number, 0.045 - 0.01 * number, random)
        soft = 0.006 + 0.004 * depth
        inside = smoothstep(down - top, -soft, soft)[..., None]
        lit = 1.12 - 0.25 * smoothstep(down - top, 0.0, 0.15)[..., None]
        base = base * (1 - inside) + inside * lit * (haze * (1 - depth) + near * depth)
    return np.asarray(base, np.float32)


def _horizon(sitting: Sitting) -> float:
    """How far down the window the horizon lies: behind the mouth, above the shoulders."""
    return (sitting.centre[1] + 0.45 * sitting.radius - sitting.window.top) / sitting.window.height


def _hills(across: np.ndarray, cycles: float, height: float, random: np.random.Generator) -> np.ndarray:
    phases, total = random.random(3), np.zeros_like(across)
    for octave, phase in enumerate(phases):
        total += 0.5**octave * np.sin(2 * np.pi * (cycles * 2**octave * across / 2 + phase))
    return height * total
