"""How well a classifier tells patches of our paintings from patches of real works: 50 % would be indistinguishable.

Source: Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, ICLR 2017. It is there to
report with. Whatever were tuned with it would only learn to deceive this classifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portraitify.evaluation.bootstrap import Estimate, bootstrap, nanmean
from portraitify.evaluation.logistic import fit_logistic
from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.patches import REGIONS, SHEET

COLUMNS = (*REGIONS, SHEET)
OURS, PHOTOS, MASTERS = "paintings", "photos", "masters"
# Sitters or works of each side that a figure needs.
LEAST_GROUPS = 5
# Works that are needed to tell halves of them apart: with few, the half that one was held out from lacks it so much
# that the regression takes it for the other, and figures fall far below 50 %.
LEAST_TO_HALVE = 12


@dataclass(frozen=True)
class TwoSampleConfig:
    """How the test is made.

    Attributes:
        folds: of the cross-validation.
        splits: of the masters into random halves, for the comparison of real with real.
        decay: of the regression's weights.
        draws: of the bootstrap.
        seed: of folds, splits and draws.
    """

    folds: int = 5
    splits: int = 8
    decay: float = 0.1
    draws: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Sample:
    """Pictures of one side, described by region.

    Attributes:
        groups: what each picture is of: sitter, or work. Those of one group are learned from together, or not at all.
        features: for each of ``COLUMNS``, ``(N, D)`` of each picture's patches in the order of ``groups``; N may be 0.
    """

    groups: tuple[str, ...]
    features: dict[str, list[np.ndarray]]

    def with_patches(self, column: str) -> tuple[list[str], list[np.ndarray]]:
        """Groups and features of those pictures that have patches of a region."""
        found = zip(self.groups, self.features.get(column, [np.zeros((0, 1))] * len(self.groups)), strict=True)
        kept = [(group, values) for group, values in found if len(values)]
        return [group for group, _ in kept], [values for _, values in kept]


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        style: whose masters.
        against: what is told from the masters: ``OURS``, ``PHOTOS``, or ``MASTERS`` themselves.
        accuracy: balanced, for each of ``COLUMNS``; nothing where there were too few pictures.
        counts: pictures of that side and of the masters, for each of ``COLUMNS``.
    """

    style: str
    against: str
    accuracy: dict[str, Estimate | None]
    counts: dict[str, tuple[int, int]]


def compare(style: str, against: str, sample: Sample, masters: Sample, config: TwoSampleConfig) -> Row:
    """Tell a sample from the masters, region by region."""
    accuracy: dict[str, Estimate | None] = {}
    counts = {}
    for column in COLUMNS:
        sides = sample.with_patches(column), masters.with_patches(column)
        counts[column] = len(sides[0][0]), len(sides[1][0])
        accuracy[column] = balanced_accuracy(*sides[0], *sides[1], config)
    return Row(style, against, accuracy, counts)


def compare_halves(style: str, masters: Sample, config: TwoSampleConfig) -> Row:
    """Tell random halves of the masters from one another, which must come near 50 %."""
    accuracy: dict[str, Estimate | None] = {}
    counts = {}
    for column in COLUMNS:
        groups, values = masters.with_patches(column)
        names = sorted(set(groups))
        counts[column] = len(groups) // 2, len(groups) - len(groups) // 2
        rates = []
        for split in range(config.splits if len(names) >= LEAST_TO_HALVE else 0):
            order = np.random.default_rng([config.seed, split]).permutation(len(names))
            first = {names[index] for index in order[: len(names) // 2]}
            is_first = np.array([group in first for group in groups])
            rates.append(_right_shares(groups, values, is_first, config))
        accuracy[column] = _mean_of(np.array(rates), config) if rates else None
    return Row(style, MASTERS, accuracy, counts)


def balanced_accuracy(
    groups: Sequence[str],
    values: Sequence[np.ndarray],
    other_groups: Sequence[str],
    other_values: Sequence[np.ndarray],
    config: TwoSampleConfig,
) -> Estimate | None:
    """Cross-validated accuracy on patches of groups that the regression did not learn from.

    Each picture counts the same, and so does each side. The interval is that
    of a bootstrap over pictures, with predictions as they are.

    Args:
        groups: of the pictures of one side.
        values: ``(N, D)`` features of each of its pictures, N at least 1.
        other_groups: likewise of the other side.
        other_values: likewise.
        config: how.

    Returns:
        None where a side has fewer than ``LEAST_GROUPS`` groups.
    """
    if min(len(set(groups)), len(set(other_groups))) < LEAST_GROUPS:
        return None
    is_first = np.repeat([True, False], [len(groups), len(other_groups)])
    right = _right_shares([*groups, *other_groups], [*values, *other_values], is_first, config)
    first, second = right[is_first], right[~is_first]

    def statistic(picks: np.ndarray, other_picks: np.ndarray) -> float:
        return float((first[picks].mean() + second[other_picks].mean()) / 2)

    return bootstrap(statistic, (len(first), len(second)), len(right), config.seed, config.draws)


def _right_shares(
    groups: Sequence[str], values: Sequence[np.ndarray], is_first: np.ndarray, config: TwoSampleConfig
) -> np.ndarray:
    """Share of each picture's patches that are told rightly by a regression which saw none of its group: ``(N,)``."""
    folds = _folds(groups, is_first, config)
    labels = np.repeat((~is_first).astype(int), [len(part) for part in values])
    patch_folds = np.repeat(folds, [len(part) for part in values])
    picture = np.repeat(np.arange(len(values)), [len(part) for part in values])
    features = np.concatenate(values)
    right = np.zeros(len(features))
    for fold in range(config.folds):
        held_out = patch_folds == fold
        if held_out.any():
            model = fit_logistic(features[~held_out], labels[~held_out], 2, config.decay)
            right[held_out] = model.logits(features[held_out]).argmax(1) == labels[held_out]
    return np.asarray(np.bincount(picture, right) / np.bincount(picture))


def _folds(groups: Sequence[str], is_first: np.ndarray, config: TwoSampleConfig) -> np.ndarray:
    """A fold ``(N,)`` for each picture: groups of either side are dealt out evenly."""
    folds = np.zeros(len(groups), int)
    for side in (True, False):
        names = sorted({group for group, first in zip(groups, is_first, strict=True) if first == side})
        order = np.random.default_rng([config.seed, int(side)]).permutation(len(names))
        fold_of = {names[index]: place % config.folds for place, index in enumerate(order)}
        for number, group in enumerate(groups):
            if is_first[number] == side:
                folds[number] = fold_of[group]
    return folds


def _mean_of(rates: np.ndarray, config: TwoSampleConfig) -> Estimate | None:
    """Mean over splits and pictures of ``(splits, N)`` shares, with a bootstrap over pictures."""
    each = nanmean(rates, 0)
    return bootstrap(lambda picks: float(each[picks].mean()), (len(each),), len(each), config.seed, config.draws)


def table(rows: Sequence[Row]) -> str:
    """A table: balanced accuracies in percent, with intervals and numbers of pictures."""
    body = [(row.style, f"{row.against} against masters", *(_cell(row, column) for column in COLUMNS)) for row in rows]
    return markdown_table(("style", "told apart", *COLUMNS), body, align_right=True)


def _cell(row: Row, column: str) -> str:
    found, (first, second) = row.accuracy[column], row.counts[column]
    if found is None:
        return f"too few ({first}, {second})"
    return f"{found.value:.0%} [{100 * found.low:.0f}, {100 * found.high:.0f}] ({first}, {second})"
