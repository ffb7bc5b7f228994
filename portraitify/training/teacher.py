"""A teacher for the style classifier: a small network on frozen features, which never ships."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.config import STYLES
from portraitify.training.batches import PreparedData

FOLDS = 5
_STEPS = 400
_BATCH = 256
# How much the label counts beside the opinion of a teacher who has not seen the picture.
_LABEL_SHARE = 0.6


@dataclass(frozen=True)
class Teacher:
    """What the classifier learns from.

    Attributes:
        opinions: ``(N, styles)`` target probabilities of all prepared pictures.
        statistics: ``(N, D)`` pooled features, standardised.
    """

    opinions: Tensor
    statistics: Tensor


def teach(data: PreparedData, statistics: Tensor, seed: int) -> Teacher:
    """Form opinions of all pictures, each by a network that was not trained on it.

    Args:
        data: prepared pictures; only the training split is learned from.
        statistics: ``(N, D)`` of all of them.
        seed: of the networks.
    """
    labels = torch.tensor([STYLES.index(r["set"]) if r["set"] in STYLES else -1 for r in data.records])
    training = torch.tensor([record["split"] == "train" for record in data.records])
    mean, deviation = statistics[training].mean(0), statistics[training].std(0)
    x = (statistics - mean) / (deviation + 1e-3)
    fold = torch.arange(len(labels)) % FOLDS
    opinions = torch.zeros(len(labels), len(STYLES))
    for index in range(FOLDS):
        network = _fit(x, labels, training & (labels >= 0) & (fold != index), seed + index)
        with torch.no_grad():
            opinions[fold == index] = network(x[fold == index]).softmax(1)
    known = training & (labels >= 0)
    opinions[known] *= 1 - _LABEL_SHARE
    opinions[known] += _LABEL_SHARE * F.one_hot(labels[known], len(STYLES))
    return Teacher(opinions, x.clamp(-4, 4))


def _fit(x: Tensor, labels: Tensor, chosen: Tensor, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Dropout(0.3), nn.Linear(x.shape[1], 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, len(STYLES))
    )
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=0.1)
    rows = chosen.nonzero()[:, 0]
    rarity = 1 / torch.bincount(labels[rows], minlength=len(STYLES)).clamp(min=1).float()
    for _ in range(_STEPS):
        batch = rows[torch.randint(0, len(rows), (_BATCH,))]
        loss = F.cross_entropy(network(x[batch]), labels[batch], rarity / rarity.mean(), label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    return network.eval()
