"""Whether somebody smiles, from the outline of the mouth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portraitify.evaluation.logistic import Logistic, fit_logistic

LEAST_LABELLED = 10
_DECAY = 0.01
_LABELLED = re.compile(r"inst/(smiling|neutral)_front/(\d+)_")
# Positions in the 68 landmarks of 300-W.
_EYES, _MOUTH = (36, 45), slice(48, 68)
SHAPE_SIZE = 2 * 20


def mouth_shape(points: np.ndarray) -> np.ndarray:
    """Describe the mouth's outline, whatever the face's place, tilt and size.

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
    return (mouth @ axes.T / unit).ravel()


def smile_label(source: str) -> tuple[bool, str] | None:
    """Read off a picture's source whether its sitter was asked to smile, and who it is; None where it does not say."""
    found = _LABELLED.search(source)
    return (found.group(1) == "smiling", found.group(2)) if found else None


@dataclass(frozen=True)
class SmileModel:
    """Decides by the shape of the mouth.

    Attributes:
        regression: of class 0, calm, and 1, smiling.
        smiling: labelled smiles that it learned from.
        calm: labelled calm faces that it learned from.
        crossed_accuracy: mean of the two classes' accuracy on the learning photos, each judged by a model that
            did not see its sitter.
        held_out_accuracy: the same on held-out photos; NaN where they lack a class.
        held_out_count: of those.
    """

    regression: Logistic
    smiling: int
    calm: int
    crossed_accuracy: float
    held_out_accuracy: float
    held_out_count: int

    def smiles(self, points: np.ndarray) -> bool:
        """Whether ``(68, 2)`` landmarks show a smile."""
        return bool(_decide(self.regression, mouth_shape(points)[None])[0])


@dataclass(frozen=True)
class LabelledMouths:
    """Mouths of sitters who were asked to smile, or not to.

    Attributes:
        shapes: ``(N, SHAPE_SIZE)`` from :func:`mouth_shape`.
        smiling: ``(N,)`` bool.
        sitters: ``(N,)`` str.
    """

    shapes: np.ndarray
    smiling: np.ndarray
    sitters: np.ndarray

    @classmethod
    def of(cls, mouths: Sequence[tuple[np.ndarray, bool, str]]) -> LabelledMouths:
        """Pack triples of shape, whether it smiles, and sitter."""
        return cls(
            np.array([shape for shape, _, _ in mouths], np.float64).reshape(-1, SHAPE_SIZE),
            np.array([smiling for _, smiling, _ in mouths], bool),
            np.array([sitter for _, _, sitter in mouths], str),
        )


def fit_smile_model(training: LabelledMouths, held_out: LabelledMouths) -> SmileModel | None:
    """Learn from labelled mouths; None where fewer than ``LEAST_LABELLED`` of either kind are known."""
    counts = np.bincount(training.smiling.astype(int), minlength=2)
    if counts.min() < LEAST_LABELLED:
        return None
    regression = _fit(training.shapes, training.smiling)
    return SmileModel(
        regression=regression,
        smiling=int(counts[1]),
        calm=int(counts[0]),
        crossed_accuracy=balanced_accuracy(_crossed(training), training.smiling),
        held_out_accuracy=balanced_accuracy(_decide(regression, held_out.shapes), held_out.smiling),
        held_out_count=len(held_out.smiling),
    )


def balanced_accuracy(said: np.ndarray, true: np.ndarray) -> float:
    """Mean of the accuracies on true and on false ones; NaN where either is missing."""
    if true.all() or not true.any():
        return float("nan")
    return float((said[true].mean() + (~said[~true]).mean()) / 2)


def _fit(shapes: np.ndarray, smiling: np.ndarray) -> Logistic:
    return fit_logistic(shapes, smiling.astype(int), 2, _DECAY)


def _decide(regression: Logistic, shapes: np.ndarray) -> np.ndarray:
    logits = regression.logits(shapes.reshape(-1, SHAPE_SIZE))
    return logits[:, 1] > logits[:, 0]


def _crossed(mouths: LabelledMouths, folds: int = 5) -> np.ndarray:
    """Decide on each mouth by a model without its sitter."""
    names = sorted(set(mouths.sitters))
    fold = np.array([names.index(sitter) % folds for sitter in mouths.sitters])
    said = np.zeros(len(fold), bool)
    for index in range(folds):
        here = fold == index
        if here.any() and len(set(mouths.smiling[~here])) == 2:
            said[here] = _decide(_fit(mouths.shapes[~here], mouths.smiling[~here]), mouths.shapes[here])
    return said
