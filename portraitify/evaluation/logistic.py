"""Multinomial logistic regression on standardised values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Standardised values beyond this tell of an outlier of the measurement, not of what is measured.
MOST_DEVIATIONS = 4.0
_STEPS = 150


@dataclass(frozen=True)
class Scale:
    """Standardises values like those that it was fitted on.

    Attributes:
        mean: ``(D,)`` float64.
        deviation: ``(D,)`` float64, positive.
    """

    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def fit(cls, values: np.ndarray) -> Scale:
        """Take mean and deviation of ``(N, D)`` values."""
        x = np.asarray(values, np.float64)
        return cls(x.mean(0), x.std(0) + 1e-6)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Turn ``(N, D)`` values into float64 deviations, limited to ``MOST_DEVIATIONS``."""
        x = (np.asarray(values, np.float64) - self.mean) / self.deviation
        return np.asarray(np.clip(x, -MOST_DEVIATIONS, MOST_DEVIATIONS))


@dataclass(frozen=True)
class Logistic:
    """A fitted regression.

    Attributes:
        scale: of the values.
        weights: ``(D, C)`` float64.
        bias: ``(C,)`` float64.
    """

    scale: Scale
    weights: np.ndarray
    bias: np.ndarray

    def logits(self, values: np.ndarray) -> np.ndarray:
        """``(N, D)`` values to ``(N, C)`` logits."""
        return np.asarray(self.scale(values) @ self.weights + self.bias)


def fit_logistic(values: np.ndarray, labels: np.ndarray, classes: int, decay: float) -> Logistic:
    """Fit by L-BFGS; every class counts the same, however many examples it has.

    Args:
        values: ``(N, D)``.
        labels: ``(N,)`` int, 0 to ``classes`` - 1.
        classes: number of them.
        decay: weight of half the squared weights beside the mean loss.
    """
    import torch
    from torch.nn import functional as F

    scale = Scale.fit(values)
    x, y = torch.from_numpy(scale(values)), torch.from_numpy(np.asarray(labels, np.int64))
    rarity = 1.0 / torch.bincount(y, minlength=classes).clamp(min=1).double()
    weights = torch.zeros(x.shape[1], classes, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(x @ weights + bias, y, rarity) + 0.5 * decay * weights.square().sum()
        torch.autograd.backward(loss)
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return Logistic(scale, weights.detach().numpy(), bias.detach().numpy())
