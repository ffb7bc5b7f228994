"""Styles of people's own: taught, kept, and painted with."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load, save

from portraitify import PaintConfig, Portraitist
from portraitify.cli.main import main
from portraitify.data.batches import PreparedData
from portraitify.errors import ConfigError, WeightsMismatchError
from portraitify.models.style_encoder import StyleEncoder
from portraitify.models.trunk import STATISTICS_SIZE, TRUNK_CHANNELS
from portraitify.style.personal import PersonalStyle, load_style, personal_names, save_style, styles_folder
from portraitify.training import personal
from portraitify.training.export import update_manifest
from portraitify.training.personal import teach_style
from portraitify.training.state import save_half
from portraitify.weights import BankEntry, WeightsFolder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("PORTRAITIFY_STYLES", str(tmp_path / "styles"))
    return tmp_path / "styles"


@pytest.fixture
def weights(random_weights) -> WeightsFolder:
    return WeightsFolder(random_weights)


def style_of(weights: WeightsFolder, name: str = "monet") -> PersonalStyle:
    code = np.linspace(-1, 1, 8, dtype=np.float32)
    entries = [BankEntry(code, "oil", "", f"Lilies {n}", "", 0.4 + 0.1 * n, f"lilies{n}") for n in range(2)]
    return PersonalStyle(name, weights.sha256("generator"), entries)


def test_a_style_is_kept_and_painted_with(weights, astronaut_path, tmp_path, capsys):
    path = save_style(style_of(weights))
    assert personal_names() == ["monet"]
    kept = load_style("monet", weights.sha256("generator"))
    assert [entry.title for entry in kept.entries] == ["Lilies 0", "Lilies 1"]
    assert np.array_equal(kept.entries[0].style_code, style_of(weights).entries[0].style_code)
    common = ["--weights", str(weights.folder), "--size", "128", "--device", "cpu", "-o", str(tmp_path / "a.png")]
    command = [str(astronaut_path), "--style", "Monet", *common, "--skip-existing"]
    assert main(command) == 0
    assert "monet (as asked), after an unknown painter, “Lilies" in capsys.readouterr().out
    assert main(command) == 0
    assert "skipped" in capsys.readouterr().out
    # Taught anew, the style paints something else, so that the old painting no longer counts.
    anew = style_of(weights)
    save_style(PersonalStyle(anew.name, anew.generator, anew.entries[:1]))
    assert main(command) == 3
    path.unlink()
    assert main(command) == 2
    assert "none of auto, renaissance" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["oil", "auto", "Two Words", "../up", "", "ink!"])
def test_names_that_cannot_be_used(weights, name):
    with pytest.raises(ConfigError):
        save_style(style_of(weights, name))


def test_a_style_of_other_weights_is_refused(weights):
    save_style(style_of(weights))
    with pytest.raises(WeightsMismatchError, match="other weights"):
        load_style("monet", "0" * 64)
    with pytest.raises(ConfigError, match="unknown style"):
        Portraitist(PaintConfig(style="manet"), weights.folder)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other folders")
@pytest.mark.parametrize(
    ("data_home", "parent"),
    [
        ("/data", "/data"),
        (None, "/home/me/.local/share"),
        ("", "/home/me/.local/share"),
        (" ", "/home/me/.local/share"),
    ],
)
def test_styles_lie_in_the_folder_for_data_of_programs(monkeypatch, data_home, parent):
    monkeypatch.delenv("PORTRAITIFY_STYLES")
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if data_home is not None:
        monkeypatch.setenv("XDG_DATA_HOME", data_home)
    assert styles_folder() == Path(parent, "portraitify", "styles")


@pytest.mark.parametrize("damage", ["cut", "text", "bare", "empty", "other", "short"])
def test_a_damaged_style_is_refused(weights, damage):
    path = save_style(style_of(weights))
    data = path.read_bytes()
    bare = save({"style_codes": load(data)["style_codes"]})
    codes = load(data)["style_codes"]
    with safe_open(path, framework="numpy") as file:
        kept = file.metadata()
    other = save({"style_codes": codes}, metadata={"portraitify_style": "[1, 2]"})
    short = save({"style_codes": codes[:1]}, metadata=kept)
    damaged = {"cut": data[:-20], "text": b"hello", "bare": bare, "empty": b"", "other": other, "short": short}
    path.write_bytes(damaged[damage])
    with pytest.raises(WeightsMismatchError, match="damaged"):
        load_style("monet", weights.sha256("generator"))


class Maps(torch.nn.Module):
    """Fixed random features in place of the frozen networks."""

    def __init__(self, channels, strides):
        super().__init__()
        torch.manual_seed(3)
        self.layers = torch.nn.ModuleList(torch.nn.Conv2d(3, c, s, s) for c, s in zip(channels, strides, strict=True))
        self.requires_grad_(False)

    def forward(self, image):
        return [torch.relu(layer(image)) for layer in self.layers]


def test_teaching_brings_codes_nearer_to_the_paintings(prepared_folder, random_weights, tmp_path, monkeypatch):
    monkeypatch.setattr(personal, "TEACH_PX", 64)
    folder = Path(shutil.copytree(random_weights, tmp_path / "weights"))
    encoder = StyleEncoder(STATISTICS_SIZE, code_size=8)
    save_half(encoder.state_dict(), folder / "style_encoder.safetensors")
    arguments = {
        name.removesuffix(".safetensors"): entry.get("arguments", {})
        for name, entry in json.loads((folder / "manifest.json").read_text())["files"].items()
    }
    update_manifest(folder, arguments | {"style_encoder": {"feature_size": STATISTICS_SIZE, "code_size": 8}})
    frozen = (Maps(TRUNK_CHANNELS, (4, 8, 16)), Maps((4, 6, 8, 8), (1, 2, 4, 8)))
    data = PreparedData(prepared_folder)
    style, report = teach_style("mine", data, WeightsFolder(folder), like="oil", steps=40, frozen=frozen)
    assert report.after < report.before
    assert len(style.entries) == len(data.records)
    save_style(style)
    assert load_style("mine", WeightsFolder(folder).sha256("generator")).entries[0].style == "oil"
