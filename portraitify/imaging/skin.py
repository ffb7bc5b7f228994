"""Where skin is, and which colour it has."""

from __future__ import annotations

import numpy as np

from portraitify.imaging.cielab import lab_to_rgb, rgb_to_lab
from portraitify.imaging.fields import blur, smoothstep

# CIELAB distance in a* and b* up to which a colour passes for the sitter's skin, and how far
# its lightness may lie below and above: shadows are skin too.
_HUE_REACH, _BELOW, _ABOVE = 11.0, 38.0, 30.0
_EYE_REACH, _MOUTH_REACH = 0.27, 0.72


def to_lab(image: np.ndarray) -> np.ndarray:
    """sRGB in 0 to 255 to CIELAB under D65.

    Args:
        image: ``(H, W, 3)`` uint8 or float32; what lies outside 0 to 255 is cut off.

    Returns:
        ``(H, W, 3)`` float32.
    """
    return rgb_to_lab(np.clip(np.asarray(image, np.float32) * np.float32(1 / 255), 0, 1))


def to_rgb(lab: np.ndarray) -> np.ndarray:
    """CIELAB to sRGB: ``(H, W, 3)`` float32 in 0 to 255; colours that do not exist are cut off."""
    return lab_to_rgb(lab) * 255


def face_oval(landmarks: np.ndarray, height: int, width: int) -> np.ndarray:
    """A soft ellipse from the hairline to the chin, leaning with the head.

    Args:
        landmarks: ``(5, 2)`` in pixels.
        height: of the picture.
        width: of the picture.

    Returns:
        ``(height, width)`` float32 in 0 to 1.
    """
    eyes, mouth = landmarks[:2].mean(0), landmarks[3:].mean(0)
    down = mouth - eyes
    unit = max(float(np.linalg.norm(down)), 1.0)
    centre, (right, below) = eyes + 0.27 * down, down / unit
    y, x = np.mgrid[:height, :width].astype(np.float32) + 0.5
    along = (x - centre[0]) * right + (y - centre[1]) * below
    across = (x - centre[0]) * below - (y - centre[1]) * right
    distance = np.hypot(across / (0.80 * unit), along / (1.26 * unit))
    return np.clip((1 - distance) * 6 + 0.5, 0, 1).astype(np.float32)


def skin_weights(photo: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The skin of the face, by which its mean colour is taken: no eyes, mouth, glasses, fringe or beard.

    Args:
        photo: ``(H, W, 3)`` float32 CIELAB.
        subject_mask: ``(H, W)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels.

    Returns:
        ``(H, W)`` float32 in 0 to 1; never all 0.
    """
    height, width = subject_mask.shape
    left_eye, right_eye, _, left_mouth, right_mouth = landmarks
    mouth = (left_mouth + right_mouth) / 2
    between = max(float(np.linalg.norm(right_eye - left_eye)), 1.0)
    wide = _MOUTH_REACH * max(float(np.linalg.norm(right_mouth - left_mouth)), 1.0)
    y, x = np.mgrid[:height, :width].astype(np.float32) + 0.5
    weights = face_oval(landmarks, height, width) * subject_mask
    for eye in (left_eye, right_eye):
        weights[np.hypot(x - eye[0], y - eye[1]) < _EYE_REACH * between] = 0
    weights[np.hypot((x - mouth[0]) / wide, (y - mouth[1]) / (0.55 * wide)) < 1] = 0
    usual = _usual(photo, weights)
    chosen = weights * skin_likeness(photo, usual)
    # A face that the mask misses, or that lies outside the picture, still needs some answer.
    return chosen if chosen.sum() > 1 else np.full_like(weights, 1 / weights.size)


def _usual(lab: np.ndarray, weights: np.ndarray) -> np.ndarray:
    inside = lab[weights > 0.5]
    return np.median(inside, 0) if len(inside) else lab.reshape(-1, 3).mean(0)


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
    return (
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
    oval = blur(face_oval(landmarks, *subject_mask.shape), 0.02 * side)
    return blur(np.maximum(alike, 0.8 * oval), 0.012 * side) * subject_mask


def mean_color(lab: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean of ``(H, W, 3)`` colours under ``(H, W)`` weights that are not all 0: ``(3,)`` float64."""
    return (lab * weights[..., None]).sum((0, 1), dtype=np.float64) / float(weights.sum(dtype=np.float64))
