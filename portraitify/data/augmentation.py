"""Pictures as another scanner, camera or printer would show them, and photos as they might have been taken.

What betrays how a picture came into a collection (tint of paper, noise,
compression, resolution, halftone) must not tell its style. What a painter
would see in a photo (light, contrast, colour, background) may.
"""

from __future__ import annotations

import cv2
import numpy as np

from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.style import counterfactuals


def scanned(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One painting as another scan or print of it.

    Args:
        image: ``(S, S, 3)`` uint8 RGB.
        rng: of all choices.

    Returns:
        The same size and kind.
    """
    x: np.ndarray = image.astype(np.float32) / 255
    if rng.random() < 0.3:
        x = _coarser(x, float(rng.uniform(0.4, 0.9)))
    if rng.random() < 0.3:
        x = cv2.GaussianBlur(x, (0, 0), float(rng.uniform(0.4, 1.1)))
    elif rng.random() < 0.3:
        x = x + float(rng.uniform(0.2, 0.8)) * (x - cv2.GaussianBlur(x, (0, 0), 1.2))
    x = np.clip(x, 0, 1) ** float(np.exp(rng.normal(0, 0.15)))
    x = x * np.exp(rng.normal(0, 0.06, 3)).astype(np.float32) * float(np.exp(rng.normal(0, 0.1)))
    if rng.random() < 0.25:
        x = x * _paper(rng)
    grey = x.mean(2, keepdims=True)
    x = grey + (x - grey) * (0.0 if rng.random() < 0.04 else float(np.exp(rng.normal(0, 0.25))))
    if rng.random() < 0.08:
        x = _screened(x, rng)
    return _recorded(x, rng, worst_quality=35)


def photographed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One photo as another camera or a messenger would pass it on; light and colour stay.

    Args:
        image: ``(S, S, 3)`` uint8 RGB.
        rng: of all choices.

    Returns:
        The same size and kind.
    """
    x: np.ndarray = image.astype(np.float32) / 255
    if rng.random() < 0.4:
        x = _coarser(x, float(rng.uniform(0.45, 0.9)))
    x = np.clip(x, 0, 1) ** float(np.exp(rng.normal(0, 0.03)))
    x = x * np.exp(rng.normal(0, 0.015, 3)).astype(np.float32)
    return _recorded(x, rng, worst_quality=45)


def retaken(image: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One photo as it might have been taken otherwise: one to three things about it are changed.

    Args:
        image: ``(S, S, 3)`` uint8 RGB.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels.
        rng: of all choices.

    Returns:
        The same size and kind.
    """
    lab = to_lab(image)
    changes = (
        lambda x: counterfactuals.with_background_lightness(x, subject_mask, float(rng.uniform(4, 92))),
        lambda x: counterfactuals.with_blurred_background(x, subject_mask, float(rng.uniform(0.5, 1))),
        lambda x: counterfactuals.with_key(x, float(rng.uniform(25, 80))),
        lambda x: counterfactuals.with_contrast(x, float(rng.uniform(8, 36))),
        lambda x: counterfactuals.with_chroma(x, 0.0 if rng.random() < 0.4 else float(rng.uniform(3, 35))),
        lambda x: counterfactuals.with_warmth(x, float(rng.uniform(-8, 28))),
        lambda x: counterfactuals.with_modelling(x, landmarks, float(rng.uniform(1, 16))),
        lambda x: counterfactuals.without_side_light(x, landmarks),
        lambda x: counterfactuals.softened(x, float(rng.uniform(0, 1.5))),
        lambda x: counterfactuals.sharpened(x, float(rng.uniform(0, 1.5))),
    )
    for index in rng.permutation(len(changes))[: int(rng.integers(1, 4))]:
        lab = changes[index](lab)
    return to_uint8(to_rgb(lab))


def _coarser(x: np.ndarray, share: float) -> np.ndarray:
    side = x.shape[0]
    small = cv2.resize(x, (max(8, round(side * share)),) * 2, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)


def _paper(rng: np.random.Generator) -> np.ndarray:
    """Colour of paper or old varnish, from white to brown."""
    age = float(rng.uniform(0, 1))
    return np.array([1 - 0.06 * age, 1 - 0.14 * age, 1 - 0.32 * age], np.float32)


def _screened(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A printer's screen of dots at any angle."""
    period, angle = float(rng.uniform(2.2, 4)), float(rng.uniform(0, np.pi))
    down, across = np.mgrid[: x.shape[0], : x.shape[1]].astype(np.float32)
    u, v = across * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - across * np.sin(angle)
    dots = np.cos(2 * np.pi * u / period) * np.cos(2 * np.pi * v / period)
    return np.asarray(x + float(rng.uniform(0.04, 0.15)) * dots[..., None])


def _recorded(x: np.ndarray, rng: np.random.Generator, worst_quality: int) -> np.ndarray:
    """Noise of a sensor, rounding, and sometimes JPEG."""
    if rng.random() < 0.6:
        x = x + rng.normal(0, rng.uniform(0, 0.03), x.shape).astype(np.float32)
    image = to_uint8(x * 255)
    if rng.random() < 0.4:
        quality = int(rng.integers(worst_quality, 95))
        # OpenCV takes BGR; the mistake would swap the chroma channels, which are stored alike.
        encoded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR))[..., ::-1]
    return image
