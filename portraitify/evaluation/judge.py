"""A judge of styles that shares no features and no network with what was trained.

It sees the hand-made features of :mod:`portraitify.evaluation.features` and
learns from the paintings of the training split; photos are one more kind that
it can name, so that a painting must also stop looking like a photo.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.evaluation.features import medium_features
from portraitify.evaluation.logistic import Scale
from portraitify.media.registry import STYLES

LEAST_PICTURES = 2
_NETWORKS, _STEPS, _BATCH, _WIDTH = 3, 400, 256, 128


@dataclass(frozen=True)
class Gallery:
    """Features of real pictures.

    Attributes:
        training: for each style and ``photos``, ``(N, D)`` of pictures of the training split.
        held_out: for each style, ``(M, D)`` of held-out paintings.
    """

    training: dict[str, np.ndarray]
    held_out: dict[str, np.ndarray]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Styles, and then photos, of which there is something to learn from."""
        return tuple(name for name in (*STYLES, PHOTOS) if len(self.training[name]) >= LEAST_PICTURES)


def read_gallery(data: PreparedData, most: int, seed: int, on_picture: Callable[[int, int], None]) -> Gallery:
    """Measure prepared pictures.

    Args:
        data: prepared pictures.
        most: pictures of each kind to learn from; more than that are drawn from at random.
        seed: of that draw.
        on_picture: called with pictures done and in all.
    """
    training = {name: _draw(data.rows(name, "train"), most, seed) for name in (*STYLES, PHOTOS)}
    held_out = {style: data.rows(style, "held-out") for style in STYLES}
    total = sum(map(len, training.values())) + sum(map(len, held_out.values()))
    done = 0

    def measure(rows: np.ndarray) -> np.ndarray:
        nonlocal done
        features = []
        for row in rows:
            features.append(medium_features(data.images[row], data.masks[row], data.landmarks[row]))
            done += 1
            on_picture(done, total)
        return np.stack(features) if features else np.zeros((0, 1), np.float32)

    return Gallery(
        {name: measure(rows) for name, rows in training.items()},
        {name: measure(rows) for name, rows in held_out.items()},
    )


def _draw(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])


class Judge:
    """Names the kind of a picture.

    Attributes:
        kinds: what it can name: styles, and ``photos`` where some were there to learn from.
        scale: standardises features.

    Args:
        gallery: to learn from.
        seed: of the networks.
    """

    def __init__(self, gallery: Gallery, seed: int):
        self.kinds = gallery.kinds
        values = np.concatenate([gallery.training[name] for name in self.kinds])
        self.scale = Scale.fit(values)
        labels = np.repeat(np.arange(len(self.kinds)), [len(gallery.training[name]) for name in self.kinds])
        x, y = torch.from_numpy(self.scale(values)).float(), torch.from_numpy(labels)
        self._networks = [_fit(x, y, len(self.kinds), seed + index) for index in range(_NETWORKS)]

    def name(self, features: np.ndarray, photos: bool = False) -> np.ndarray:
        """Name the kinds of pictures.

        Args:
            features: ``(N, D)``.
            photos: whether ``photos`` may be said too.

        Returns:
            ``(N,)`` str.
        """
        if not len(features):
            return np.zeros(0, str)
        x = torch.from_numpy(self.scale(features)).float()
        with torch.inference_mode():
            logits = torch.stack([network(x).log_softmax(1) for network in self._networks]).mean(0).numpy()
        allowed = [index for index, name in enumerate(self.kinds) if photos or name != PHOTOS]
        names: np.ndarray = np.array(self.kinds)[allowed][logits[:, allowed].argmax(1)]
        return names

    @property
    def knows_photos(self) -> bool:
        """Whether it can take a painting for a photo."""
        return PHOTOS in self.kinds


@dataclass(frozen=True)
class JudgeReport:
    """How far the judge can be trusted, on real paintings that it did not learn from.

    Attributes:
        trained_on: pictures of each kind that it learned from.
        held_out: paintings of each style that it was tested with.
        accuracy: share of each style's that it names among the styles.
        accuracy_with_photo: the same where it may also say that it is a photo.
        mean_accuracy: mean of ``accuracy`` over the styles.
    """

    trained_on: dict[str, int]
    held_out: dict[str, int]
    accuracy: dict[str, float]
    accuracy_with_photo: dict[str, float]
    mean_accuracy: float


def examine_judge(judge: Judge, gallery: Gallery) -> JudgeReport:
    """Let the judge name the held-out paintings."""
    tested = [style for style in judge.kinds if style != PHOTOS and len(gallery.held_out[style])]
    accuracy, strict = (
        {style: float((judge.name(gallery.held_out[style], photos) == style).mean()) for style in tested}
        for photos in (False, True)
    )
    return JudgeReport(
        trained_on={name: len(gallery.training[name]) for name in judge.kinds},
        held_out={style: len(gallery.held_out[style]) for style in STYLES},
        accuracy=accuracy,
        accuracy_with_photo=strict if judge.knows_photos else {},
        mean_accuracy=float(np.mean(list(accuracy.values()))) if accuracy else float("nan"),
    )


def _fit(x: torch.Tensor, labels: torch.Tensor, kinds: int, seed: int) -> nn.Module:
    """A perceptron with one hidden layer, to which every kind counts the same."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Dropout(0.3), nn.Linear(x.shape[1], _WIDTH), nn.ReLU(), nn.Dropout(0.5), nn.Linear(_WIDTH, kinds)
    )
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=1.0)
    rarity = 1 / torch.bincount(labels, minlength=kinds).float()
    for _ in range(_STEPS):
        batch = torch.randint(0, len(x), (_BATCH,))
        loss = F.cross_entropy(network(x[batch]), labels[batch], rarity / rarity.mean(), label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
    return network.eval()
