"""Which old painting of a style suits a sitter: near in light, palette and pose, and not always one painter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portraitify.style.attributes import Attributes, percentile
from portraitify.weights import BankEntry, PhotoStatistics

# What of a painting is kept in the bank, and how much each counts.
TRAITS = {
    "key": 0.6,
    "contrast": 0.5,
    "warmth": 0.8,
    "chroma": 0.8,
    "background_lightness": 1.0,
    "light_side": 0.7,
    "turn": 0.8,
}
# Light on the face is compared as it is, so that light and dark skin find painted skin of their own.
FACE_LIGHT_SPREAD, FACE_LIGHT_WEIGHT = 0.1, 1.5
FARTHEST = 2.5
# What a painting loses by the painter of one of the last choices, and by a code that is nearly one of theirs.
PAINTER_PENALTY, LIKENESS_PENALTY, MEMORY = 0.6, 0.8, 3


def traits_of(found: Attributes) -> dict[str, float]:
    """What the bank keeps of a painting's measurements."""
    return {name: round(getattr(found, name), 3) for name in TRAITS}


def ranked(
    entries: Sequence[BankEntry], found: Attributes, face_light: float, photos: PhotoStatistics
) -> list[BankEntry]:
    """Put the paintings of a style in the order in which they suit a sitter.

    Photos and paintings are each compared with their own kind: the warmest
    photo goes with the warmest painting of the style. Entries without traits
    are compared by the light of the face alone. Each next one is the nearest
    of those left after what was just chosen is held against its like (maximal
    marginal relevance, Carbonell and Goldstein, SIGIR 1998).

    Args:
        entries: paintings of one style.
        found: what was measured of the sitter.
        face_light: mean luma of the sitter's face, 0 to 1.
        photos: what is usual in photos.

    Returns:
        All of them, in an order that depends on nothing else.
    """
    distances, likeness = _distances(entries, found, face_light, photos), _likeness(entries)
    left = sorted(range(len(entries)), key=lambda index: entries[index].identifier)
    chosen: list[int] = []
    while left:
        recent = chosen[-MEMORY:]
        costs = [distances[index] + _repetition(entries, likeness, index, recent) for index in left]
        chosen.append(left.pop(int(np.argmin(costs))))
    return [entries[index] for index in chosen]


def _distances(
    entries: Sequence[BankEntry], found: Attributes, face_light: float, photos: PhotoStatistics
) -> list[float]:
    squares = np.array(
        [FACE_LIGHT_WEIGHT * ((entry.face_light - face_light) / FACE_LIGHT_SPREAD) ** 2 for entry in entries]
    )
    for name, weight in TRAITS.items():
        known = np.array([entry.traits.get(name, np.nan) for entry in entries])
        finite = known[np.isfinite(known)]
        if len(finite) < 2:
            continue
        middle, spread = percentile(finite, 50), float(finite.std()) + 1e-3
        subject_mask = (getattr(found, name) - photos.medians[name]) / photos.spreads[name]
        apart = np.clip((known - middle) / spread, -FARTHEST, FARTHEST) - np.clip(subject_mask, -FARTHEST, FARTHEST)
        # What is not known of a painting counts as one spread away.
        squares += weight * np.nan_to_num(apart, nan=1.0) ** 2
    return [float(value) for value in np.sqrt(squares / (FACE_LIGHT_WEIGHT + sum(TRAITS.values())))]


def _repetition(entries: Sequence[BankEntry], likeness: np.ndarray, index: int, recent: Sequence[int]) -> float:
    """How much an entry is what was just chosen."""
    painter = entries[index].painter
    same = PAINTER_PENALTY if painter and any(painter == entries[other].painter for other in recent) else 0.0
    return same + LIKENESS_PENALTY * max(
        (max(float(likeness[index, other]), 0.0) ** 2 for other in recent), default=0.0
    )


def _likeness(entries: Sequence[BankEntry]) -> np.ndarray:
    """Cosines ``(N, N)`` between codes, of what sets each apart from their mean, which all share."""
    style_codes = np.stack([entry.style_code for entry in entries]).astype(np.float64)
    style_codes -= style_codes.mean(0)
    style_codes /= np.maximum(np.linalg.norm(style_codes, axis=1, keepdims=True), 1e-6)
    return np.asarray(style_codes @ style_codes.T)
