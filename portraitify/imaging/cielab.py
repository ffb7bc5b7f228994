"""sRGB to CIELAB under D65 and back.

OpenCV's own conversion fills tables when it is first used, which takes longer
than to find a face, and goes through a coarse one of them, which puts colours
off by up to a level in 255.

Source: IEC 61966-2-1:1999 for sRGB, CIE 15:2004 for CIELAB.
"""

from __future__ import annotations

import cv2
import numpy as np

# Linear sRGB to XYZ, as parts of the white point's.
_TO_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_TO_XYZ /= _TO_XYZ.sum(1, keepdims=True)
# Cube roots of XYZ to L*, a*, b*; the last column is added.
_TO_LAB = np.array([[0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]], float)
_FROM_XYZ = np.linalg.inv(_TO_XYZ)
_FROM_LAB = np.linalg.inv(_TO_LAB[:, :3])
_FROM_LAB = np.hstack([_FROM_LAB, -_FROM_LAB @ _TO_LAB[:, 3:]])
# Where the cube root's straight part ends, and its slope.
_ROOT_END, _ROOT_SLOPE = 6 / 29, 841 / 108


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """``(H, W, 3)`` float32 sRGB in 0 to 1 to CIELAB, float32: L* from 0 to 100, a* and b* around 0."""
    return _linear_to_lab(rgb_to_light(rgb))


def rgb_to_light(rgb: np.ndarray) -> np.ndarray:
    """sRGB in 0 to 1 of any shape to linear light in 0 to 1, float32."""
    linear = cv2.pow((rgb + np.float32(0.055)) * np.float32(1 / 1.055), 2.4)
    np.copyto(linear, rgb * np.float32(1 / 12.92), where=rgb <= np.float32(0.04045))
    return np.asarray(linear)


# Of the levels of 8 bits, which need no power each.
LINEAR_LEVELS = rgb_to_light(np.arange(256, dtype=np.float32) * np.float32(1 / 255))


def _linear_to_lab(linear: np.ndarray) -> np.ndarray:
    xyz = cv2.transform(linear, _TO_XYZ)
    root = cv2.pow(xyz, 1 / 3)
    np.copyto(root, xyz * np.float32(_ROOT_SLOPE) + np.float32(4 / 29), where=xyz <= np.float32(_ROOT_END**3))
    return np.asarray(cv2.transform(root, _TO_LAB), np.float32)


def lab_to_rgb(lab: np.ndarray) -> np.ndarray:
    """``(H, W, 3)`` CIELAB to float32 sRGB in 0 to 1; colours that sRGB lacks are cut off."""
    root = cv2.transform(np.ascontiguousarray(lab, np.float32), _FROM_LAB)
    xyz = root * root * root
    np.copyto(xyz, (root - np.float32(4 / 29)) * np.float32(1 / _ROOT_SLOPE), where=root <= np.float32(_ROOT_END))
    return light_to_rgb(np.clip(cv2.transform(xyz, _FROM_XYZ), 0, 1))


def light_to_rgb(linear: np.ndarray) -> np.ndarray:
    """Linear light in 0 to 1 of any shape to sRGB in 0 to 1, float32."""
    rgb = cv2.pow(linear, 1 / 2.4) * np.float32(1.055) - np.float32(0.055)
    np.copyto(rgb, linear * np.float32(12.92), where=linear <= np.float32(0.0031308))
    return np.asarray(rgb, np.float32)


def to_lab(image: np.ndarray) -> np.ndarray:
    """sRGB in 0 to 255 to CIELAB under D65.

    Args:
        image: ``(H, W, 3)`` uint8 or float32; what lies outside 0 to 255 is cut off.

    Returns:
        ``(H, W, 3)`` float32.
    """
    if image.dtype == np.uint8:
        return _linear_to_lab(cv2.LUT(image, LINEAR_LEVELS))
    return rgb_to_lab(np.clip(np.asarray(image, np.float32) * np.float32(1 / 255), 0, 1))


def to_rgb(lab: np.ndarray) -> np.ndarray:
    """CIELAB to sRGB: ``(H, W, 3)`` float32 in 0 to 255; colours that do not exist are cut off."""
    return lab_to_rgb(lab) * 255
