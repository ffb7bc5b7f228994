"""What a photo's style should be, when nobody has painted it: opinions, made even and made fair."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from portraitify.evaluation.color import mean_lab, skin_weights, typology_angle
from portraitify.models.classifier import StyleClassifier
from portraitify.training.batches import WHOLE, PreparedData
from portraitify.training.views import RETAKEN, ViewPool

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
    rows, where = pool.rows.unique(return_inverse=True)
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
    """Shift the network's logits of photos so that on average no style is preferred.

    Args:
        network: changed in place.
        data: prepared pictures.
        photos: rows to calibrate on.
    """
    logits = view_logits(network, data, photos, network.input_px)
    with torch.no_grad():
        network.photo_out.bias.add_(evening_bias(logits))


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
    return float(typology_angle(mean_lab(image, skin_weights(points, _VIEW_PX))))


def view_logits(network: StyleClassifier, data: PreparedData, rows: np.ndarray, size_px: int) -> Tensor:
    """Logits ``(N, styles)`` of photos seen whole."""
    parts = [torch.zeros(0, network.photo_out.out_features)]
    with torch.inference_mode():
        for start in range(0, len(rows), 64):
            images = [data.view(int(row), WHOLE, False, size_px)[0] for row in rows[start : start + 64]]
            parts.append(network(torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() / 127.5 - 1))
    return torch.cat(parts).clone()
