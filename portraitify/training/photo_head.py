"""The classifier's layer for photos, trained on its own so that the choice survives another framing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from portraitify.data.augmentation import photographed
from portraitify.data.batches import PreparedData, SquareWindow
from portraitify.data.views import CLEAN, RETAKEN, ViewPool
from portraitify.models.classifier import StyleClassifier

FRAMINGS = 8
_TIGHTEST = 0.8
_STEPS, _RATE, _DECAY = 400, 3e-3, 1e-3
# Weight of the disagreement between framings: chosen on folds of the photos that train.
LAMBDA_AGREE = 5.0
_AT_ONCE = 64


@dataclass(frozen=True)
class Framings:
    """Features of photos in several framings, and of retaken ones.

    Attributes:
        framed: ``(N, FRAMINGS, D)`` features; of each photo the same should be said.
        targets: ``(N, styles)`` probabilities of those.
        retaken: ``(M, D)`` features of photos as they might have been taken.
        retaken_targets: ``(M, styles)`` probabilities of those.
    """

    framed: Tensor
    targets: Tensor
    retaken: Tensor
    retaken_targets: Tensor


def draw_framings(network: StyleClassifier, data: PreparedData, pool: ViewPool, targets: Tensor, seed: int) -> Framings:
    """Look at photos in other framings.

    Args:
        network: trained.
        data: prepared pictures.
        pool: views of photos.
        targets: ``(M, styles)`` probabilities of the views.
        seed: of the framings.
    """
    clean = (pool.kinds == CLEAN).nonzero()[:, 0]
    images = [_framed(data, int(pool.rows[at]), n, network.input_px, seed) for at in clean for n in range(FRAMINGS)]
    framed = _features(network, torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2))
    retaken = (pool.kinds == RETAKEN).nonzero()[:, 0]
    return Framings(
        framed.view(len(clean), FRAMINGS, -1),
        targets[clean],
        _features(network, pool.images[retaken]),
        targets[retaken],
    )


def fit_head(layer: nn.Linear, framings: Framings, lambda_agree: float = LAMBDA_AGREE) -> None:
    """Train a layer to say what it should, and the same of all framings of a photo.

    Args:
        layer: changed in place.
        framings: what to learn from.
        lambda_agree: weight of the variance of log-probabilities over the framings.
    """
    spread = framings.framed.flatten(0, 1).std(0) + 1e-4
    optimizer = torch.optim.Adam(layer.parameters(), _RATE, weight_decay=_DECAY)
    with torch.no_grad():
        layer.weight.mul_(spread)
    for _ in range(_STEPS):
        said = layer(framings.framed / spread).log_softmax(2)
        retaken = layer(framings.retaken / spread).log_softmax(1)
        loss = -(framings.targets[:, None] * said).sum(2).mean()
        loss = loss - (framings.retaken_targets * retaken).sum(1).mean()
        loss = loss + lambda_agree * said.var(1).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    with torch.no_grad():
        layer.weight.div_(spread)


def _framed(data: PreparedData, row: int, number: int, size_px: int, seed: int) -> np.ndarray:
    """The whole crop first, then windows of it, half of them as another camera would pass them on."""
    rng = np.random.default_rng([seed, row, 9, number])
    side = 1.0 if number == 0 else float(rng.uniform(_TIGHTEST, 1))
    left, top = rng.uniform(0, 1 - side, 2)
    image = data.view(row, SquareWindow(float(left), float(top), side), False, size_px)[0]
    return photographed(image, rng) if number % 2 else image


@torch.inference_mode()
def _features(network: StyleClassifier, images: Tensor) -> Tensor:
    parts = [network.features(part.float() / 127.5 - 1) for part in torch.split(images, _AT_ONCE)]
    return torch.cat(parts).clone()
