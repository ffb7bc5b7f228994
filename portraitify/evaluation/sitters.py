"""The sitters to paint, as the product itself would see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from portraitify.data.batches import PreparedData
from portraitify.data.sources import PHOTOS
from portraitify.errors import ConfigError
from portraitify.faces.aligned_face import AlignedFace
from portraitify.media.registry import STYLES
from portraitify.training.sheets import aligned_face

# Of raw paintings one in three tests what the other two taught.
_HELD_OUT_ONE_IN = 3


@dataclass(frozen=True)
class Sitter:
    """A held-out photo.

    Attributes:
        face: in the portrait crop, at the size at which the product paints.
        masks: ``(S, S, 2)`` uint8 of the prepared size, subject mask and inside the photo.
        landmarks: ``(5, 2)`` in fractions of the side.
    """

    face: AlignedFace
    masks: np.ndarray
    landmarks: np.ndarray


def choose_rows(data: PreparedData, limit: int, seed: int) -> np.ndarray:
    """Rows of held-out photos, none sorted out; ``limit`` of them at random if it is not 0.

    Raises:
        ConfigError: there are none.
    """
    rows = data.rows(PHOTOS, "held-out")
    if not len(rows):
        raise ConfigError("The data holds no held-out photos to evaluate with.")
    return np.sort(np.random.default_rng(seed).permutation(rows)[: limit or len(rows)])


def read_sitter(data: PreparedData, row: int, size_px: int) -> Sitter:
    """One prepared photo, enlarged to the size at which the product paints."""
    face = aligned_face(data, row, size_px)
    return Sitter(face, np.asarray(data.masks[row]), data.landmarks[row])


def prepare_folders(
    photos: Path, paintings: Path, into: Path, seed: int, on_progress: Callable[[int, int], None]
) -> PreparedData:
    """Align and mask raw pictures with the code that prepares training data.

    All photos count as held out. Of the paintings two thirds teach the judge
    and one third tests it.

    Args:
        photos: folder of photos.
        paintings: folder with a subfolder for each style.
        into: empty folder for what is written.
        seed: of the split of the paintings.
        on_progress: called with pictures done and in all.

    Raises:
        ConfigError: a folder is missing, nothing usable was found, or the extra ``train`` is missing.
    """
    from portraitify.data.preparation import prepare

    source, packed = into / "source", into / "packed"
    source.mkdir(parents=True)
    for name, folder in ((PHOTOS, photos), *((style, paintings / style) for style in STYLES)):
        if folder.is_dir():
            (source / name).symlink_to(folder.resolve(), target_is_directory=True)
    if not (source / PHOTOS).exists() or len(list(source.iterdir())) < 2:
        raise ConfigError(f"{photos} must be a folder of photos, {paintings} one with the folders {', '.join(STYLES)}.")
    prepare(source, packed, on_progress=on_progress)
    records = packed / "records.jsonl"
    split = [_split_again(json.loads(line), seed) for line in records.read_text(encoding="utf-8").splitlines()]
    records.write_text("".join(json.dumps(record) + "\n" for record in split), encoding="utf-8")
    return PreparedData(packed)


def _split_again(record: dict[str, Any], seed: int) -> dict[str, Any]:
    digest = hashlib.sha256(f"{seed} {record['file']}".encode()).digest()
    held_out = record["set"] == PHOTOS or digest[0] % _HELD_OUT_ONE_IN == 0
    return {**record, "split": "held-out" if held_out else "train"}
