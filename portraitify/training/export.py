"""From a training run to the weights that ship: networks, bank of codes, manifest."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from portraitify.config import STYLES, ClassifierConfig
from portraitify.models.classifier import StyleClassifier
from portraitify.pipeline import face_light
from portraitify.training import losses
from portraitify.training.batches import WHOLE, PreparedData, Views, stack_views
from portraitify.training.classifier import ClassifierReport
from portraitify.training.loop import Trainer
from portraitify.training.sources import PHOTOS
from portraitify.training.state import save_half
from portraitify.weights import MANIFEST_NAME, MANIFEST_VERSION

TRIAL_SITTERS = 6
TRIAL_PX = 192
CANDIDATES = 60
MAX_PER_PAINTER = 2


def export_painter(trainer: Trainer, folder: Path, codes_per_style: int) -> None:
    """Write generator, style encoder, discriminator and bank of codes, and describe them.

    Args:
        trainer: a run with its data.
        folder: where the weights go.
        codes_per_style: paintings in the bank for each style.
    """
    trainer.state.save_weights(folder)
    rows = choose_bank(trainer, codes_per_style)
    with torch.no_grad():
        styles = torch.tensor([STYLES.index(trainer.data.records[row]["set"]) for row in rows])
        codes = trainer.state.style_encoder_ema(trainer.statistics[torch.tensor(rows)], styles)
    save_half({"codes": codes}, folder / "bank.safetensors")
    generator = trainer.state.generator
    update_manifest(
        folder,
        arguments={
            "generator": {"code_size": generator.code_size},
            "style_encoder": {"feature_size": trainer.statistics.shape[1]},
        },
        bank=[_bank_entry(trainer.data, row) for row in rows],
        training=_training_record(trainer),
    )


def export_classifier(
    network: StyleClassifier, report: ClassifierReport, config: ClassifierConfig, folder: Path
) -> None:
    """Write the classifier and what was measured of it."""
    folder.mkdir(parents=True, exist_ok=True)
    save_half(network.state_dict(), folder / "classifier.safetensors")
    measured = {
        "held_out_accuracy": round(report.accuracy, 4),
        "held_out_balanced_accuracy": round(report.balanced_accuracy, 4),
        "confusion": report.confusion.tolist(),
        "photo_shares": [round(float(share), 3) for share in report.photo_shares],
        "config": json.loads(config.to_json()),
    }
    update_manifest(folder, {"classifier": {"input_px": network.input_px}}, classifier=measured)


def update_manifest(folder: Path, arguments: dict[str, dict[str, Any]], **entries: Any) -> None:
    """Describe the weights files of a folder, keeping what the manifest says of others.

    Args:
        folder: holds the ``*.safetensors`` files.
        arguments: what each network is built with, by name of its file.
        entries: further top-level entries to replace.
    """
    path = folder / MANIFEST_NAME
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    manifest |= {
        "version": MANIFEST_VERSION,
        "styles": list(STYLES),
        "normalisation": "RGB, NCHW, x / 127.5 - 1",
        "licence": "MIT; trained only on pictures that anyone may use (CC0, CC BY 4.0, Pixabay licence, public domain)",
    }
    manifest |= entries
    known = manifest.get("files", {})
    manifest["files"] = {}
    for file in sorted(folder.glob("*.safetensors")):
        values = arguments.get(file.stem, known.get(file.name, {}).get("arguments", {}))
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        manifest["files"][file.name] = {"sha256": digest, "network": file.stem, "arguments": values}
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def choose_bank(trainer: Trainer, count: int) -> list[int]:
    """Choose paintings by how well the generator paints after them.

    Each candidate's code paints the same photos of the training split; the
    sum of the training losses for content, style and skin ranks them, within
    four groups by the light of the painted face, so that light and dark
    sitters both find a model.

    Returns:
        Rows of the prepared data, grouped by style.
    """
    photo_rows = trainer.data.rows(PHOTOS, "train")
    photo_rows = photo_rows[np.linspace(0, len(photo_rows) - 1, TRIAL_SITTERS).astype(int)]
    photos = stack_views([trainer.data.view(int(row), WHOLE, False, TRIAL_PX)[:2] for row in photo_rows])
    chosen: list[int] = []
    for index, style in enumerate(STYLES):
        candidates = _candidates(trainer.data, style)
        scores = {row: _trial(trainer, photos, row, index) for row in candidates}
        lights = {row: _bank_entry(trainer.data, row)["face_light"] for row in candidates}
        chosen += _best_by_light(trainer.data, scores, lights, count)
    return chosen


def _candidates(data: PreparedData, style: str) -> list[int]:
    """Whole, loosely framed, clearly found faces first; unknown painters last."""

    def rank(row: int) -> tuple:
        record = data.records[row]
        known = bool(record["artist"]) and not record["artist"].startswith("?")
        return (record["coverage"] < 0.97, not known, record["iod"] > 0.3, -record["score"], row)

    return sorted((int(row) for row in data.rows(style, "train")), key=rank)[:CANDIDATES]


def _trial(trainer: Trainer, photos: Views, row: int, style_index: int) -> float:
    state, count = trainer.state, len(photos.image)
    painting = stack_views([trainer.data.view(row, WHOLE, False, TRIAL_PX)[:2]] * count)
    styles = torch.full((count,), style_index)
    with torch.no_grad():
        code = state.style_encoder_ema(trainer.statistics[[row] * count], styles)
        mask = state.generator_ema.sitter_mask(photos.image)
        noise = torch.randn(1, 1, TRIAL_PX // 2, TRIAL_PX // 2, generator=torch.Generator().manual_seed(0))
        fake = state.generator_ema(photos.image, mask, code, noise)
        importance = (0.05 + photos.sitter + photos.face) * photos.valid
        content = losses.content_loss(trainer.trunk(fake), trainer.trunk(photos.image), importance)
        fake_maps, painting_maps = ([image, *trainer.vgg(image)] for image in (fake, painting.image))
        style = losses.style_loss(fake_maps, painting_maps, photos, painting)
        color = losses.color_loss(fake, photos.image, photos, styles)
        skin = losses.skin_loss(fake, photos.image, photos.face, styles)
    config = trainer.config
    return float(content + config.lambda_style * style + config.lambda_skin * skin + config.lambda_color * color)


def _best_by_light(data: PreparedData, scores: dict[int, float], lights: dict[int, float], count: int) -> list[int]:
    by_light = sorted(scores, key=lambda row: lights[row])
    groups = [sorted(group, key=lambda row: scores[row]) for group in np.array_split(by_light, min(4, len(by_light)))]
    painters: Counter[str] = Counter()
    chosen: list[int] = []
    while len(chosen) < min(count, len(scores)) and any(len(group) for group in groups):
        for group in groups:
            while group:
                row = int(group.pop(0))
                painter = data.records[row]["artist"]
                if not painter or painters[painter] < MAX_PER_PAINTER:
                    painters[painter] += 1
                    chosen.append(row)
                    break
    return sorted(chosen[:count], key=lambda row: scores[row])


def _bank_entry(data: PreparedData, row: int) -> dict[str, Any]:
    record = data.records[row]
    size = data.images.shape[1]
    light = face_light(data.images[row], data.landmarks[row] * size)
    artist = record["artist"] if record["artist"] and not record["artist"].startswith("?") else ""
    return {
        "style": record["set"],
        "painter": artist.title() if artist.islower() else artist,
        "title": record["title"],
        "date": record["date"],
        "face_light": round(light, 3),
        "identifier": Path(record["file"]).stem,
    }


def _training_record(trainer: Trainer) -> dict[str, Any]:
    counts = Counter((record["set"], record["split"]) for record in trainer.data.records)
    licences = Counter(record["licence"].split(" (")[0].split(":")[-1].strip() for record in trainer.data.records)
    return {
        "date": datetime.date.today().isoformat(),
        "steps": trainer.state.step,
        "hours": round(trainer.state.seconds / 3600, 2),
        "pictures": {f"{name} {split}": count for (name, split), count in sorted(counts.items())},
        "licences": dict(licences.most_common()),
        "config": json.loads(trainer.config.to_json()),
        "parameters": {
            name: sum(p.numel() for p in _network(trainer, name).parameters())
            for name in ("generator", "style_encoder", "discriminator")
        },
    }


def _network(trainer: Trainer, name: str) -> nn.Module:
    return getattr(trainer.state, name)
