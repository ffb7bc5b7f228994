"""Which paintings lend their style codes: chosen by how well the generator paints after them."""

from __future__ import annotations

import html
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portraitify.data.batches import WHOLE, PreparedData, stack_views
from portraitify.data.sources import PHOTOS
from portraitify.faces.aligned_face import face_light
from portraitify.media.base import Preprocessing
from portraitify.media.finish import FinishRequest, finish
from portraitify.media.registry import STYLES, medium_of
from portraitify.models.classifier import StyleClassifier
from portraitify.painting.background import composite_background
from portraitify.painting.grounds import paint_ground
from portraitify.painting.preprocessing import preprocess
from portraitify.style.painting_view import ground_colours
from portraitify.style.reference import traits_of
from portraitify.training import losses
from portraitify.training.loop import Trainer
from portraitify.training.photo_statistics import measure_row
from portraitify.training.samples import to_uint8

TRIAL_SITTERS = 6
TRIAL_PX = 192
TRIAL_SETTINGS = Preprocessing(patch_radius=0.005)
# Of these, painted to the end: the lightest and the darkest face.
FINISHED_PX = 256
# Paintings with fewer pixels a crop stand further back among the candidates.
SHARP_PX = 256
CANDIDATES, CANDIDATES_PER_PAINTER = 56, 8
LEAST_PER_PAINTER = 2
# A style code whose paintings the classifier takes for another style is of little use, however well it paints.
LAMBDA_MISCLASSIFIED = 3.0


def choose_bank(trainer: Trainer, classifier: StyleClassifier, count: int) -> list[int]:
    """Choose paintings by result.

    Each candidate's style code paints the same photos of the training split. What
    the classifier says of finished paintings and the training losses for
    content, style, colour and skin rank it, within four groups by the light of the
    painted face, so that light and dark sitters both find a reference.

    Args:
        trainer: a run with its data.
        classifier: names the style of a painting.
        count: paintings a style.

    Returns:
        Rows of the prepared data, grouped by style, the best first.
    """
    trial = _Trial(trainer, classifier)
    chosen: list[int] = []
    for index, style in enumerate(STYLES):
        candidates = _candidates(trainer.data, style)
        scores = {row: trial.score(row, index) for row in candidates}
        lights = {row: bank_entry(trainer.data, row)["face_light"] for row in candidates}
        chosen += _best_by_light(trainer.data, scores, lights, count)
    return chosen


