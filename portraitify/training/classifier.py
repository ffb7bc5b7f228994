"""Training of the style classifier on paintings and photos."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.data.views import ViewPool, draw_views, is_reserved
from portraitify.media.registry import STYLES
from portraitify.models.classifier import StyleClassifier
from portraitify.training.calibrate import calibrate, photo_targets
from portraitify.training.ema import follow
from portraitify.training.options import ClassifierConfig
from portraitify.training.photo_head import draw_framings, fit_head
from portraitify.training.teacher import Teacher, teach

# Of the trunk's maps, those that the classifier's stages learn to predict: at 1/8, 1/16 and 1/32 of the size.
TAUGHT_MAPS = (1, 3, 4)
# Clean, passed-on and retaken views of each picture.
PAINTING_VIEWS, PHOTO_VIEWS = (1, 5, 0), (1, 2, 4)
# Batches on which the statistics of the averaged network are measured.
_SETTLING = 30


@dataclass(frozen=True)
class Lessons:
    """Views with what is to be learned from them.

    Attributes:
        pool: the views.
        targets: ``(M, styles)`` probabilities.
        groups: positions of views; an update takes the same number of each group.
    """

    pool: ViewPool
    targets: Tensor
    groups: list[Tensor]


def train_classifier(
    data: PreparedData,
    config: ClassifierConfig,
    trunk: nn.Module,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
    on_view: Callable[[int, int], None] = lambda done, total: None,
) -> StyleClassifier:
    """Train on the training split and calibrate on its photos.

    The network learns from a teacher on frozen features (Hinton et al.,
    Distilling the Knowledge in a Neural Network, 2015), its opinion of each
    view, and to predict the frozen features themselves, place by place
    (Romero et al., FitNets, ICLR 2015).

    Args:
        data: prepared pictures.
        config: options.
        trunk: frozen features, tapped at ``portraitify.training.frozen.DEEP_TAPS``.
        on_step: called with the step and its loss.
        on_view: called with views drawn and in all, first for paintings and then for photos.

    Returns:
        The averaged network in evaluation mode.
    """
    paintings = np.concatenate([data.rows(style, "train") for style in STYLES])
    photos = np.array([row for row in data.rows(PHOTOS, "train") if not is_reserved(data.records[row])], int)
    pools = [
        draw_views(data, rows, trunk, config.input_px, counts, config.seed, TAUGHT_MAPS, on_view)
        for rows, counts in ((paintings, PAINTING_VIEWS), (photos, PHOTO_VIEWS))
    ]
    labels = torch.tensor([STYLES.index(r["set"]) if r["set"] in STYLES else -1 for r in data.records])
    teacher = teach(pools[0].statistics, labels[pools[0].rows], pools[0].rows, config.seed)
    about_paintings = painting_lessons(pools[0], labels, teacher, config)
    about_photos = photo_lessons(pools[1], data, teacher)
    network = fit(StyleClassifier(input_px=config.input_px), about_paintings, about_photos, config, on_step)
    fit_head(network.photo_out, draw_framings(network, data, about_photos.pool, about_photos.targets, config.seed))
    calibrate(network, data, photos)
    return network


def painting_lessons(pool: ViewPool, labels: Tensor, teacher: Teacher, config: ClassifierConfig) -> Lessons:
    """What paintings teach: their labels, mixed with the opinion of a teacher that did not see them."""
    opinions = teacher.unseen_logits(pool.statistics, pool.rows).softmax(1)
    truth = F.one_hot(labels[pool.rows], len(STYLES)).float()
    targets = config.label_share * truth + (1 - config.label_share) * opinions
    groups = [(labels[pool.rows] == style).nonzero()[:, 0] for style in range(len(STYLES))]
    return Lessons(pool, targets, groups)


def photo_lessons(pool: ViewPool, data: PreparedData, teacher: Teacher) -> Lessons:
    """What photos teach: the teacher's opinion, calibrated and and the same however a camera passes a photo on."""
    targets = photo_targets(teacher.logits(pool.statistics), pool, data)
    return Lessons(pool, targets, [torch.arange(len(pool.rows))])


