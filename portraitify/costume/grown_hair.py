"""Hair that the photo's edges cut: how much of a crown is missing, and hair to go on with, above and below."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from portraitify.imaging.channels import gray_to_rgb
from portraitify.imaging.filters import normalized_blur, smoothstep
from portraitify.imaging.morphology import runs

# What is left of a head's half width at a cut, as a share, from which on its sides no longer say where it closes.
_UPRIGHT = 0.97
# Share of hair near by from which on it tells the colour of hair.
_KNOWN = 0.05
# By how much the grid is coarser on which its colour is carried on.
_COARSER = 8
# Share of its strands that mirrored hair keeps, so that no crease is seen.
_STRANDS = 0.6
# How far hair beside the edge of a lock reaches, as a fraction of what its middle does.
_SHORTEST = np.float32(0.25)


@dataclass(frozen=True)
class Crown:
    """A cut through a head, and the half ellipse that would close it; all in pixels.

    Attributes:
        row: of the cut, from the top.
        middle: of the head there, from the left.
        half_chord: half the width of the head there.
        half_width: of the head where it is widest.
        rise: how far it would go on above the cut; 0 where nothing is cut.
    """

    row: float
    middle: float
    half_chord: float
    half_width: float
    rise: float

    def moved(self, offset: np.ndarray) -> Crown:
        """The same on a canvas on which the crop's corner lies at ``offset`` ``(2,)``."""
        return Crown(self.row + offset[1], self.middle + offset[0], self.half_chord, self.half_width, self.rise)

    def cap(self, size_px: int) -> np.ndarray:
        """What is missing, ``(size_px, size_px)`` float32 in 0 to 1, with a soft edge."""
        columns, rows = np.arange(size_px) + 0.5, np.arange(size_px)[:, None] + 0.5
        depth = self.rise / max(1 - np.sqrt(1 - (self.half_chord / self.half_width) ** 2), 1e-3)
        across = np.minimum(np.abs(columns - self.middle) / self.half_width, 1)
        upper = self.row - self.rise + depth * (1 - np.sqrt(1 - across**2))
        soft = max(0.04 * self.half_width, 1)
        inside = smoothstep((rows - upper) / soft, 0.0, 1.0) * (across < self.half_chord / self.half_width)
        return np.asarray(inside * (rows < self.row), np.float32)


def find_crown(alpha: np.ndarray, row: int, eyes: float, most: float) -> Crown:
    """Measure a cut.

    Args:
        alpha: ``(S, S)`` float32 in 0 to 1, the head.
        row: first that the photo shows of it.
        eyes: row of the eyes.
        most: how far a head may go on above a cut, pixels.
    """
    inside = alpha[row : max(round(eyes), row + 1)] > 0.5
    widths = inside.sum(1)
    chord, widest = float(widths[0]), float(max(widths.max(), 1))
    columns = np.flatnonzero(inside[0])
    if len(columns) == 0:
        return Crown(row, 0.0, 0.0, widest / 2, 0.0)
    down = max(int(widths.argmax()), 1)
    flat = np.sqrt(1 - min(chord / widest, _UPRIGHT) ** 2)
    rise = min(down / flat - down, most)
    return Crown(row, float(columns.mean()) + 0.5, chord / 2, max(widest, chord / _UPRIGHT) / 2, float(rise))


def grow_crown(own: np.ndarray, alpha: np.ndarray, hair: np.ndarray, crown: Crown) -> tuple[np.ndarray, np.ndarray]:
    """Complete a crown with the hair below the cut.

    Args:
        own: ``(C, C, 3)`` uint8, the painted head.
        alpha: ``(C, C)`` float32 in 0 to 1, its outline.
        hair: ``(C, C)`` float32 in 0 to 1, what of it is hair.
        crown: what is missing, in pixels of the same canvas.

    Returns:
        Head and outline with it.
    """
    row, cap = round(crown.row), crown.cap(len(own))
    rise = min(int(np.ceil(crown.rise)) + 1, row)
    if rise <= 1:
        return own, alpha
    band = slice(row, min(row + rise, len(own)))
    if hair[band].max() < 0.5:
        return own, alpha
    mirrored = _hair_alone(own[band], hair[band], 0.25 * crown.half_width)[::-1]
    target = slice(row - len(mirrored), row)
    grown = own.copy()
    grown[target] = np.where(cap[target][..., None] > 0, mirrored, own[target])
    above = np.arange(len(own))[:, None] < row
    return grown, np.where(above, cap, alpha).astype(np.float32)


def grow_tails(
    own: np.ndarray, alpha: np.ndarray, bald: np.ndarray, end: int, length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Let long hair that the photo's lower edge cuts go on, and fade.

    Args:
        own: ``(C, C, 3)`` uint8, the painted head.
        alpha: ``(C, C)`` float32 in 0 to 1, its outline.
        bald: ``(C, C)`` float32 in 0 to 1, face and neck, whose skin is no hair.
        end: first row that the photo does not show.
        length: of what is added, pixels.

    Returns:
        Head and outline with it.
    """
    length = min(length, len(own) - end, end)
    band = slice(end - length, end)
    hair = alpha[band] * (1 - bald[band])
    if length < 2 or not (hair[-1] > 0.5).any():
        return own, alpha
    grown, longer, target = own.copy(), alpha.copy(), slice(end, end + length)
    grown[target] = _hair_alone(own[band], hair, 0.2 * length)[::-1]
    depth = ((np.arange(length, dtype=np.float32) + 0.5) / length)[:, None]
    left = 1 - depth / _lock_lengths(hair[-1] > 0.5)
    # What stops above the edge does not begin again below it.
    unbroken = np.minimum.accumulate(hair[::-1], 0)
    longer[target] = unbroken * smoothstep(left, 0.0, 1.0)
    return grown, longer


def _lock_lengths(hair: np.ndarray) -> np.ndarray:
    """How far locks reach, 0 to 1, ``(C,)`` float32: each run of hair in a row ``(C,)`` of where it is ends round."""
    lengths: np.ndarray = np.full(len(hair), _SHORTEST, np.float32)
    for start, end in runs(hair):
        across = np.linspace(-1, 1, end - start + 2, dtype=np.float32)[1:-1]
        lengths[start:end] = _SHORTEST + (1 - _SHORTEST) * np.sqrt(1 - across**2)
    return lengths


def _hair_alone(shown: np.ndarray, hair: np.ndarray, sigma_px: float) -> np.ndarray:
    """A band ``(h, C, 3)`` uint8 with the colours of hair ``(h, C)`` carried over what is none."""
    size = tuple(max(1, round(side / _COARSER)) for side in hair.shape[::-1])
    weighted, weight = (
        cv2.resize(field, size, interpolation=cv2.INTER_AREA) for field in (shown * gray_to_rgb(hair), hair)
    )
    near, known = normalized_blur(weighted, weight, max(sigma_px / _COARSER, 0.5))
    mean = weighted.sum((0, 1)) / max(float(weight.sum()), 1e-3)
    near = mean + (near - mean) * np.clip(known / _KNOWN, 0, 1)[..., None]
    even = cv2.resize(near.astype(np.float32), hair.shape[::-1], interpolation=cv2.INTER_LINEAR)
    kept = _STRANDS * cv2.erode(hair, np.ones((5, 5), np.uint8))[..., None]
    return np.asarray(np.rint(even + (shown - even) * kept), np.uint8)