class _Trial:
    """Paints the same sitters with one style code after the other; lower scores are better."""

    def __init__(self, trainer: Trainer, classifier: StyleClassifier):
        self._trainer, self._classifier = trainer, classifier
        rows = trainer.data.rows(PHOTOS, "train")
        rows = rows[np.linspace(0, len(rows) - 1, TRIAL_SITTERS).astype(int)]
        pictures = [trainer.data.view(int(row), WHOLE, False, TRIAL_PX) for row in rows]
        ready = [(preprocess(image, masks[..., 0], TRIAL_PX, TRIAL_SETTINGS), masks) for image, masks, _ in pictures]
        self._photos = stack_views(ready)
        self._landmarks = [points for _, _, points in pictures]
        lights = [face_light(image, points) for image, _, points in pictures]
        self._finished = (int(np.argmin(lights)), int(np.argmax(lights)))
        generator = torch.Generator().manual_seed(0)
        self._noise = torch.randn(1, 1, TRIAL_PX // 2, TRIAL_PX // 2, generator=generator)
        with torch.no_grad():
            self._features = trainer.state.generator_ema.encode(self._photos.image)
            self._content = trainer.trunk(self._photos.image)

    @torch.no_grad()
    def score(self, row: int, style_index: int) -> float:
        trainer, photos, count = self._trainer, self._photos, len(self._photos.image)
        painting = stack_views([trainer.data.view(row, WHOLE, False, TRIAL_PX)[:2]] * count)
        styles = torch.full((count,), style_index)
        style_code = trainer.state.style_encoder_ema(trainer.statistics[[row] * count], styles)
        fake = trainer.state.generator_ema.decode(self._features, photos.subject_mask, style_code, self._noise)
        importance = losses.content_importance(photos)
        fake_maps, painting_maps = ([image, *trainer.vgg(image)] for image in (fake, painting.image))
        config, rng = trainer.config, torch.Generator().manual_seed(0)
        return float(
            LAMBDA_MISCLASSIFIED * self._misclassified(fake, row, style_index)
            + config.lambda_content * losses.content_loss(trainer.trunk(fake), self._content, importance)
            + config.lambda_style * losses.style_loss(fake_maps, painting_maps, photos, painting, rng)
            + config.lambda_color * losses.color_loss(fake, photos.image, photos, styles)
            + config.lambda_skin * losses.skin_loss(fake, photos.image, photos.face, styles)
        )

    def _misclassified(self, fake: Tensor, row: int, style_index: int) -> float:
        """Cross-entropy of what the classifier says of finished paintings, on the reference's own background."""
        background, medium = background_colors(self._trainer.data, row), medium_of(STYLES[style_index])
        side = self._photos.image.shape[2]
        behind = paint_ground(side, background, medium.background, np.random.default_rng(0))
        finished = []
        for number in self._finished:
            mask = self._photos.subject_mask[number, 0].numpy()
            laid = composite_background(to_uint8(fake[number]), mask, behind)
            finished.append(finish(FinishRequest(laid, mask, self._landmarks[number], FINISHED_PX), medium))
        pictures = torch.from_numpy(np.stack(finished)).permute(0, 3, 1, 2).float() / 127.5 - 1
        logits = self._classifier.painting_logits(pictures)
        return float(F.cross_entropy(logits, torch.full((len(finished),), style_index)))


def _candidates(data: PreparedData, style: str) -> list[int]:
    """Whole, loosely cropped, clearly found faces first; unknown painters last.

    Only those count whose backgrounds are as light or as dark as the medium asks for, as long as there are any.
    """
    rows = [int(row) for row in data.rows(style, "train")]
    medium = medium_of(style)
    if medium.min_background_lightness is not None:
        rows = [row for row in rows if _background_lightness(data, row) > medium.min_background_lightness] or rows
    if medium.max_background_lightness is not None:
        rows = [row for row in rows if _background_lightness(data, row) < medium.max_background_lightness] or rows

    def rank(row: int) -> tuple[bool, bool, bool, float, int]:
        record = data.records[row]
        return (
            record["coverage"] < 0.97,
            not painter_name(record["artist"]),
            record["iod"] > 0.3,
            -record["score"] * record.get("suitability", 1.0) * _sharpness(record),
            row,
        )

    ordered, painters, candidates = sorted(rows, key=rank), Counter[str](), []
    for row in ordered:
        painters[_painter_key(data, row)] += 1
        if painters[_painter_key(data, row)] <= CANDIDATES_PER_PAINTER:
            candidates.append(row)
    return candidates[:CANDIDATES]


def _sharpness(record: dict[str, Any]) -> float:
    """Share of ``SHARP_PX`` that the crop had in the original; small scans give style codes of a blur."""
    return min(float(record.get("native_px", SHARP_PX)) / SHARP_PX, 1.0)


def _painter_key(data: PreparedData, row: int) -> str:
    """The same for all works of a painter; of its own for a work whose painter is not known."""
    return painter_name(data.records[row]["artist"]).casefold() or f"{row}"


def _background_lightness(data: PreparedData, row: int) -> float:
    """Mean of the background's colours, 0 to 1; of the whole picture where there is none."""
    subject_mask, valid = data.masks[row, :, :, 0], data.masks[row, :, :, 1]
    background = data.images[row][(subject_mask < 64) & (valid > 0)]
    return float((background if len(background) else data.images[row]).mean() / 255)


def _best_by_light(data: PreparedData, scores: dict[int, float], lights: dict[int, float], count: int) -> list[int]:
    by_light = sorted(scores, key=lambda row: lights[row])
    groups = [sorted(group, key=lambda row: scores[row]) for group in np.array_split(by_light, min(4, len(by_light)))]
    # Few painters must lend more each.
    most = max(LEAST_PER_PAINTER, math.ceil(2 * count / len({_painter_key(data, row) for row in scores})))
    painters: Counter[str] = Counter()
    chosen: list[int] = []
    while len(chosen) < min(count, len(scores)) and any(len(group) for group in groups):
        for group in groups:
            while group:
                row = int(group.pop(0))
                painter = _painter_key(data, row)
                if painters[painter] < most:
                    painters[painter] += 1
                    chosen.append(row)
                    break
    return sorted(chosen[:count], key=lambda row: scores[row])


def background_colors(data: PreparedData, row: int) -> np.ndarray:
    """A coarse map of the colours behind a painting's sitter.

    Returns:
        See :func:`portraitify.style.painting_view.ground_colours`.
    """
    return ground_colours(data.images[row], data.masks[row])


def painter_name(artist: str) -> str:
    """The manifest's painter as people write the name; empty where it names nobody in particular."""
    if artist.startswith("?") or artist.lower().startswith("various"):
        return ""
    name = html.unescape(artist)
    return name.title() if name.islower() else name


def bank_entry(data: PreparedData, row: int) -> dict[str, Any]:
    record = data.records[row]
    size = data.images.shape[1]
    light = face_light(data.images[row], data.landmarks[row] * size)
    return {
        "style": record["set"],
        "painter": painter_name(record["artist"]),
        "title": record["title"],
        "date": record["date"],
        "face_light": round(light, 3),
        "identifier": Path(record["file"]).stem,
        "traits": painting_traits(data, row),
    }


def painting_traits(data: PreparedData, row: int) -> dict[str, float]:
    """What :func:`portraitify.style.reference.ranked` compares a sitter with."""
    return traits_of(measure_row(data, row))
