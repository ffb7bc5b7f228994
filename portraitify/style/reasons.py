"""Why a style was chosen: what about the photo moved the classifier, found by changing it.

Each thing that can be changed (see :mod:`portraitify.style.counterfactuals`) is brought to
what is usual in photos, one at a time, and the classifier asked again. What
lowers the odds of the chosen style most when it becomes ordinary was a
reason. This is attribution by intervention (Goyal et al., Counterfactual
Visual Explanations, ICML 2019, with edits that have a name).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from portraitify.imaging.channels import to_uint8
from portraitify.imaging.cielab import to_lab, to_rgb
from portraitify.style import counterfactuals
from portraitify.style.attributes import Attributes, SubjectAnalysis, shrunk

MOST_REASONS, MOST_IN_A_LINE = 3, 2
# In log-odds; what moves less is not worth a word.
LEAST_EFFECT = 0.1

# What is usual in photos, by names of attributes; see :class:`portraitify.weights.PhotoStatistics`.
Medians = Mapping[str, float]


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


@dataclass(frozen=True)
class Photo:
    """What an edit goes by.

    Attributes:
        lab: ``(S, S, 3)`` float32, CIELAB.
        subject_mask: ``(S, S)`` float32 in 0 to 1.
        landmarks: ``(5, 2)`` in pixels, eyes level.
        found: what was measured.
        usual: what is usual in photos.
    """

    lab: np.ndarray
    subject_mask: np.ndarray
    landmarks: np.ndarray
    found: Attributes
    usual: Medians


Edit = Callable[[Photo], np.ndarray]


def _background_lightness(photo: Photo) -> np.ndarray:
    return counterfactuals.with_background_lightness(photo.lab, photo.subject_mask, photo.usual["background_lightness"])


def _background_detail(photo: Photo) -> np.ndarray:
    return counterfactuals.with_blurred_background(photo.lab, photo.subject_mask)


def _key(photo: Photo) -> np.ndarray:
    return counterfactuals.with_key(photo.lab, photo.usual["key"])


def _contrast(photo: Photo) -> np.ndarray:
    return counterfactuals.with_contrast(photo.lab, photo.usual["contrast"])


def _chroma(photo: Photo) -> np.ndarray:
    return counterfactuals.with_chroma(photo.lab, photo.usual["chroma"])


def _warmth(photo: Photo) -> np.ndarray:
    return counterfactuals.with_warmth(photo.lab, photo.usual["warmth"])


def _side(photo: Photo) -> np.ndarray:
    return counterfactuals.without_side_light(photo.lab, photo.landmarks)


def _modelling(photo: Photo) -> np.ndarray:
    return counterfactuals.with_modelling(photo.lab, photo.landmarks, photo.usual["modelling"])


def _sharpness(photo: Photo) -> np.ndarray:
    if photo.found.sharpness > photo.usual["sharpness"]:
        return counterfactuals.softened(photo.lab, 0.8)
    return counterfactuals.sharpened(photo.lab, 0.8)


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


def describe(attribute: str, found: Attributes, usual: Medians) -> str:
    """What one thing is like in a photo, for people.

    Args:
        attribute: a key of ``EDITS``.
        found: what was measured.
        usual: what is usual in photos.
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
    return more if getattr(found, attribute) > usual[attribute] else less


def applies(attribute: str, found: Attributes, usual: Medians) -> bool:
    """Whether a photo departs from the ordinary in one thing far enough to be told so."""
    if attribute == "light_side":
        return abs(found.light_side) > 5
    if attribute == "background_detail":
        return found.background_detail > 5
    least = {"background_lightness": 8, "key": 5, "contrast": 2.5, "chroma": 3, "warmth": 3, "modelling": 1.5}
    return bool(abs(getattr(found, attribute) - usual[attribute]) > least.get(attribute, 0.08))


def find_reasons(
    classify: Callable[[np.ndarray], np.ndarray],
    crop: np.ndarray,
    analysis: SubjectAnalysis,
    landmarks: np.ndarray,
    style_index: int,
    usual: Medians,
) -> tuple[Reason, ...]:
    """Find what about a photo spoke for a style.

    Args:
        classify: probabilities ``(styles,)`` of a frame ``(S, S, 3)`` uint8.
        crop: ``(S, S, 3)`` uint8 RGB.
        analysis: the sitter's mask and what was measured.
        landmarks: ``(5, 2)`` in frame pixels, eyes level.
        style_index: of the style that was chosen.
        usual: what is usual in photos.

    Returns:
        All with an effect of ``LEAST_EFFECT`` or more, the strongest first.
    """
    small, mask, points = shrunk(crop, analysis.subject_mask, landmarks)
    found = analysis.attributes
    photo = Photo(to_lab(small), mask, points, found, usual)
    before = log_odds(classify(small), style_index)
    reasons = []
    for attribute, edit in EDITS.items():
        if not applies(attribute, found, usual):
            continue
        changed = to_uint8(to_rgb(edit(photo)))
        effect = before - log_odds(classify(changed), style_index)
        if effect >= LEAST_EFFECT:
            reasons.append(Reason(attribute, describe(attribute, found, usual), effect))
    return tuple(sorted(reasons, key=lambda reason: -reason.effect))


def log_odds(probabilities: np.ndarray, index: int) -> float:
    """Logarithm of the odds of one style against all others, bounded to +-9."""
    p = float(np.clip(probabilities[index], 1e-4, 1 - 1e-4))
    return float(np.log(p / (1 - p)))
