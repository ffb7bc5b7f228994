"""Hair in another colour: its light and dark stays, its hue and depth are those of the new colour."""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.face_parts import FacePart, outline_of, part_mask
from portraitify.imaging.filters import blur, smoothstep
from portraitify.imaging.morphology import disc
from portraitify.imaging.skin import skin_likeness
from portraitify.morphing.sitter import VIEW_PX

# Mean L*, a* and b* of hair, and by what its contrast is multiplied.
HAIR_COLOURS = {
    "black": ((14.0, 0.5, 1.0), 0.8),
    "brown": ((28.0, 6.0, 11.0), 0.9),
    "blond": ((62.0, 4.0, 24.0), 1.0),
    "red": ((38.0, 22.0, 28.0), 0.95),
    "grey": ((56.0, 0.5, 3.0), 1.05),
    "white": ((78.0, 0.0, 3.0), 0.9),
}
# How much of the way to the new colour hair goes: lighter hair loses its modelling otherwise.
_SHARE = 0.9
# Where hair is looked for, in heights of the face: above the forehead, beside the face, and below the
# chin, where dress begins to be likelier.
_ABOVE, _BESIDE, _BELOW = 0.75, 0.55, (0.5, 1.0)
# Distance in CIELAB from the usual colours of hair, in deviations, up to which something is hair, and beyond not.
_ALIKE = (2.2, 3.6)
_LEAST_SPREAD = np.array([9.0, 5.0, 6.0])
# How far down from the top of the face's outline a fringe may hang, in heights of the face.
_FRINGE = (0.07, 0.17)
# Values of the mask between which the sitter ends for sure.
_SURELY = (0.45, 0.85)
# Standard deviation of the Gaussian over strands, pixels of the view; their contrast, as a share of the lightness, from
# which on nothing is skin, and up to which all may be; and what the noise of a photo comes to, L*.
_STRAND_PX, _STRANDS, _NOISE = 2.5, (0.05, 0.025), 8.0
# Width of the band above the forehead that tells the colours of hair, in heights of the face.
_BAND = 0.16


def recolour_hair(view: np.ndarray, mask: np.ndarray, shape: np.ndarray, tone: np.ndarray, colour: str) -> np.ndarray:
    """Give hair another colour.

    Args:
        view: ``(VIEW_PX, VIEW_PX, 3)`` float32 CIELAB.
        mask: ``(VIEW_PX, VIEW_PX)`` float32 in 0 to 1, the sitter.
        shape: ``(468, 3)`` of the face, pixels of the view.
        tone: ``(3,)`` CIELAB of the skin.
        colour: one of ``HAIR_COLOURS``.

    Returns:
        ``(VIEW_PX, VIEW_PX, 3)`` float32 CIELAB; as it was where no hair is found.
    """
    hair = hair_mask(view, mask, shape, tone)
    total = float(hair.sum())
    if total < 1e-3 * hair.size:
        return view
    (goal, contrast), mean = HAIR_COLOURS[colour], (view * hair[..., None]).sum((0, 1)) / total
    changed = view.copy()
    changed[..., 0] = goal[0] + contrast * _bent(view[..., 0] - mean[0], goal[0])
    # Shadows in hair have less colour than its lights.
    depth = np.clip(changed[..., 0] / max(goal[0], 1.0), 0.3, 1.4)[..., None]
    changed[..., 1:] = np.array(goal[1:]) * depth + 0.15 * (view[..., 1:] - mean[1:])
    return np.asarray(view + _SHARE * hair[..., None] * (changed - view), np.float32)


def _bent(away: np.ndarray, level: float) -> np.ndarray:
    """Differences of lightness that fit between black and white around a level."""
    room = np.where(away < 0, max(level - 4.0, 4.0), max(96.0 - level, 4.0))
    return np.asarray(room * np.tanh(away / room))


def hair_mask(view: np.ndarray, mask: np.ndarray, shape: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """Where hair is, by what lies right above the forehead and its colours: ``(VIEW_PX, VIEW_PX)`` float32, 0 to 1.

    Args:
        view: see :func:`recolour_hair`.
        mask: likewise.
        shape: likewise.
        tone: likewise.
    """
    outline = outline_of(shape, FacePart.FACE)
    (left, top), (right, bottom) = outline.min(0), outline.max(0)
    height = bottom - top
    face = part_mask(shape[None], (FacePart.FACE,), mask.shape, 0)
    rows, columns = np.mgrid[:VIEW_PX, :VIEW_PX].astype(np.float32)
    away = np.maximum(left - columns, columns - right)
    near = smoothstep(away, (_BESIDE + 0.1) * height, _BESIDE * height)
    near *= smoothstep(rows, bottom + _BELOW[1] * height, bottom + _BELOW[0] * height)
    near *= smoothstep(rows, top - (_ABOVE + 0.1) * height, top - _ABOVE * height)
    bare = skin_likeness(view, tone) * _smooth(view[..., 0])
    # A fringe lies inside of the face's outline.
    fringe = smoothstep(rows, top + _FRINGE[1] * height, top + _FRINGE[0] * height)
    outside = smoothstep(mask, *_SURELY) * near * np.maximum(1 - face, fringe)
    band = cv2.dilate(face, disc(_BAND * height)) * (rows < top + 0.25 * height) * outside * (1 - bare)
    if band.sum() < 50:
        return np.zeros_like(mask)
    seen = view[band > 0.5]
    if len(seen) < 50:
        return np.zeros_like(mask)
    usual, spread = np.median(seen, 0), np.maximum(seen.std(0), _LEAST_SPREAD)
    far = np.sqrt((((view - usual) / spread) ** 2).sum(-1) / 3).astype(np.float32)
    alike = smoothstep(far, _ALIKE[1] / np.sqrt(3), _ALIKE[0] / np.sqrt(3)) * (1 - bare)
    found = _joined((alike * outside > 0.4).astype(np.uint8), band > 0.5)
    return np.asarray(blur((found * np.maximum(alike, 0.5)).astype(np.float32), 0.003 * VIEW_PX) * outside)


def _smooth(light: np.ndarray) -> np.ndarray:
    """Where a lightness ``(H, W)`` in L* has no strands: 0 to 1."""
    light = np.ascontiguousarray(light)
    fine = light - blur(light, _STRAND_PX)
    texture = np.sqrt(blur(fine * fine, 3 * _STRAND_PX)) / (blur(light, 3 * _STRAND_PX) + _NOISE)
    return smoothstep(texture, *_STRANDS)


def _joined(found: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Of what was found, what hangs together with the seeds, without its holes: ``(H, W)`` 0 or 1."""
    closed = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    _, labels = cv2.connectedComponents(closed)
    own = np.unique(labels[seeds & (closed > 0)])
    return np.isin(labels, own[own > 0]).astype(np.float32)
