"""Checkpoints and weights that training goes on from: whole, or named for what they are."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch

from portraitify.errors import ConfigError, ImageError, MissingWeightsError, WeightsMismatchError
from portraitify.training.options import MaskConfig, TrainConfig
from portraitify.training.state import TrainingState
from tests.training.full_disk import no_room_beyond


@pytest.fixture(scope="module")
def state() -> TrainingState:
    return TrainingState(TrainConfig())


@pytest.mark.parametrize(
    ("config", "option"),
    [(TrainConfig, {"image_size": 100}), (TrainConfig, {"image_size": 0}), (MaskConfig, {"input_px": 200})],
)
def test_a_side_that_the_networks_cannot_halve_is_told_of(config, option):
    with pytest.raises(ConfigError, match="a multiple of 16 is needed"):
        config(**option)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_checkpoint_is_there_at_any_time(state, tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.pt"
    state.step = 1
    state.save_checkpoint(path)
    replace = os.replace

    def watched(source, target):
        replace(source, target)
        # A run that is killed here begins anew if it finds none.
        assert path.exists()

    monkeypatch.setattr(os, "replace", watched)
    for state.step in (2, 3):
        state.save_checkpoint(path)
    assert files(tmp_path) == {"checkpoint.pt", "checkpoint-previous.pt"}
    for name, step in (("checkpoint.pt", 3), ("checkpoint-previous.pt", 2)):
        state.load_checkpoint(tmp_path / name)
        assert state.step == step


def test_a_full_disk_leaves_the_checkpoint_as_it_was(state, tmp_path):
    path = tmp_path / "checkpoint.pt"
    state.save_checkpoint(path)
    before = path.read_bytes()
    with no_room_beyond(10_000), pytest.raises(ImageError, match=r"checkpoint\.pt: cannot be written"):
        state.save_checkpoint(path)
    assert path.read_bytes() == before
    assert files(tmp_path) == {"checkpoint.pt", "checkpoint-previous.pt"}


def test_a_disk_without_second_names_keeps_a_copy(state, tmp_path, monkeypatch):
    def refuse(*names, **options):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    for state.step in (1, 2):
        state.save_checkpoint(tmp_path / "checkpoint.pt")
    state.load_checkpoint(tmp_path / "checkpoint-previous.pt")
    assert state.step == 1


class _Hostile:
    def __init__(self, folder: Path):
        self._folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self._folder),)


@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "list", "hostile"])
def test_what_is_no_checkpoint_is_refused(state, tmp_path, kind):
    path, made = tmp_path / "checkpoint.pt", tmp_path / "made"
    state.save_checkpoint(path)
    if kind == "list":
        torch.save([1, 2], path)
    else:
        contents = {
            "empty": b"",
            "text": b"no checkpoint at all",
            "truncated": path.read_bytes()[:5000],
            "hostile": pickle.dumps(_Hostile(made), protocol=2),
        }
        path.write_bytes(contents[kind])
    with pytest.raises(WeightsMismatchError, match=r"checkpoint\.pt: .*not a checkpoint") as caught:
        state.load_checkpoint(path)
    assert "weights_only" not in str(caught.value)
    assert not made.exists()


def test_a_checkpoint_that_is_not_there(state, tmp_path):
    with pytest.raises(MissingWeightsError, match=r"checkpoint\.pt: cannot be read \(No such file"):
        state.load_checkpoint(tmp_path / "checkpoint.pt")


def test_weights_to_begin_with_that_are_not_there_or_damaged(state, tmp_path):
    with pytest.raises(MissingWeightsError, match=r"generator\.safetensors: no such file"):
        state.load_weights(tmp_path)
    (tmp_path / "generator.safetensors").write_bytes(b"no weights at all")
    with pytest.raises(WeightsMismatchError, match=r"generator\.safetensors: training cannot begin with it"):
        state.load_weights(tmp_path)


def test_saved_weights_can_be_begun_with(state, tmp_path):
    state.save_weights(tmp_path)
    other = TrainingState(TrainConfig(seed=8))
    other.load_weights(tmp_path)
    for a, b in zip(state.generator_ema.parameters(), other.generator.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-2)
