"""Where skin is, and which colour it has."""

from __future__ import annotations

import numpy as np

from portraitify.imaging.face_regions import BROWS_TO_CHIN, SKIN_OVAL, FaceEllipse, face_mask, without_features
from portraitify.imaging.filters import blur, smoothstep

# CIELAB distance in a* and b* up to which a colour passes for the sitter's skin, and how far
# its lightness may lie below and above: shadows are skin too.
_HUE_REACH, _BELOW, _ABOVE = 11.0, 38.0, 30.0


def skin_region(landmarks: np.ndarray, shape: tuple[int, ...], region: FaceEllipse = BROWS_TO_CHIN) -> np.ndarray:
    """A part of the face without eyes and mouth, whose colour is not skin.

    Args:
        landmarks: ``(5, 2)`` in pixels.
        shape: height and width of the picture, pixels; what follows is ignored.
        region: which part.

    Returns:
        ``(H, W)`` float32 in 0 to 1.
    """
    return without_features(face_mask(landmarks, shape, region), landmarks)


def skin_weights(photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The skin of the face, by which its mean colour is taken: no eyes, mouth, glasses, fringe or beard.

    Args:
        photo: ``(H, W, 3)`` float32 CIELAB.
        subject_mask: ``(H, W)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels.

    Returns:
        ``(H, W)`` float32 in 0 to 1; never all 0.
    """
    weights = skin_region(landmarks, subject_mask.shape, SKIN_OVAL)
    weights *= subject_mask
    usual = _usual(photo, weights)
    chosen = weights * skin_likeness(photo, usual)
    # A face that the mask misses, or that lies outside the picture, still needs some answer.
    return chosen if chosen.sum() > 1 else np.full_like(weights, 1 / weights.size)


def _usual(lab: np.ndarray, weights: np.ndarray) -> np.ndarray:
    inside = lab[weights > 0.5]
    return np.asarray(np.median(inside, 0) if len(inside) else lab.reshape(-1, 3).mean(0))


def skin_likeness(lab: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """How near colours are to a usual colour of skin, lighter and darker ones of its hue included.

    Args:
        lab: ``(H, W, 3)`` float32 CIELAB.
        usual: ``(3,)`` CIELAB.

    Returns:
        ``(H, W)`` float32 in 0 to 1.
    """
    away = np.hypot(lab[..., 1] - usual[1], lab[..., 2] - usual[2])
    above = lab[..., 0] - usual[0]
    return np.asarray(
        smoothstep(away, 2 * _HUE_REACH, _HUE_REACH)
        * smoothstep(above, -_BELOW, -0.6 * _BELOW)
        * smoothstep(above, _ABOVE, 0.6 * _ABOVE)
    )


def skin_mask(photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Where a change of the skin's colour is felt: face, ears, neck, hands, with soft borders.

    Args:
        photo: ``(H, W, 3)`` float32 CIELAB.
        subject_mask: ``(H, W)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels.
        weights: as `skin_weights` gives.

    Returns:
        ``(H, W)`` float32 in 0 to 1.
    """
    side = max(subject_mask.shape)
    alike = skin_likeness(photo, mean_color(photo, weights))
    # Brows, lips and shadows belong to the face though their colour differs.
    oval = blur(face_mask(landmarks, subject_mask.shape, SKIN_OVAL), 0.02 * side)
    return np.asarray(blur(np.maximum(alike, 0.8 * oval), 0.012 * side) * subject_mask)


def mean_color(lab: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean of ``(H, W, 3)`` colours under ``(H, W)`` weights that are not all 0: ``(3,)`` float64."""
    return np.asarray((lab * weights[..., None]).sum((0, 1), dtype=np.float64) / float(weights.sum(dtype=np.float64)))
