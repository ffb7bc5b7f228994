"""Percentile bootstrap over sitters: the unit that was sampled is the unit that is drawn again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A metric with its interval.

    Attributes:
        value: of the sample.
        low: lower end of the 95 % interval; NaN where a single sitter allows none.
        high: upper end of it.
        count: sitters behind it.
    """

    value: float
    low: float
    high: float
    count: int


def bootstrap(
    statistic: Callable[..., float], sizes: Sequence[int], count: int, seed: int, draws: int
) -> Estimate | None:
    """Estimate a statistic of one or several samples.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.

    Args:
        statistic: takes one array of positions for each sample; NaN where it is undefined.
        sizes: of the samples, each at least 1.
        count: sitters behind the metric.
        seed: of the draws.
        draws: number of them.

    Returns:
        None where the statistic is undefined for the sample itself.
    """
    value = statistic(*(np.arange(size) for size in sizes))
    if not np.isfinite(value):
        return None
    if min(sizes) < 2:
        return Estimate(float(value), float("nan"), float("nan"), count)
    rng = np.random.default_rng(seed)
    again = np.array([statistic(*(rng.integers(0, size, size) for size in sizes)) for _ in range(draws)])
    return _estimate(float(value), again[np.isfinite(again)], count)


def _estimate(value: float, again: np.ndarray, count: int) -> Estimate:
    if count < 2 or not len(again):
        return Estimate(value, float("nan"), float("nan"), count)
    low, high = np.quantile(again, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high), count)


def mean_estimate(values: np.ndarray, seed: int, draws: int) -> Estimate | None:
    """Estimate a mean over sitters.

    Args:
        values: ``(N,)``, or ``(N, K)`` with several values a sitter; NaN was not measured.
        seed: of the draws.
        draws: number of them.

    Returns:
        None where nothing was measured.
    """
    each = nanmean(np.asarray(values, np.float64).reshape(len(values), -1), 1)
    each = each[np.isfinite(each)]
    if not len(each):
        return None
    picks = np.random.default_rng(seed).integers(0, len(each), (draws, len(each)))
    return _estimate(float(each.mean()), each[picks].mean(1), len(each))


def share_estimate(values: np.ndarray, seed: int, draws: int) -> Estimate | None:
    """Estimate a share like :func:`mean_estimate`, of values that are 0, 1 or NaN.

    Where all agree, drawing again tells nothing; then the open end of the
    interval is the exact one of Clopper and Pearson, Biometrika 26, 1934,
    counted by sitters.
    """
    found = mean_estimate(values, seed, draws)
    if found is None or found.value not in (0.0, 1.0):
        return found
    reach = float(((1 - LEVEL) / 2) ** (1 / found.count))
    return Estimate(found.value, *((reach, 1.0) if found.value else (0.0, 1 - reach)), found.count)


def nanmean(values: np.ndarray, axis: int | None = None) -> np.ndarray:
    """Mean of what was measured; NaN where nothing was. NumPy's own warns then."""
    measured = ~np.isnan(values)
    total, count = np.where(measured, values, 0.0).sum(axis), measured.sum(axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
