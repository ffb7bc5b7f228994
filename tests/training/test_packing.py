"""Prepared data and networks in one file."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError
from portraitify.training.packing import pack, unpack


def test_a_pack_gives_back_what_training_sees(prepared_folder, tmp_path):
    data, path = PreparedData(prepared_folder), tmp_path / "run.zip"
    network = nn.Conv2d(3, 4, 3)
    report = pack(data, {"trunk": network}, path, 1 << 20)
    states = unpack(path, tmp_path / "there")
    there = PreparedData(tmp_path / "there")
    assert report.bytes == path.stat().st_size < 1 << 20
    assert report.pictures == len(there.records)
    by_file = {record["file"]: row for row, record in enumerate(data.records)}
    rows = [by_file[record["file"]] for record in there.records]
    learned = [row for row, record in enumerate(data.records) if record["split"] == "train"]
    assert set(learned) <= set(rows)
    # Squares of loud random colours are the worst that WebP can meet.
    assert np.abs(there.images.astype(int) - data.images[rows]).mean() < 16
    assert np.abs(there.masks.astype(int) - data.masks[rows]).mean() < 3
    assert torch.allclose(states["trunk"]["weight"], network.weight, atol=1e-3)


def test_held_out_paintings_are_not_taken_along(prepared_folder, tmp_path):
    pack(PreparedData(prepared_folder), {}, tmp_path / "run.zip", 1 << 20)
    unpack(tmp_path / "run.zip", tmp_path / "there")
    lines = (tmp_path / "there" / "records.jsonl").read_text().splitlines()
    held_out = [record for record in map(json.loads, lines) if record["split"] == "held-out"]
    assert {record["set"] for record in held_out} == {"photos"}


def test_small_pictures_lie_in_a_pack_as_small_as_they_were(prepared_folder, tmp_path):
    data = PreparedData(prepared_folder)
    large = pack(data, {}, tmp_path / "large.zip", 1 << 20).bytes
    for record in data.records:
        record["native_px"] = 24
    assert pack(data, {}, tmp_path / "small.zip", 1 << 20).bytes < large


def test_a_pack_that_cannot_be_so_small_is_refused(prepared_folder, tmp_path):
    with pytest.raises(ConfigError, match="do not fit"):
        pack(PreparedData(prepared_folder), {}, tmp_path / "run.zip", 100)
    assert not (tmp_path / "run.zip").exists()


def test_what_is_no_pack_is_told_of(tmp_path):
    (tmp_path / "run.zip").write_bytes(b"PK nothing")
    with pytest.raises(ConfigError, match="not a pack"):
        unpack(tmp_path / "run.zip", tmp_path / "there")
