"""From a training run to the weights that ship: networks, bank of codes, manifest."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError, MissingWeightsError
from portraitify.io.files import write_atomically
from portraitify.media.registry import STYLES
from portraitify.models.classifier import StyleClassifier
from portraitify.models.subject_mask import SubjectMask
from portraitify.models.trunk import SOURCE as TRUNK_SOURCE
from portraitify.training.bank import background_colors, bank_entry, choose_bank, painting_traits
from portraitify.training.loop import Trainer
from portraitify.training.mask import MaskReport
from portraitify.training.options import ClassifierConfig, MaskConfig
from portraitify.training.photo_statistics import photo_statistics
from portraitify.training.state import NETWORKS, save_half
from portraitify.weights import MANIFEST_NAME, MANIFEST_VERSION, WeightsFolder, default_folder


def export_painter(trainer: Trainer, classifier: StyleClassifier, folder: Path, codes_per_style: int | None) -> None:
    """Write generator, style encoder, discriminator and bank of codes, and describe them.

    Args:
        trainer: a run with its data.
        classifier: helps to choose the bank.
        folder: where the weights go.
        codes_per_style: paintings in the bank for each style; None keeps the paintings of the bank that is there.

    Raises:
        ConfigError: there is no bank to keep, or a painting of it is not in the data.
    """
    if codes_per_style is None:
        rows = _kept_rows(folder, trainer.data)
    else:
        rows = choose_bank(trainer, classifier, codes_per_style)
    trainer.state.save_weights(folder)
    with torch.no_grad():
        styles = torch.tensor([STYLES.index(trainer.data.records[row]["set"]) for row in rows])
        style_codes = trainer.state.style_encoder_ema(trainer.statistics[torch.tensor(rows)], styles)
    backgrounds = torch.from_numpy(np.stack([background_colors(trainer.data, row) for row in rows]))
    save_half({"style_codes": style_codes, "backgrounds": backgrounds}, folder / "bank.safetensors")
    generator = trainer.state.generator
    update_manifest(
        folder,
        arguments={
            "generator": {"code_size": generator.code_size},
            "style_encoder": {"feature_size": trainer.statistics.shape[1]},
        },
        bank=[bank_entry(trainer.data, row) for row in rows],
        photo_statistics=photo_statistics(trainer.data),
        training=_training_record(trainer),
    )


def _kept_rows(folder: Path, data: PreparedData) -> list[int]:
    """Rows of the paintings of a bank, in its order."""
    rows, bank = _rows(data), WeightsFolder(folder).manifest.get("bank")
    if not bank:
        raise ConfigError(f"{folder}: holds no bank to keep. Leave out --keep-bank.")
    paintings = [(entry["style"], entry["identifier"]) for entry in bank]
    missing = [identifier for style, identifier in paintings if (style, identifier) not in rows]
    if missing:
        raise ConfigError(f"{len(missing)} paintings of the bank are not in the data, {missing[0]} among them.")
    return [rows[painting] for painting in paintings]


def _rows(data: PreparedData) -> dict[tuple[str, str], int]:
    """Rows by set and identifier of their pictures."""
    return {(record["set"], Path(record["file"]).stem): row for row, record in enumerate(data.records)}


def prune_bank(folder: Path, identifiers: Collection[str]) -> int:
    """Take paintings out of a bank, for codes that look bad though their score is good.

    Args:
        folder: weights with a manifest.
        identifiers: of the paintings to take out.

    Returns:
        How many were taken out.
    """
    weights = WeightsFolder(folder)
    entries, tensors = weights.manifest["bank"], weights.load("bank")
    keep = [index for index, entry in enumerate(entries) if entry["identifier"] not in identifiers]
    kept = {name: torch.from_numpy(values[keep]) for name, values in tensors.items()}
    save_half(kept, folder / "bank.safetensors")
    update_manifest(folder, {}, bank=[entries[index] for index in keep])
    return len(entries) - len(keep)


def measure_bank(folder: Path, data: PreparedData) -> int:
    """Write into a manifest what the bank's paintings look like, by which they are chosen, and what photos do.

    Args:
        folder: weights with a manifest.
        data: holds the paintings, and photos; of what it lacks the manifest keeps what was known.

    Returns:
        How many paintings were measured.
    """
    rows, entries = _rows(data), WeightsFolder(folder).manifest["bank"]
    known = [entry for entry in entries if (entry["style"], entry["identifier"]) in rows]
    for entry in known:
        entry["traits"] = painting_traits(data, rows[entry["style"], entry["identifier"]])
    photos = photo_statistics(data)
    update_manifest(folder, {}, bank=entries, **({"photo_statistics": photos} if photos else {}))
    return len(known)


def export_classifier(network: StyleClassifier, config: ClassifierConfig, folder: Path) -> None:
    """Write the classifier; figures of an earlier one are left out, see :func:`record_choices`."""
    folder.mkdir(parents=True, exist_ok=True)
    save_half(network.state_dict(), folder / "classifier.safetensors")
    record = {"config": json.loads(config.to_json()), "parameters": sum(p.numel() for p in network.parameters())}
    update_manifest(folder, {"classifier": {"input_px": network.input_px}}, classifier=record)


def record_choices(folder: Path, measured: dict[str, Any]) -> None:
    """Write into the manifest what was measured of the classifier.

    Args:
        folder: of weights.
        measured: see :func:`portraitify.evaluation.choices_report.choices_record`.
    """
    known = WeightsFolder(folder).manifest.get("classifier", {})
    update_manifest(
        folder,
        {},
        classifier={key: known[key] for key in ("config", "parameters") if key in known}
        | {
            "held_out_accuracy": measured["accuracy"],
            "held_out_balanced_accuracy": measured["balanced_accuracy"],
            "confusion": measured["confusion"],
            "photo_shares": {name: group["shares"] for name, group in measured["photos"].items()},
        },
    )


def export_mask(network: SubjectMask, report: MaskReport, config: MaskConfig, folder: Path) -> None:
    """Write the network that finds the sitter, and what was measured of it."""
    folder.mkdir(parents=True, exist_ok=True)
    save_half(network.state_dict(), folder / "subject_mask.safetensors")
    measured = {
        "held_out_iou": round(report.mean_iou, 4),
        "held_out_iou_tenth_percentile": round(report.worst_tenth_iou, 4),
        "held_out_hat_recall": None if math.isnan(report.hat_recall) else round(report.hat_recall, 4),
        "config": json.loads(config.to_json()),
        "trunk": TRUNK_SOURCE | {"changed": "trained further"},
    }
    update_manifest(folder, {"subject_mask": {"input_px": network.input_px}}, subject_mask=measured)


def bring_shipped(folder: Path, name: str, source: dict[str, Any]) -> None:
    """Copy a shipped network that nobody trains here into a folder of weights that has none.

    Args:
        folder: of weights with a manifest.
        name: of the network.
        source: what the manifest says of it.

    Raises:
        WeightsError: there is no manifest, or the shipped network is missing or damaged.
    """
    path = WeightsFolder(folder).folder / f"{name}.safetensors"
    if not path.exists():
        shipped = WeightsFolder(default_folder())
        if not shipped.holds(name):
            raise MissingWeightsError(f"{shipped.folder}: holds no {name}. Install portraitify again.")
        # Checks the file.
        shipped.load(name)
        write_atomically(path, (shipped.folder / path.name).read_bytes())
        update_manifest(folder, {}, **{name: source})


def update_manifest(folder: Path, arguments: dict[str, dict[str, Any]], **entries: Any) -> None:
    """Describe the weights files of a folder, keeping what the manifest says of others.

    Args:
        folder: holds the ``*.safetensors`` files.
        arguments: what each network is built with, by name of its file.
        entries: further top-level entries to replace.

    Raises:
        ImageError: the manifest cannot be written; it is left as it was.
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
    write_atomically(path, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())


def _training_record(trainer: Trainer) -> dict[str, Any]:
    counts = Counter((record["set"], record["split"]) for record in trainer.data.records)
    licences = Counter(record["licence"].split(" (")[0].split(":")[-1].strip() for record in trainer.data.records)
    state = trainer.state
    return {
        "date": datetime.date.today().isoformat(),
        "steps": state.steps_before + state.step,
        "pairs": state.pairs_before + state.pairs,
        "hours": round(state.hours_before + state.seconds / 3600, 2),
        "gpu_hours": round(state.gpu_hours_before + state.gpu_seconds / 3600, 2),
        "pictures": {f"{name} {split}": count for (name, split), count in sorted(counts.items())},
        "licences": dict(licences.most_common()),
        "config": json.loads(trainer.config.to_json()),
        "parameters": {name: sum(p.numel() for p in _network(trainer, name).parameters()) for name in NETWORKS},
    }


def _network(trainer: Trainer, name: str) -> nn.Module:
    network: nn.Module = getattr(trainer.state, name)
    return network
