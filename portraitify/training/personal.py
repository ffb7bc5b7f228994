"""Teach a new style from a few paintings: style codes for the generator as it is.

The style encoder gives a first style code for each painting; the codes are then
moved by gradient until what the frozen generator paints with them is nearer
to the painting. The paintings sit for each other, so no photos are needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from portraitify.data.batches import WHOLE, PreparedData, Views, stack_views
from portraitify.data.preparation import prepare_pictures
from portraitify.data.sources import list_folder
from portraitify.engines.torch_engine import build, load_classifier
from portraitify.errors import ConfigError
from portraitify.media.registry import STYLES, medium_of
from portraitify.models.generator import Generator
from portraitify.models.style_encoder import StyleEncoder
from portraitify.painting.preprocessing import preprocess
from portraitify.style.personal import PersonalStyle, check_name
from portraitify.training import losses
from portraitify.training.bank import background_colors, bank_entry
from portraitify.training.frozen import TrunkFeatures, VGGFeatures
from portraitify.training.options import TrainConfig
from portraitify.training.statistics import picture_statistics
from portraitify.weights import BankEntry, WeightsFolder

MIN_PAINTINGS, MAX_STYLE_CODES = 5, 24
TEACH_PX, BATCH, TRIAL_SITTERS = 160, 4, 3
STYLE_CODE_RATE = 0.02


@dataclass(frozen=True)
class TeachReport:
    """What came of teaching a style.

    Attributes:
        like: the shipped style that the paintings are most like.
        before: mean loss of the kept paintings' style codes as the encoder gave them.
        after: the same when they were taught.
    """

    like: str
    before: float
    after: float


def prepare_folder(
    name: str, folder: Path, work: Path, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[PreparedData, Counter[tuple[str, str]]]:
    """Align the paintings of a folder.

    Args:
        name: of the style.
        folder: of paintings, each with a face.
        work: folder for the aligned pictures.
        on_progress: called with pictures done and in all.

    Returns:
        The aligned paintings, and the number of those left out by set and reason.

    Raises:
        ConfigError: the name cannot be used, or too few paintings show a face.
    """
    check_name(name)
    pictures = list_folder(folder, name)
    dropped = prepare_pictures(pictures, work, on_progress=on_progress).dropped
    data = PreparedData(work)
    if len(data.records) < MIN_PAINTINGS:
        raise ConfigError(
            f"{folder}: {len(data.records)} of {len(pictures)} pictures show a usable face, "
            f"and a style needs {MIN_PAINTINGS} or more; 20 to 200 are good."
        )
    return data, dropped


def teach_style(
    name: str,
    data: PreparedData,
    weights: WeightsFolder,
    like: str | None = None,
    steps: int = 400,
    seed: int = 7,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    frozen: tuple[nn.Module, nn.Module] | None = None,
) -> tuple[PersonalStyle, TeachReport]:
    """Find style codes with which the generator paints like these paintings.

    Args:
        name: for ``--style``.
        data: the aligned paintings.
        weights: with generator, style encoder and classifier.
        like: the shipped style whose finish suits; found by the classifier if not given.
        steps: updates of the style codes; 0 leaves those that the encoder gives.
        seed: of all choices.
        on_progress: called with steps done and in all.
        frozen: features for content and for style; ``TrunkFeatures`` and ``VGGFeatures`` by default.
    """
    torch.manual_seed(seed)
    like = like or _most_like(data, weights)
    teacher = _Teacher(data, weights, STYLES.index(like), seed, *(frozen or (TrunkFeatures(), VGGFeatures())))
    before = teacher.scores()
    for step in range(steps):
        teacher.step(step)
        on_progress(step + 1, steps)
    after = teacher.scores()
    best = np.argsort(after)[:MAX_STYLE_CODES]
    style_codes = teacher.style_codes().numpy()
    entries = [_entry(data, int(row), name, like, style_codes[row]) for row in best]
    style = PersonalStyle(name, weights.sha256("generator"), entries)
    return style, TeachReport(like, float(before[best].mean()), float(after[best].mean()))


def _most_like(data: PreparedData, weights: WeightsFolder) -> str:
    """The style that the classifier names most often."""
    views = [data.view(row, WHOLE, False, TEACH_PX)[:2] for row in range(len(data.records))]
    with torch.no_grad():
        said = load_classifier(weights).painting_logits(stack_views(views).image).argmax(1)
    return STYLES[int(said.bincount(minlength=len(STYLES)).argmax())]


def _entry(data: PreparedData, row: int, name: str, like: str, style_code: np.ndarray) -> BankEntry:
    values = bank_entry(data, row)
    told = values | {"style": like, "painter": name, "title": values["identifier"]}
    return BankEntry(style_code, **told, background=background_colors(data, row))


class _Teacher:
    """Owns the style codes and moves them."""

    def __init__(
        self, data: PreparedData, weights: WeightsFolder, style_index: int, seed: int, trunk: nn.Module, vgg: nn.Module
    ):
        self._data, self._style, self._seed = data, style_index, seed
        self._config = TrainConfig()
        self._generator = build(Generator, weights, "generator")
        self._trunk, self._vgg = trunk, vgg
        statistics = picture_statistics(data, trunk)
        encoder = build(StyleEncoder, weights, "style_encoder")
        with torch.no_grad():
            styles = torch.full((len(statistics),), style_index)
            self._style_codes = encoder(statistics, styles).clone().requires_grad_(True)
        self._optimizer = torch.optim.Adam([self._style_codes], STYLE_CODE_RATE)

    @torch.no_grad()
    def style_codes(self) -> Tensor:
        """Style codes ``(N, code_size)`` of unit mean square, as the encoder gives them."""
        return self._normal(torch.arange(len(self._style_codes)))

    def _normal(self, rows: Tensor) -> Tensor:
        style_codes: Tensor = self._style_codes[rows]
        return style_codes * torch.rsqrt(style_codes.square().mean(1, keepdim=True) + 1e-6)

    def step(self, number: int) -> None:
        """Move the style codes of a few paintings."""
        rng = np.random.default_rng([self._seed, number])
        rows = rng.permutation(len(self._style_codes))[:BATCH]
        self._optimizer.zero_grad()
        torch.autograd.backward(self._loss(rows, rng))
        self._optimizer.step()

    @torch.no_grad()
    def scores(self) -> np.ndarray:
        """Loss of each style code on the same sitters, ``(N,)``."""
        rows = [np.full(TRIAL_SITTERS, row) for row in range(len(self._style_codes))]
        return np.array([float(self._loss(group, np.random.default_rng(self._seed))) for group in rows])

    def _loss(self, rows: np.ndarray, rng: np.random.Generator) -> Tensor:
        """Mean loss of the style codes of some rows, each with another painting as its sitter."""
        data, config = self._data, self._config
        others = (rows + rng.integers(1, len(data.records), len(rows))) % len(data.records)
        flips = rng.integers(2, size=len(rows))
        painting = stack_views([data.view(int(row), WHOLE, False, TEACH_PX)[:2] for row in rows])
        sitter_views = self._sitters(others, flips)
        noise = torch.from_numpy(rng.standard_normal((1, 1, TEACH_PX // 2, TEACH_PX // 2), np.float32))
        fake = self._generator(
            sitter_views.image, sitter_views.subject_mask, self._normal(torch.from_numpy(rows)), noise
        )
        draw = torch.Generator().manual_seed(int(rng.integers(2**31)))
        target = losses.on_painted_background(sitter_views.image, painting.image, sitter_views, painting)
        maps = [[image, *self._vgg(image)] for image in (fake, painting.image)]
        style = losses.style_loss(maps[0], maps[1], sitter_views, painting, draw)
        content = losses.content_loss(self._trunk(fake), self._trunk(target), losses.content_importance(sitter_views))
        background = losses.background_loss(fake, painting.image, sitter_views, painting)
        return config.lambda_style * style + config.lambda_content * content + config.lambda_background * background

    def _sitters(self, rows: np.ndarray, flips: np.ndarray) -> Views:
        settings, pictures = medium_of(STYLES[self._style]).preprocessing, []
        for row, flip in zip(rows, flips, strict=True):
            image, masks, _ = self._data.view(int(row), WHOLE, bool(flip), TEACH_PX)
            pictures.append((preprocess(image, masks[..., 0], TEACH_PX, settings), masks))
        return stack_views(pictures)
