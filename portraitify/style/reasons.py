"""Why a style was chosen: what about the photo moved the classifier, found by changing it.

Each thing that can be changed (see :mod:`portraitify.style.counterfactuals`) is brought to
what is usual in photos, one at a time, and the classifier asked again. What
lowers the odds of the chosen style most when it becomes ordinary was a
reason. This is attribution by intervention (Goyal et al., Counterfactual
Visual Explanations, ICML 2019, with edits that have a name).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.style import counterfactuals
from portraitify.style.attributes import Attributes, SubjectAnalysis, shrunk

# Medians over 589 photos of the training split.
ORDINARY = {
    "key": 53.0,
    "contrast": 23.0,
    "modelling": 7.6,
    "warmth": 9.3,
    "chroma": 15.8,
    "background_lightness": 64.0,
    "sharpness": 0.47,
}
MOST_REASONS, MOST_IN_A_LINE = 3, 2
# In log-odds; what moves less is not worth a word.
LEAST_EFFECT = 0.1

Edit = Callable[[np.ndarray, np.ndarray, np.ndarray, Attributes], np.ndarray]


@dataclass(frozen=True)
class Reason:
    """One thing about the photo that spoke for the style.

    Attributes:
        attribute: its name, a key of ``EDITS``.
        words: what it is like in this photo, for people.
        effect: by how much the log-odds of the style fall when it is made ordinary.
    """

    attribute: str
    words: str
    effect: float


def _background_lightness(
    lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes
) -> np.ndarray:
    return counterfactuals.with_background_lightness(lab, subject_mask, ORDINARY["background_lightness"])


def _background_detail(
    lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes
) -> np.ndarray:
    return counterfactuals.with_blurred_background(lab, subject_mask)


def _key(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes) -> np.ndarray:
    return counterfactuals.with_key(lab, ORDINARY["key"])


def _contrast(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes) -> np.ndarray:
    return counterfactuals.with_contrast(lab, ORDINARY["contrast"])


def _chroma(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes) -> np.ndarray:
    return counterfactuals.with_chroma(lab, ORDINARY["chroma"])


def _warmth(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes) -> np.ndarray:
    return counterfactuals.with_warmth(lab, ORDINARY["warmth"])


def _side(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes) -> np.ndarray:
    return counterfactuals.without_side_light(lab, landmarks)


def _modelling(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes) -> np.ndarray:
    return counterfactuals.with_modelling(lab, landmarks, ORDINARY["modelling"])


def _sharpness(lab: np.ndarray, subject_mask: np.ndarray, landmarks: np.ndarray, found: Attributes) -> np.ndarray:
    if found.sharpness > ORDINARY["sharpness"]:
        return counterfactuals.softened(lab, 0.8)
    return counterfactuals.sharpened(lab, 0.8)


EDITS: dict[str, Edit] = {
    "background_lightness": _background_lightness,
    "background_detail": _background_detail,
    "key": _key,
    "contrast": _contrast,
    "chroma": _chroma,
    "warmth": _warmth,
    "light_side": _side,
    "modelling": _modelling,
    "sharpness": _sharpness,
}


def describe(attribute: str, found: Attributes) -> str:
    """What one thing is like in a photo, for people.

    Args:
        attribute: a key of ``EDITS``.
        found: what was measured.
    """
    if attribute == "light_side":
        return f"light from the {'left' if found.light_side > 0 else 'right'}"
    if attribute == "background_detail":
        return "busy background"
    if attribute == "chroma" and found.tonality == "grey":
        return "no colour"
    more, less = {
        "background_lightness": ("light background", "dark background"),
        "key": ("light key", "dark key"),
        "contrast": ("strong contrast", "soft contrast"),
        "chroma": ("strong colour", "muted colour"),
        "warmth": ("warm palette", "cool palette"),
        "modelling": ("strong light and shade on the face", "even light on the face"),
        "sharpness": ("sharp detail", "soft focus"),
    }[attribute]
    return more if getattr(found, attribute) > ORDINARY[attribute] else less


def applies(attribute: str, found: Attributes) -> bool:
    """Whether a photo departs from the ordinary in one thing far enough to be told so."""
    if attribute == "light_side":
        return abs(found.light_side) > 5
    if attribute == "background_detail":
        return found.background_detail > 5
    least = {"background_lightness": 8, "key": 5, "contrast": 2.5, "chroma": 3, "warmth": 3, "modelling": 1.5}
    return abs(getattr(found, attribute) - ORDINARY[attribute]) > least.get(attribute, 0.08)


def find_reasons(
    classify: Callable[[np.ndarray], np.ndarray],
    crop: np.ndarray,
    analysis: SubjectAnalysis,
    landmarks: np.ndarray,
    style_index: int,
) -> tuple[Reason, ...]:
    """Find what about a photo spoke for a style.

    Args:
        classify: probabilities ``(styles,)`` of a frame ``(S, S, 3)`` uint8.
        crop: ``(S, S, 3)`` uint8 RGB.
        analysis: the sitter's mask and what was measured.
        landmarks: ``(5, 2)`` in frame pixels, eyes level.
        style_index: of the style that was chosen.

    Returns:
        All with an effect of ``LEAST_EFFECT`` or more, the strongest first.
    """
    small, mask, points = shrunk(crop, analysis.subject_mask, landmarks)
    lab, found = to_lab(small), analysis.attributes
    before = log_odds(classify(small), style_index)
    reasons = []
    for attribute, edit in EDITS.items():
        if not applies(attribute, found):
            continue
        changed = to_uint8(to_rgb(edit(lab, mask, points, found)))
        effect = before - log_odds(classify(changed), style_index)
        if effect >= LEAST_EFFECT:
            reasons.append(Reason(attribute, describe(attribute, found), effect))
    return tuple(sorted(reasons, key=lambda reason: -reason.effect))


def log_odds(probabilities: np.ndarray, index: int) -> float:
    """Logarithm of the odds of one style against all others, bounded to +-9."""
    p = float(np.clip(probabilities[index], 1e-4, 1 - 1e-4))
    return float(np.log(p / (1 - p)))
