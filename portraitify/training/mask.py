"""Training of the subject mask on whole crops of photos."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.config import MaskConfig
from portraitify.data.batches import WHOLE, PreparedData, SquareWindow, Views, color_jitter, stack_views
from portraitify.data.sources import PHOTOS
from portraitify.media.registry import STYLES
from portraitify.models.blocks import shrink_to
from portraitify.models.subject_mask import SubjectMask
from portraitify.training.ema import follow

# Of the photos, put before other pictures.
COMPOSITED_SHARE = 0.6


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
) -> SubjectMask:
    """Train on the photos of the training split.

    Args:
        data: prepared pictures.
        config: options.
        on_step: called with the step and its loss.

    Returns:
        The averaged network in evaluation mode.
    """
    torch.manual_seed(config.seed)
    network = SubjectMask()
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, config.steps)
    rows = data.rows(PHOTOS, "train")
    for step in range(config.steps):
        rng = np.random.default_rng([config.seed, step])
        views = _batch(data, rng.choice(rows, config.batch_size), network.input_px, rng)
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(views.image)
        loss = mask_loss(logits, views.subject_mask, views.valid)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        follow(average, network, 0.99, step)
        on_step(step + 1, float(loss.detach()))
    return average.eval()


def evaluate_mask(network: SubjectMask, data: PreparedData) -> MaskReport:
    """Compare masks of held-out photos with those of the segmentation network."""
    scores = []
    for row in data.rows(PHOTOS, "held-out"):
        views = stack_views([data.view(int(row), WHOLE, False, network.input_px)[:2]])
        with torch.inference_mode():
            found, true = network.find(views.image) > 0.5, views.subject_mask > 0.5
        inside = views.valid > 0.5
        union = ((found | true) & inside).sum()
        scores.append(float((found & true & inside).sum() / union.clamp(min=1)))
    return MaskReport(float(np.mean(scores)), float(np.quantile(scores, 0.1)))


def mask_loss(logits: Tensor, subject_mask: Tensor, valid: Tensor) -> Tensor:
    """Cross-entropy of the subject mask inside the picture.

    Args:
        logits: ``(B, 1, h, w)``.
        subject_mask: ``(B, 1, H, W)`` in 0 to 1.
        valid: ``(B, 1, H, W)``, 1 inside the picture.
    """
    target, weight = shrink_to(subject_mask, logits), shrink_to(valid, logits)
    loss = F.binary_cross_entropy_with_logits(logits.float(), target, reduction="none")
    return (loss * weight).sum() / weight.sum().clamp(min=1e-3)


def _batch(data: PreparedData, rows: np.ndarray, size_px: int, rng: np.random.Generator) -> Views:
    others = np.concatenate([data.rows(name, "train") for name in (PHOTOS, PHOTOS, *STYLES)])
    pictures = []
    for row in rows:
        image, masks = _seen(data, int(row), (0.8, 1.0), size_px, rng)
        if rng.random() < COMPOSITED_SHARE:
            behind, _ = _seen(data, int(rng.choice(others)), (0.35, 1.0), size_px, rng)
            image, masks = composite_on_clutter(image, masks, behind, rng)
        pictures.append((color_jitter(image, rng), masks))
    return stack_views(pictures)


def _seen(
    data: PreparedData, row: int, sides: tuple[float, float], size_px: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    side = float(rng.uniform(*sides))
    left, top = rng.uniform(0, 1 - side, 2)
    return data.view(row, SquareWindow(float(left), float(top), side), bool(rng.integers(2)), size_px)[:2]


def composite_on_clutter(
    image: np.ndarray, masks: np.ndarray, behind: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Put a sitter before another picture, often smaller and a little to the side.

    Flags, furniture, and people in the second row are background too, which the
    photos with their mostly empty walls do not tell.

    Args:
        image: ``(S, S, 3)`` uint8 with the sitter.
        masks: ``(S, S, C)`` float32, subject and valid part first.
        behind: ``(S, S, 3)`` uint8.
        rng: draws size and place.

    Returns:
        Image and masks of the same kinds.
    """
    size = len(image)
    upper = masks[: size // 2, :, 0]
    cut = max(upper[0].max(), upper[:, 0].max(), upper[:, -1].max()) > 0.5
    # Hair that ends at a straight line in the middle of the crop would teach nothing.
    scale = 1.0 if cut else float(rng.uniform(0.55, 1.0))
    # The sitter stays cut by the lower edge, as people in portraits are.
    left = 0.0 if cut else (1 - scale) * size / 2 + float(rng.normal(0, 0.04)) * size
    matrix = np.array([[scale, 0, left], [0, scale, (1 - scale) * size]])

    def moved(field: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(field, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    subject_mask = moved(masks[..., 0] * masks[..., 1])[..., None]
    behind = cv2.GaussianBlur(behind, (0, 0), float(rng.uniform(0.05, 2.5)))
    mixed = moved(image) * subject_mask + behind * (1 - subject_mask)
    rest = np.zeros((*subject_mask.shape[:2], masks.shape[2] - 2), np.float32)
    return (mixed + 0.5).astype(np.uint8), np.dstack([subject_mask, np.ones_like(subject_mask), rest])
