"""A teacher for the style classifier: small networks on frozen features, which never ship."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.media.registry import STYLES

FOLDS = 5
_STEPS = 500
_BATCH = 256


@dataclass(frozen=True)
class Teacher:
    """Networks that were each trained without one fold of the paintings.

    Attributes:
        networks: one a fold.
        mean: ``(D,)`` of the statistics.
        deviation: ``(D,)`` of the statistics.
    """

    networks: list[nn.Module]
    mean: Tensor
    deviation: Tensor

    @torch.no_grad()
    def unseen_logits(self, statistics: Tensor, rows: Tensor) -> Tensor:
        """Log-probabilities ``(M, styles)`` of views of paintings, by the network that saw none of the painting.

        Args:
            statistics: ``(M, D)``.
            rows: ``(M,)``, which painting each view shows.
        """
        result = torch.zeros(len(rows), len(STYLES))
        for fold, network in enumerate(self.networks):
            mine = fold_of(rows) == fold
            result[mine] = network(self.standardised(statistics[mine])).log_softmax(1)
        return result

    @torch.no_grad()
    def logits(self, statistics: Tensor) -> Tensor:
        """Mean log-probabilities ``(M, styles)`` of all networks, for what none of them was trained on."""
        x = self.standardised(statistics)
        return torch.stack([network(x).log_softmax(1) for network in self.networks]).mean(0)

    def standardised(self, statistics: Tensor) -> Tensor:
        """``(M, D)`` statistics of about unit variance."""
        return ((statistics - self.mean) / self.deviation).clamp(-5, 5)


def fold_of(rows: Tensor) -> Tensor:
    """The fold of each row of the prepared data; all views of a painting are in one."""
    return rows % FOLDS


def teach(statistics: Tensor, labels: Tensor, rows: Tensor, seed: int) -> Teacher:
    """Train one network for each fold on the views of the other folds.

    Args:
        statistics: ``(M, D)`` of views of paintings of the training split.
        labels: ``(M,)`` positions in ``STYLES``.
        rows: ``(M,)``, which painting each view shows.
        seed: of the networks.
    """
    teacher = Teacher([], statistics.mean(0), statistics.std(0) + 1e-3)
    x = teacher.standardised(statistics)
    for fold in range(FOLDS):
        chosen = (fold_of(rows) != fold).nonzero()[:, 0]
        teacher.networks.append(_fit(x, labels, chosen, seed + fold))
    return teacher


def _fit(x: Tensor, labels: Tensor, rows: Tensor, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Dropout(0.3), nn.Linear(x.shape[1], 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, len(STYLES))
    )
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=0.1)
    rarity = 1 / torch.bincount(labels[rows], minlength=len(STYLES)).clamp(min=1).float()
    for _ in range(_STEPS):
        batch = rows[torch.randint(0, len(rows), (_BATCH,))]
        loss = F.cross_entropy(network(x[batch]), labels[batch], rarity / rarity.mean(), label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
    return network.eval()
