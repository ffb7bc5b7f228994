"""What a photo's style should be, when nobody has painted it: opinions, made even and made fair."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from portraitify.data.batches import WHOLE, PreparedData
from portraitify.data.views import RETAKEN, ViewPool
from portraitify.imaging.color_difference import mean_lab, typology_angle
from portraitify.imaging.skin import skin_region
from portraitify.models.classifier import StyleClassifier

# Standard deviation of the logits over photos: about two thirds for the favoured style.
SPREAD = 1.4
_VIEW_PX = 160


def photo_targets(opinions: Tensor, pool: ViewPool, data: PreparedData) -> Tensor:
    """Probabilities ``(M, styles)`` to learn for views of photos.

    Views that only another camera or messenger would make get the mean
    opinion of their photo, so that the choice survives them; what goes with
    the tone of skin is taken out (a regression on the typology angle); and
    on average no style is preferred.

    Args:
        opinions: ``(M, styles)`` log-probabilities of a teacher.
        pool: the views.
        data: what they are of.
    """
    rows, where = torch.unique(pool.rows, return_inverse=True)
    tones = torch.tensor([skin_tone(data, int(row)) for row in rows])
    plain: Tensor = (pool.kinds != RETAKEN).float()
    means = torch.zeros(len(rows), opinions.shape[1]).index_add(0, where, opinions * plain[:, None])
    means = means / torch.zeros(len(rows)).index_add(0, where, plain)[:, None].clamp(min=1)
    centred, tones = means - means.mean(0), tones - tones.mean()
    slope = (tones[:, None] * centred).sum(0) / tones.square().sum().clamp(min=1e-6)
    logits = torch.where(plain[:, None] > 0, means[where], opinions) - tones[where, None] * slope
    fair = means - tones[:, None] * slope
    fair = fair - fair.mean(1, keepdim=True)
    scale = SPREAD / fair.std(0).mean().clamp(min=1e-2)
    return (logits * scale + evening_bias(fair * scale)).softmax(1)


def calibrate(network: StyleClassifier, data: PreparedData, photos: np.ndarray) -> None:
    """Make the network's logits of photos blind to the tone of skin, and on average prefer no style.

    Args:
        network: changed in place.
        data: prepared pictures.
        photos: rows to calibrate on.
    """
    features = photo_features(network, data, photos)
    with torch.no_grad():
        blind(network.photo_out, features, torch.tensor([skin_tone(data, int(row)) for row in photos]))
        network.photo_out.bias.add_(evening_bias(network.photo_out(features)))


@torch.no_grad()
def blind(layer: nn.Linear, features: Tensor, tones: Tensor) -> None:
    """Take out of a layer what its results have in common with the tone of skin.

    The tone is predicted from the features (ridge regression), and each result
    loses as much of the prediction as leaves no covariance with the tone.

    Args:
        layer: changed in place.
        features: ``(N, D)`` of photos.
        tones: ``(N,)`` of their sitters.
    """
    mean, deviation = features.mean(0), features.std(0) + 1e-4
    x, tone = ((features - mean) / deviation).double(), (tones - tones.mean()).double()
    ridge = x.T @ x + len(x) * torch.eye(x.shape[1], dtype=torch.float64)
    direction = torch.linalg.solve(ridge, x.T @ tone)
    predicted, said = x @ direction, layer(features).double()
    slope = ((said - said.mean(0)).T @ tone) / (predicted @ tone).clamp(min=1e-9)
    change = (slope[:, None] * (direction / deviation.double())).float()
    layer.weight.sub_(change)
    layer.bias.add_(change @ mean)


def evening_bias(logits: Tensor) -> Tensor:
    """Bias ``(styles,)`` that brings the mean probabilities of ``(N, styles)`` logits to the same value."""
    bias = torch.zeros(logits.shape[1])
    for _ in range(200):
        mean = (logits + bias).softmax(1).mean(0)
        bias = bias - 0.5 * (mean * logits.shape[1]).clamp(min=1e-3).log()
    return bias


def skin_tone(data: PreparedData, row: int) -> float:
    """Typology angle of a sitter's skin in degrees; larger is lighter."""
    image, _, points = data.view(row, WHOLE, False, _VIEW_PX)
    return float(typology_angle(mean_lab(image, skin_region(points, (_VIEW_PX, _VIEW_PX)))))


@torch.inference_mode()
def photo_features(network: StyleClassifier, data: PreparedData, rows: np.ndarray) -> Tensor:
    """Features ``(N, D)`` of photos seen whole."""
    parts = [torch.zeros(0, network.photo_out.in_features)]
    for start in range(0, len(rows), 64):
        images = [data.view(int(row), WHOLE, False, network.input_px)[0] for row in rows[start : start + 64]]
        parts.append(network.features(torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 127.5 - 1))
    return torch.cat(parts).clone()
