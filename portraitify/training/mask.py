"""Training of the sitter's mask on whole frames of photos."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.config import MaskConfig
from portraitify.models.blocks import shrink_to
from portraitify.models.sitter_mask import SitterMask
from portraitify.training.average import follow
from portraitify.training.batches import WHOLE, PreparedData, Views, Window, jitter, stack_views
from portraitify.training.sources import PHOTOS


@dataclass(frozen=True)
class MaskReport:
    """How well the masks of held-out photos agree with the segmentation network's.

    Attributes:
        mean_iou: mean intersection over union.
        worst_tenth_iou: of the photo at the tenth percentile.
    """

    mean_iou: float
    worst_tenth_iou: float


def train_mask(
    data: PreparedData, config: MaskConfig, on_step: Callable[[int, float], None] = lambda step, loss: None
) -> SitterMask:
    """Train on the photos of the training split.

    Args:
        data: prepared pictures.
        config: options.
        on_step: called with the step and its loss.

    Returns:
        The averaged network in evaluation mode.
    """
    torch.manual_seed(config.seed)
    network = SitterMask()
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, config.steps)
    rows = data.rows(PHOTOS, "train")
    for step in range(config.steps):
        rng = np.random.default_rng([config.seed, step])
        views = _batch(data, rng.choice(rows, config.batch_size), network.input_px, rng)
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(views.image)
        loss = mask_loss(logits, views.sitter, views.valid)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        follow(average, network, 0.99, step)
        on_step(step + 1, float(loss.detach()))
    return average.eval()


def evaluate_mask(network: SitterMask, data: PreparedData) -> MaskReport:
    """Compare masks of held-out photos with those of the segmentation network."""
    scores = []
    for row in data.rows(PHOTOS, "held-out"):
        views = stack_views([data.view(int(row), WHOLE, False, network.input_px)[:2]])
        with torch.inference_mode():
            found, true = network.find(views.image) > 0.5, views.sitter > 0.5
        inside = views.valid > 0.5
        union = ((found | true) & inside).sum()
        scores.append(float((found & true & inside).sum() / union.clamp(min=1)))
    return MaskReport(float(np.mean(scores)), float(np.quantile(scores, 0.1)))


def mask_loss(logits: Tensor, sitter: Tensor, valid: Tensor) -> Tensor:
    """Cross-entropy of the sitter's mask inside the picture.

    Args:
        logits: ``(B, 1, h, w)``.
        sitter: ``(B, 1, H, W)`` in 0 to 1.
        valid: ``(B, 1, H, W)``, 1 inside the picture.
    """
    target, weight = shrink_to(sitter, logits), shrink_to(valid, logits)
    loss = F.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    return (loss * weight).sum() / weight.sum().clamp(min=1e-3)


def _batch(data: PreparedData, rows: np.ndarray, size_px: int, rng: np.random.Generator) -> Views:
    pictures = []
    for row in rows:
        side = float(rng.uniform(0.8, 1.0))
        left, top = rng.uniform(0, 1 - side, 2)
        window = Window(float(left), float(top), side)
        image, masks, _ = data.view(int(row), window, bool(rng.integers(2)), size_px)
        pictures.append((jitter(image, rng), masks))
    return stack_views(pictures)