def fit(
    network: StyleClassifier,
    paintings: Lessons,
    photos: Lessons,
    config: ClassifierConfig,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> StyleClassifier:
    """Train a network on views.

    Returns:
        The averaged network in evaluation mode.
    """
    torch.manual_seed(config.seed)
    network = _reset(network)
    average, guide = copy.deepcopy(network), _Guide(network, paintings.pool)
    parameters = [*network.parameters(), *guide.parameters()]
    optimizer = torch.optim.AdamW(parameters, config.learning_rate, weight_decay=config.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.learning_rate, config.steps, pct_start=0.2)
    rng = np.random.default_rng(config.seed)
    for step in range(config.steps):
        loss = torch.zeros(())
        for lessons, share in ((paintings, 1 - config.photo_share), (photos, config.photo_share)):
            chosen = _draw(lessons.groups, round(share * config.batch_size), rng)
            loss = loss + share * _loss(network, guide, lessons, chosen, lessons is photos, config, rng)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        follow(average, network, 0.998, step)
        on_step(step + 1, float(loss.detach()))
    for lessons in (paintings, photos):
        _settle(average, lessons, lessons is photos, config, rng)
    return average.eval()


@torch.no_grad()
def _settle(
    network: StyleClassifier, lessons: Lessons, are_photos: bool, config: ClassifierConfig, rng: np.random.Generator
) -> None:
    """Measure the statistics of batch normalisation anew: those of averaged weights are no average of statistics.

    Source: Wu and Johnson, Rethinking "Batch" in BatchNorm, 2021, section 3.
    """
    network.train()
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for number in range(_SETTLING):
        for norm in norms:
            norm.momentum = 1 / (number + 1)
        chosen = _draw(lessons.groups, config.batch_size, rng)
        network.maps(lessons.pool.images[chosen].float() / 127.5 - 1, painting=not are_photos)
    for norm in norms:
        norm.momentum = 0.1


class _Guide(nn.Module):
    """Predicts the frozen network's maps and statistics from the classifier's, in training only."""

    def __init__(self, network: StyleClassifier, pool: ViewPool):
        super().__init__()
        widths = network.channels[1:]
        self.to_maps = nn.ModuleList(
            nn.Conv2d(width, taught.shape[1], 1) for width, taught in zip(widths, pool.maps, strict=True)
        )
        self.to_statistics = nn.Linear(network.out.in_features, pool.statistics.shape[1])
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", pool.statistics.mean(0))
        self.register_buffer("deviation", pool.statistics.std(0) + 1e-3)

    def loss(self, maps: list[Tensor], pooled: Tensor, taught: list[Tensor], statistics: Tensor) -> Tensor:
        """Mean squared error of the maps, whose mean square is 1, and half that of the statistics."""
        error = 0.5 * F.mse_loss(self.to_statistics(pooled), ((statistics - self.mean) / self.deviation).clamp(-4, 4))
        for convolution, own, target in zip(self.to_maps, maps[1:], taught, strict=True):
            error = error + F.mse_loss(convolution(own).float(), target.float())
        return error


def _loss(
    network: StyleClassifier,
    guide: _Guide,
    lessons: Lessons,
    chosen: Tensor,
    are_photos: bool,
    config: ClassifierConfig,
    rng: np.random.Generator,
) -> Tensor:
    image = lessons.pool.images[chosen].float() / 127.5 - 1
    taught = [x[chosen] for x in lessons.pool.maps]
    if rng.integers(2):
        image, taught = image.flip(3), [x.flip(3) for x in taught]
    with torch.autocast("cpu", torch.bfloat16):
        maps = network.maps(image.contiguous(memory_format=torch.channels_last), painting=not are_photos)
        pooled = network.pooled(maps)
        guided = guide.loss(maps, pooled, taught, lessons.pool.statistics[chosen])
    head = network.photo_out if are_photos else network.out
    said: Tensor = head(network.drop(pooled)).log_softmax(1)
    return -(lessons.targets[chosen] * said).sum(1).mean() + config.lambda_guide * guided


def _draw(groups: list[Tensor], count: int, rng: np.random.Generator) -> Tensor:
    """``(count,)`` positions, the same number of each group."""
    return torch.stack([groups[i % len(groups)][rng.integers(len(groups[i % len(groups)]))] for i in range(count)])


def _reset(network: StyleClassifier) -> StyleClassifier:
    """The same network with initial weights that depend on the seed alone."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)):
            module.reset_parameters()
    return network.to(memory_format=torch.channels_last).train()
