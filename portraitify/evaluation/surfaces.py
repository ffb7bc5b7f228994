"""Photos as if printed, painted or drawn, so that the judge of smiles knows a mouth on such a surface too.

None of it comes from this project's paintings: a judge taught by those would
learn what they do to mouths.
"""

from __future__ import annotations

import cv2
import numpy as np

# Side of the crop for which the lengths below are meant.
_SIDE_PX = 512
_HATCH_LINES, _HATCH_ANGLES = 110, (0.4, 1.1, 2.0, 2.7)


def surfaces(photo: np.ndarray, seed: int) -> list[np.ndarray]:
    """The photo blurred, brushed, posterised, hatched and badly compressed.

    Args:
        photo: ``(512, 512, 3)`` uint8 RGB; of other sizes the surfaces are finer or coarser.
        seed: of the direction and the grain of the hatching.

    Returns:
        As many pictures of the same kind.
    """
    return [
        cv2.GaussianBlur(photo, (0, 0), 3),
        cv2.medianBlur(photo, 11),
        posterised(photo),
        hatched(photo, seed),
        compressed(photo),
    ]


def posterised(photo: np.ndarray) -> np.ndarray:
    """Eight tones a channel."""
    even = cv2.bilateralFilter(cv2.bilateralFilter(photo, 9, 40, 6), 9, 40, 6)
    return (even // 32 * 32 + 16).astype(np.uint8)


def hatched(photo: np.ndarray, seed: int) -> np.ndarray:
    """Grey, of straight lines that are as broad as the photo is dark, with grain."""
    rng = np.random.default_rng(seed)
    light = cv2.GaussianBlur(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255, (0, 0), 1.5)
    angle = rng.choice(_HATCH_ANGLES)
    y, x = np.mgrid[: photo.shape[0], : photo.shape[1]] / _SIDE_PX
    phase = (x * np.cos(angle) + y * np.sin(angle)) * _HATCH_LINES
    off_centre = np.abs(phase % 1 - 0.5) * 2
    drawn = np.clip(0.5 + (1.5 * light - 0.15 - off_centre) * 3, 0, 1)
    grained = np.clip(drawn + rng.normal(0, 0.05, drawn.shape), 0, 1)
    return np.repeat((grained * 255).astype(np.uint8)[..., None], 3, axis=2)


def compressed(photo: np.ndarray) -> np.ndarray:
    """A JPEG of quality 8."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(photo, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 8])
    return cv2.cvtColor(np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB)
