"""How far two colours are apart, and which group a colour of skin belongs to."""

from __future__ import annotations

import numpy as np

from portraitify.imaging.cielab import to_lab

# Lower bounds of the individual typology angle in degrees, lightest first.
SKIN_GROUPS = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -np.inf),
)


def mean_lab(image: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean colour of a region.

    Args:
        image: ``(H, W, 3)`` uint8 sRGB.
        weights: ``(H, W)``, of the region.

    Returns:
        ``(3,)`` float64 CIELAB.
    """
    return np.asarray(
        (to_lab(image) * weights[..., None]).sum((0, 1), dtype=np.float64) / max(float(weights.sum()), 1e-6)
    )


def typology_angle(lab: np.ndarray) -> np.ndarray:
    """Individual typology angle in degrees; larger is lighter.

    Source: Chardon, Cretois and Hourseau, International Journal of Cosmetic
    Science 13, 1991. The two-argument arc tangent keeps bluish light from
    swapping light and dark.

    Args:
        lab: ``(..., 3)`` CIELAB.
    """
    lab = np.asarray(lab, np.float64)
    return np.asarray(np.degrees(np.arctan2(lab[..., 0] - 50, lab[..., 2])))


def skin_group(angle: float) -> str:
    """Name of the group of a typology angle in degrees."""
    return next(name for name, bound in SKIN_GROUPS if angle > bound)


def ciede2000(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Colour difference as people see it; 1 is about the least that is noticed.

    Source: Sharma, Wu and Dalal, Color Research and Application 30(1), 2005.

    Args:
        first: ``(..., 3)`` CIELAB.
        second: ``(..., 3)`` CIELAB.
    """
    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    l_mean = (one[..., 0] + two[..., 0]) / 2
    c_mean = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(two[..., 1], two[..., 2])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7))
    (c1, h1), (c2, h2) = (_polar(lab[..., 1] * stretch, lab[..., 2]) for lab in (one, two))
    turn, hue = _hue_difference_and_mean(h1, h2, c1 * c2 == 0)
    chroma = (c1 + c2) / 2
    tone = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.20 * _cos(4 * hue - 63)
    light_weight = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    light = (two[..., 0] - one[..., 0]) / light_weight
    colorful = (c2 - c1) / (1 + 0.045 * chroma)
    hued = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * tone)
    bend = 30 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7)) * np.sin(np.radians(2 * bend))
    # Rounding may leave a hair below zero for equal colours.
    return np.asarray(np.sqrt(np.maximum(light**2 + colorful**2 + hued**2 + rotation * colorful * hued, 0)))


def _polar(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chroma, and hue in 0 to 360 degrees."""
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _hue_difference_and_mean(h1: np.ndarray, h2: np.ndarray, grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shorter way round from one hue to another and the hue half-way, in degrees."""
    turn = (h2 - h1 + 180) % 360 - 180
    # Exactly opposite hues turn forwards, as the published formula has it.
    turn = np.where((np.abs(turn) == 180) & (h2 > h1), 180.0, turn)
    far = np.abs(h1 - h2) > 180
    half = np.where(far, h1 + h2 + np.where(h1 + h2 < 360, 360, -360), h1 + h2) / 2
    return np.where(grey, 0.0, turn), np.where(grey, h1 + h2, half)


def _cos(degrees: np.ndarray) -> np.ndarray:
    return np.asarray(np.cos(np.radians(degrees)))
