"""Training of the subject mask on whole crops of photos."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.data.batches import WHOLE, PreparedData, stack_views
from portraitify.data.looked_over import NOT_LOOKED_OVER, LookedOver
from portraitify.data.sources import PHOTOS
from portraitify.models.blocks import shrink_to
from portraitify.models.subject_mask import SubjectMask
from portraitify.training.ema import follow
from portraitify.training.mask_views import Cutout, MaskViews, above_forehead
from portraitify.training.options import MaskConfig

# Breadth of what counts as the outline, in pixels of the mask.
_OUTLINE = 9
# Learning rate of the trunk, in parts of the others': it knows much already.
_TRUNK_RATE = 0.2


@dataclass(frozen=True)
class MaskReport:
    """How well the masks of held-out photos agree with the teachers'.

    Attributes:
        mean_iou: mean intersection over union.
        worst_tenth_iou: of the photo at the tenth percentile.
        hat_recall: mean share that is found of what lies above the forehead, of the photos with hats or scarves; not a
            number if none was named.
    """

    mean_iou: float
    worst_tenth_iou: float
    hat_recall: float


def train_mask(
    data: PreparedData,
    config: MaskConfig,
    begin_with: SubjectMask,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
    looked_over: LookedOver = NOT_LOOKED_OVER,
) -> SubjectMask:
    """Train on the photos of the training split.

    Args:
        data: prepared pictures.
        config: options.
        begin_with: a network to go on with, which changes.
        on_step: called with the step and its loss.
        looked_over: what was seen of the photos' masks.

    Returns:
        The averaged network in evaluation mode.
    """
    torch.manual_seed(config.seed)
    network = begin_with.requires_grad_(True).train().to(memory_format=torch.channels_last)
    network.input_px = config.input_px
    average = copy.deepcopy(network).requires_grad_(False)
    rates = [_TRUNK_RATE * config.learning_rate, config.learning_rate]
    learned = [p for name, p in network.named_parameters() if not name.startswith("trunk.")]
    groups = [{"params": each} for each in (network.trunk.parameters(), learned)]
    optimizer = torch.optim.AdamW(groups, config.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, config.steps)
    views = MaskViews(data, network.input_px, looked_over)
    for step in range(config.steps):
        rng = np.random.default_rng([config.seed, step])
        image, mask, weight = _stacked([views.draw(rng) for _ in range(config.batch_size)])
        with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
            logits = network(image)
        loss = mask_loss(logits, mask, weight, config.outline)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        follow(average, network, 0.99, step)
        on_step(step + 1, float(loss.detach()))
    return average.eval()


def evaluate_mask(network: SubjectMask, data: PreparedData, looked_over: LookedOver = NOT_LOOKED_OVER) -> MaskReport:
    """Compare masks of photos that it did not learn from with those of the teachers.

    Args:
        network: in evaluation mode.
        data: prepared pictures; photos whose masks are doubtful are left out.
        looked_over: which photos have hats and were kept to measure with.
    """
    scores, recalls = [], []
    held_out = [int(row) for row in data.rows(PHOTOS, "held-out")]
    hats = [int(row) for row in data.rows(PHOTOS, "train") if data.records[row]["file"] in looked_over.kept_hats]
    for row in (*held_out, *hats):
        if data.records[row].get("doubtful_mask", False):
            continue
        image, masks, points = data.view(row, WHOLE, False, network.input_px)
        views = stack_views([(image, masks)])
        with torch.inference_mode():
            found, true = network.find(views.image) > 0.5, views.subject_mask > 0.5
        inside = views.valid > 0.5
        union = ((found | true) & inside).sum()
        if row not in hats:
            scores.append(float((found & true & inside).sum() / union.clamp(min=1)))
        if data.records[row]["file"] in looked_over.kept_hats:
            crown = true & inside & (torch.from_numpy(above_forehead(points, network.input_px)) > 0.5)
            recalls.append(float((found & crown).sum() / crown.sum().clamp(min=1)))
    hat_recall = float(np.mean(recalls)) if recalls else math.nan
    return MaskReport(float(np.mean(scores)), float(np.quantile(scores, 0.1)), hat_recall)


def mask_loss(logits: Tensor, subject_mask: Tensor, weight: Tensor, outline: float) -> Tensor:
    """Cross-entropy of the subject mask.

    Most places are easy; what is seen of a mask is its outline.

    Args:
        logits: ``(B, 1, h, w)``.
        subject_mask: ``(B, 1, H, W)`` in 0 to 1.
        weight: ``(B, 1, H, W)``, how much each place counts; 0 outside the picture.
        outline: how much more places near the sitter's outline do.
    """
    target, counted = shrink_to(subject_mask, logits), shrink_to(weight, logits)
    near = F.max_pool2d(target, _OUTLINE, 1, _OUTLINE // 2) + F.max_pool2d(-target, _OUTLINE, 1, _OUTLINE // 2)
    counted = counted * (1 + (outline - 1) * near)
    loss = F.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    return (loss * counted).sum() / counted.sum().clamp(min=1e-3)


def _stacked(cutouts: Sequence[Cutout]) -> tuple[Tensor, Tensor, Tensor]:
    """Images ``(B, 3, S, S)`` in -1 to 1, channels last, masks and weights ``(B, 1, S, S)``."""
    image = torch.from_numpy(np.stack([cutout.image for cutout in cutouts])).permute(0, 3, 1, 2).float() / 127.5 - 1
    fields = [np.stack(each)[:, None] for each in zip(*((c.mask, c.weight) for c in cutouts), strict=True)]
    return image, torch.from_numpy(fields[0]), torch.from_numpy(fields[1])
