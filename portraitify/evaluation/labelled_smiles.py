"""The judge of smiles, from photos whose sitters were asked to smile or not to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from portraitify.data.batches import PreparedData
from portraitify.evaluation.identity import FaceReader
from portraitify.evaluation.sitters import read_sitter
from portraitify.evaluation.smile import (
    SHAPE_SIZE,
    LabelledMouths,
    SmileModel,
    fit_smile_model,
    mouth_shape,
    smile_label,
)
from portraitify.evaluation.surfaces import surfaces

_SPLITS = ("train", "held-out")


def learn_smiles(
    data: PreparedData,
    faces: FaceReader,
    size_px: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    cache: Path | None = None,
) -> SmileModel | None:
    """Read the mouths of labelled photos and learn from them.

    Args:
        data: prepared pictures.
        faces: reads outlines.
        size_px: side to which the photos are brought.
        on_progress: called with photos done and in all.
        cache: file that keeps what was read, and is read in place of the same photos.

    Returns:
        None where too few photos are labelled.
    """
    labels = {row: smile_label(record.get("source", "")) for row, record in enumerate(data.records)}
    labelled = [(row, *label) for row, label in labels.items() if label]
    asked = [(data.records[row]["file"], data.records[row]["split"]) for row, *_ in labelled]
    key = hashlib.sha256(f"{size_px} {asked}".encode()).hexdigest()
    mouths = _load(cache, key) if cache else None
    if mouths is None:
        found: dict[str, list[tuple[np.ndarray, bool, str]]] = {split: [] for split in _SPLITS}
        for done, (row, smiling, name) in enumerate(labelled, 1):
            split = data.records[row]["split"]
            shapes = _shapes(data, row, faces, size_px, with_copies=split == "train")
            if shapes is not None:
                found[split].append((shapes, smiling, name))
            on_progress(done, len(labelled))
        mouths = {split: LabelledMouths.of(found[split]) for split in _SPLITS}
        if cache:
            _save(cache, key, mouths)
    return fit_smile_model(mouths["train"], mouths["held-out"])


def _shapes(data: PreparedData, row: int, faces: FaceReader, size_px: int, with_copies: bool) -> np.ndarray | None:
    """Mouths of a photo and its copies, ``(V, SHAPE_SIZE)``; None where no face is found."""
    face = read_sitter(data, row, size_px).face
    copies = surfaces(face.pixels, row) if with_copies else []
    outlines = faces.outlines(face.pixels, face.landmarks[2], copies)
    return None if outlines is None else np.array([mouth_shape(points) for points in outlines]).reshape(-1, SHAPE_SIZE)


def _save(path: Path, key: str, mouths: dict[str, LabelledMouths]) -> None:
    fields = {
        f"{split}.{name}": getattr(found, name)
        for split, found in mouths.items()
        for name in ("shapes", "smiling", "sitters")
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, key=np.array(key), **fields)


def _load(path: Path, key: str) -> dict[str, LabelledMouths] | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as kept:
        if str(kept["key"]) != key:
            return None
        return {
            split: LabelledMouths(*(kept[f"{split}.{name}"] for name in ("shapes", "smiling", "sitters")))
            for split in _SPLITS
        }
