"""A frame around the painting: gilt, wood, or a mat with a bevelled opening.

Each side is a strip of moulding: a height over the board, carved along its
length, lit from the upper left like the paint itself, and mitred at the
corners. The painting inside is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.config import FRAMES, NO_FRAME
from portraitify.errors import ConfigError
from portraitify.imaging.channels import to_uint8
from portraitify.imaging.filters import smoothstep

# Towards the light: right, down, and out of the picture.
_LIGHT = np.array([-0.42, -0.56, 0.71], np.float32)
# Of each side: where its strip goes inwards and where it goes along, as right and down.
_SIDES = {"left": ((1, 0), (0, 1)), "right": ((-1, 0), (0, 1)), "top": ((0, 1), (1, 0)), "bottom": ((0, -1), (1, 0))}
_GOLD_STEPS = (0.0, 0.35, 0.62, 0.85, 1.0)
_GOLD = np.array([[38, 22, 8], [112, 74, 26], [178, 132, 58], [230, 194, 116], [255, 242, 206]], np.float32)
_BOLE = np.array([122, 52, 30], np.float32)
_WALNUT = np.array([[48, 27, 16], [118, 74, 43]], np.float32)
_BOARD = np.array([243, 239, 229], np.float32)
_CORE = np.array([252, 250, 245], np.float32)
_BLACK = np.array([44, 36, 31], np.float32)


@dataclass(frozen=True)
class Strip:
    """One side of a frame before it is cut to its mitres; ``n`` rows from outside to inside.

    Attributes:
        inwards: ``(n, 1)`` float32, 0 at the outer edge to 1 at the painting.
        along: ``(1, L)`` float32, from the middle of the side, in widths of the frame.
        grain: ``(n, L)`` float32 around 0, drawn out along the strip.
        slope: gives from a height ``(n, L)``, in widths of the frame, the light on it, 0 to 1.
    """

    inwards: np.ndarray
    along: np.ndarray
    grain: np.ndarray
    slope: Callable[[np.ndarray], np.ndarray]


def add_picture_frame(picture: np.ndarray, kind: str, seed: int) -> np.ndarray:
    """Put a picture into a frame.

    Args:
        picture: ``(H, W, 3)`` uint8.
        kind: one of ``FRAMES``.
        seed: of grain and wear.

    Returns:
        ``(H + 2 * n, W + 2 * n, 3)`` uint8 with the picture as it was in the middle, where ``n`` is
        the frame's width; or the picture itself for ``none``.

    Raises:
        ConfigError: there is no such frame.
    """
    if kind == NO_FRAME:
        return picture
    if kind not in _KINDS:
        raise ConfigError(f"{kind}: unknown frame. Choose one of {', '.join(FRAMES)}.")
    share, paint, whole = _KINDS[kind]
    height, width = picture.shape[:2]
    broad = max(6, round(share * min(height, width)))
    result = np.empty((height + 2 * broad, width + 2 * broad, 3), np.uint8)
    for number, (side, (inwards, _)) in enumerate(_SIDES.items()):
        length = result.shape[1] if inwards[1] else result.shape[0]
        strip = _strip(broad, length, side, np.random.default_rng((seed, number)))
        _join(result, paint(strip), side, whole)
    result[broad:-broad, broad:-broad] = picture
    return result


def _strip(broad: int, length: int, side: str, random: np.random.Generator) -> Strip:
    inwards, along = (np.array(direction, np.float32) for direction in _SIDES[side])

    def light(height: np.ndarray) -> np.ndarray:
        down, right = np.gradient(height * np.float32(broad))
        x, y = (down * inwards[axis] + right * along[axis] for axis in (0, 1))
        facing = _LIGHT[2] - x * _LIGHT[0] - y * _LIGHT[1]
        return np.asarray(np.clip(facing / np.sqrt(1 + x * x + y * y), 0, 1).astype(np.float32))

    ticks = (np.arange(length, dtype=np.float32) + 0.5 - length / 2) / broad
    cells = max(4, round(1.5 * length / broad))
    coarse = random.standard_normal((64, cells), np.float32) + np.repeat(
        random.standard_normal((16, cells), np.float32), 4, axis=0
    )
    grain = cv2.resize(coarse, (length, broad), interpolation=cv2.INTER_CUBIC)
    rows = (np.arange(broad, dtype=np.float32)[:, None] + 0.5) / broad
    return Strip(rows, ticks[None], grain, light)


def _join(result: np.ndarray, strip: np.ndarray, side: str, whole: tuple[float, float]) -> None:
    """Lay a strip into its place, cut at 45 degrees where it meets the sides that lie there already.

    Between the two places ``whole``, 0 outside to 1 inside, all sides are of one piece.
    """
    broad, length = strip.shape[:2]
    # The joint is a fine dark line, as of wood that has shrunk.
    rows = np.arange(broad)[:, None]
    place = np.minimum(np.arange(length), np.arange(length)[::-1])[None]
    jointed = (rows < whole[0] * broad) | (rows >= whole[1] * broad)
    joint = np.clip(1 - np.abs(place - rows) / max(broad / 90, 0.8), 0, 1) * jointed
    strip = strip * (1 - 0.35 * joint)[..., None]
    painted = to_uint8(strip)
    if side in ("left", "right"):
        laid = painted.transpose(1, 0, 2)
        if side == "left":
            result[:, :broad] = laid
        else:
            result[:, -broad:] = laid[:, ::-1]
        return
    part = result[:broad] if side == "top" else result[-broad:][::-1]
    inside = place >= rows
    part[inside] = painted[inside]


def _bump(place: np.ndarray, middle: float, reach: float) -> np.ndarray:
    """A half-round bead, 0 to 1."""
    return np.sqrt(np.clip(1 - ((place - middle) / reach) ** 2, 0, 1))


def _gilt(strip: Strip) -> np.ndarray:
    """Carved and gilded: a bead outside, a hollow with leaves, a row of pearls, a plain edge."""
    v, grain = strip.inwards, strip.grain
    profile = 0.07 * _bump(v, 0.075, 0.075) + 0.20 * smoothstep(v, 0.10, 0.24)
    profile = profile - 0.22 * np.clip((v - 0.26) / 0.42, 0, 1) ** 0.6 + 0.045 * _bump(v, 0.93, 0.07)
    # Leaves fan out along the hollow; pearls sit in a groove below it.
    fan = np.abs(np.sin(np.pi * (strip.along / 0.30 + 0.25 * np.cos(np.pi * v * 2))))
    leaves = 0.055 * np.sqrt(fan) * smoothstep(v, 0.27, 0.36) * smoothstep(v, 0.66, 0.56)
    pitch = 0.135
    across = np.mod(strip.along + pitch / 2, pitch) - pitch / 2
    pearls = np.sqrt(np.clip(0.055**2 - (v - 0.765) ** 2 - across**2, 0, None))
    height = profile + leaves + 0.9 * pearls + 0.0006 * grain
    light = strip.slope(height)
    # Dirt stays in the hollows.
    low = smoothstep(profile + leaves + pearls, 0.10, 0.0)
    tone = np.clip(light * (1 - 0.28 * low) + 0.008 * grain, 0, 1)
    gold = np.dstack([np.interp(tone, _GOLD_STEPS, _GOLD[:, channel]) for channel in range(3)]).astype(np.float32)
    worn = (0.35 * smoothstep(grain, 1.7, 3.2) * smoothstep(light, 0.55, 0.9))[..., None]
    return np.asarray(gold + (_BOLE * (0.5 + 0.7 * light[..., None]) - gold) * worn)


def _wood(strip: Strip) -> np.ndarray:
    """A cushion of polished walnut with a gilt slip."""
    v, grain = strip.inwards, strip.grain
    height = 0.22 * _bump(v, 0.42, 0.46) ** 1.4 + np.zeros_like(grain)
    slip = smoothstep(v, 0.875, 0.885)
    light = strip.slope(height + 0.05 * _bump(v, 0.945, 0.055))
    veins = smoothstep(grain + 0.8 * np.sin(40 * v + 1.2 * grain), -2.2, 2.2)[..., None]
    wood = (_WALNUT[0] + (_WALNUT[1] - _WALNUT[0]) * veins) * (0.25 + 1.05 * light[..., None])
    wood += 60 * np.clip(light - 0.9, 0, 1)[..., None]
    gold = np.dstack([np.interp(light, _GOLD_STEPS, _GOLD[:, channel]) for channel in range(3)]).astype(np.float32)
    return np.asarray(wood + (gold - wood) * slip[..., None])


def _mat(strip: Strip) -> np.ndarray:
    """A narrow dark moulding, a cream board, and its white core where the opening is cut."""
    v, grain = strip.inwards, strip.grain
    height = 0.10 * _bump(v, 0.07, 0.075) + 0.05 * smoothstep(v, 1.005, 0.968) + np.zeros_like(grain)
    light = strip.slope(height)
    flat = float(_LIGHT[2])
    board = _BOARD * (1 + 0.55 * (light - flat))[..., None]
    core = _CORE * np.clip(0.9 + 0.3 * (light - flat), 0, 1)[..., None]
    black = _BLACK * (0.3 + 1.5 * light)[..., None]
    picture = board + (core - board) * smoothstep(v, 0.966, 0.970)[..., None]
    # The moulding stands above the board.
    picture *= (1 - 0.28 * smoothstep(v, 0.21, 0.145) * (1 if light[:3].mean() > flat else 0.4))[..., None]
    return np.where((v > 0.145)[..., None], picture, black)


# Width of each as a share of the picture's shorter side, how it is painted, and between which
# places it is of one piece.
_KINDS: dict[str, tuple[float, Callable[[Strip], np.ndarray], tuple[float, float]]] = {
    "gilt": (0.13, _gilt, (1.0, 1.0)),
    "wood": (0.085, _wood, (1.0, 1.0)),
    "mat": (0.17, _mat, (0.145, 0.966)),
}
