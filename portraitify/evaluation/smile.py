"""Whether somebody smiles, from the outline of the mouth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portraitify.evaluation.identity import MIRRORED_MOUTH
from portraitify.evaluation.logistic import Logistic, fit_logistic

LEAST_LABELLED = 10
_DECAY = 0.001
_LABELLED = re.compile(r"inst/(smiling|neutral)_front/(\d+)_")
# Positions in the 68 landmarks of 300-W.
_EYES, _MOUTH = (36, 45), slice(48, 68)
_MIRRORED = np.array(MIRRORED_MOUTH) - _MOUTH.start
SHAPE_SIZE = 2 * 20
# How far around its corners a mouth must be seen, in distances of eyes and mouth, and what share of that.
_SURROUNDINGS, _INSIDE = 0.25, 0.98


def mouth_shape(points: np.ndarray) -> np.ndarray:
    """Describe the mouth's outline, whatever the face's place, tilt and size.

    It is the mean of the outline and of its mirror image, so that a turned
    head or a crooked mouth counts less.

    Args:
        points: ``(68, 2)`` landmarks, y downwards.

    Returns:
        ``(SHAPE_SIZE,)`` float64: along and across the line of the eyes, from the mouth's own middle, in units of
        the distance of the outer eye corners.
    """
    along = points[_EYES[1]] - points[_EYES[0]]
    unit = max(float(np.linalg.norm(along)), 1e-6)
    axes = np.array([along, [-along[1], along[0]]]) / unit
    mouth = points[_MOUTH] - points[_MOUTH].mean(0)
    mouth = mouth @ axes.T / unit
    return np.ravel((mouth + mouth[_MIRRORED] * [-1, 1]) / 2)


def mouth_is_seen(inside: np.ndarray, landmarks: np.ndarray) -> bool:
    """Whether the mouth lies within the crop and the photo; of photos cut close to the face many end above it.

    Args:
        inside: ``(S, S)`` uint8, 255 where the crop shows the photo.
        landmarks: ``(5, 2)`` in fractions of the side; those outside the crop are below 0 or above 1.
    """
    points = np.asarray(landmarks, np.float64) * len(inside)
    around = _SURROUNDINGS * float(np.linalg.norm(points[3:].mean(0) - points[:2].mean(0)))
    low, high = np.round(points[3:].min(0) - around).astype(int), np.round(points[3:].max(0) + around).astype(int)
    if low.min() < 0 or high.max() > len(inside):
        return False
    return float(np.mean(inside[low[1] : high[1], low[0] : high[0]] > 127)) >= _INSIDE


def smile_label(source: str) -> tuple[bool, str] | None:
    """Read off a picture's source whether its sitter was asked to smile, and who it is; None where it does not say."""
    found = _LABELLED.search(source)
    return (found.group(1) == "smiling", found.group(2)) if found else None


@dataclass(frozen=True)
class SmileModel:
    """Decides by the shape of the mouth.

    Attributes:
        regression: of class 0, neutral, and 1, smiling.
        smiling: labelled smiles that it learned from.
        neutral: labelled neutral faces that it learned from.
        cross_validated_accuracy: mean of the two classes' accuracy on the learning photos, each judged by a model that
            did not see its sitter.
        augmented_accuracy: the same on the learning photos with the surfaces of prints, drawings and paintings.
        held_out_accuracy: the same on held-out photos; NaN where they lack a class.
        held_out_count: of those.
    """

    regression: Logistic
    smiling: int
    neutral: int
    cross_validated_accuracy: float
    augmented_accuracy: float
    held_out_accuracy: float
    held_out_count: int

    def smiles(self, points: np.ndarray) -> bool:
        """Whether ``(68, 2)`` landmarks show a smile."""
        return bool(_decide(self.regression, mouth_shape(points)[None])[0])


@dataclass(frozen=True)
class LabelledMouths:
    """Mouths of sitters who were asked to smile, or not to.

    Attributes:
        shapes: ``(N, V, SHAPE_SIZE)`` from :func:`mouth_shape`: of the photo, then of ``V`` - 1 augmented copies.
        smiling: ``(N,)`` bool.
        sitters: ``(N,)`` str.
    """

    shapes: np.ndarray
    smiling: np.ndarray
    sitters: np.ndarray

    @classmethod
    def of(cls, mouths: Sequence[tuple[np.ndarray, bool, str]]) -> LabelledMouths:
        """Pack triples of shapes ``(V, SHAPE_SIZE)``, whether it smiles, and sitter."""
        views = len(mouths[0][0]) if mouths else 1
        return cls(
            np.array([shapes for shapes, _, _ in mouths], np.float64).reshape(-1, views, SHAPE_SIZE),
            np.array([smiling for _, smiling, _ in mouths], bool),
            np.array([sitter for _, _, sitter in mouths], str),
        )


def fit_smile_model(training: LabelledMouths, held_out: LabelledMouths) -> SmileModel | None:
    """Learn from labelled mouths; None where fewer than ``LEAST_LABELLED`` of either kind are known."""
    counts = np.bincount(training.smiling.astype(int), minlength=2)
    if counts.min() < LEAST_LABELLED:
        return None
    regression = _fit(training.shapes, training.smiling)
    said = _cross_validated(training)
    return SmileModel(
        regression=regression,
        smiling=int(counts[1]),
        neutral=int(counts[0]),
        cross_validated_accuracy=balanced_accuracy(said[:, 0], training.smiling),
        augmented_accuracy=balanced_accuracy(said[:, 1:].ravel(), np.repeat(training.smiling, said.shape[1] - 1)),
        held_out_accuracy=balanced_accuracy(_decide(regression, held_out.shapes[:, 0]), held_out.smiling),
        held_out_count=len(held_out.smiling),
    )


def balanced_accuracy(said: np.ndarray, true: np.ndarray) -> float:
    """Mean of the accuracies on true and on false ones; NaN where either is missing."""
    if true.all() or not true.any():
        return float("nan")
    return float((said[true].mean() + (~said[~true]).mean()) / 2)


def _fit(shapes: np.ndarray, smiling: np.ndarray) -> Logistic:
    labels = np.repeat(smiling.astype(int), shapes.shape[1])
    return fit_logistic(shapes.reshape(-1, SHAPE_SIZE), labels, 2, _DECAY)


def _decide(regression: Logistic, shapes: np.ndarray) -> np.ndarray:
    logits = regression.logits(shapes.reshape(-1, SHAPE_SIZE))
    return (logits[:, 1] > logits[:, 0]).reshape(shapes.shape[:-1])


def _cross_validated(mouths: LabelledMouths, folds: int = 5) -> np.ndarray:
    """Decide on each view of each mouth, ``(N, V)``, by a model without its sitter."""
    names = sorted(set(mouths.sitters))
    fold = np.array([names.index(sitter) % folds for sitter in mouths.sitters])
    said = np.zeros(mouths.shapes.shape[:2], bool)
    for index in range(folds):
        here = fold == index
        if here.any() and len(set(mouths.smiling[~here])) == 2:
            said[here] = _decide(_fit(mouths.shapes[~here], mouths.smiling[~here]), mouths.shapes[here])
    return said
