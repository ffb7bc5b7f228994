"""What is exported is whole, or left as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from portraitify.errors import ImageError
from portraitify.training import graphs
from portraitify.training.export import update_manifest
from portraitify.training.state import save_half
from tests.training.full_disk import no_room_beyond


@pytest.fixture
def folder(random_weights, tmp_path) -> Path:
    return Path(shutil.copytree(random_weights, tmp_path / "weights"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_full_disk_leaves_the_manifest_as_it_was(folder):
    before = contents(folder)
    with no_room_beyond(1000), pytest.raises(ImageError, match=r"manifest\.json: cannot be written"):
        update_manifest(folder, {}, note="x" * 100_000)
    assert contents(folder) == before
    update_manifest(folder, {}, note="x")
    assert json.loads((folder / "manifest.json").read_text())["note"] == "x"


def test_a_full_disk_leaves_the_weights_as_they_were(folder):
    before = contents(folder)
    with no_room_beyond(1000), pytest.raises(ImageError, match=r"generator\.safetensors: cannot be written"):
        save_half({"weight": torch.zeros(100_000)}, folder / "generator.safetensors")
    assert contents(folder) == before


def test_a_full_disk_leaves_the_graphs_as_they_were(folder, monkeypatch):
    before = contents(folder)
    monkeypatch.setattr(graphs, "_traced", lambda recipe: b"x" * 100_000)
    with no_room_beyond(1000), pytest.raises(ImageError, match=r"generator\.onnx: cannot be written"):
        graphs.export_graphs(folder)
    assert contents(folder) == before
