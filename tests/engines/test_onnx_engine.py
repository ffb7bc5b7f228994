"""Both engines see and paint the same, and the one on ONNX Runtime does it without torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from portraitify.cli.main import main
from portraitify.config import PaintConfig
from portraitify.engines import select
from portraitify.engines.onnx_engine import OnnxEngine
from portraitify.engines.torch_engine import TorchEngine
from portraitify.errors import ConfigError, DeviceError, MissingWeightsError, WeightsMismatchError
from portraitify.faces.detection import MIN_FACE_PX, THRESHOLDS
from portraitify.faces.mtcnn import _AreaSampler, suppress
from portraitify.pipeline import Portraitist
from portraitify.weights import WeightsFolder, default_folder

TORCH_PACKAGES = ("torch", "torchvision", "facenet_pytorch")


@pytest.fixture(scope="module", params=["random", pytest.param("shipped", marks=pytest.mark.weights)])
def weights(request, random_weights) -> WeightsFolder:
    return WeightsFolder(random_weights if request.param == "random" else default_folder())


@pytest.fixture(scope="module")
def engines(weights) -> tuple[OnnxEngine, TorchEngine]:
    return OnnxEngine(weights), TorchEngine(weights, "cpu")


@pytest.fixture
def folder(random_weights, tmp_path) -> Path:
    return Path(shutil.copytree(random_weights, tmp_path / "weights"))


def test_both_find_the_same_faces(engines, astronaut):
    # Smaller, larger, on its side, two of them, and one that the edges cut.
    double = np.hstack([astronaut, np.ascontiguousarray(astronaut[:, ::-1])])
    cut = cv2.resize(astronaut[75:165, 185:275], None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    for picture in (astronaut, astronaut[::2, ::2], np.rot90(astronaut), double, cut, np.full_like(astronaut, 90)):
        ours, theirs = (engine.detector.detect(np.ascontiguousarray(picture)) for engine in engines)
        assert len(ours) == len(theirs)
        np.testing.assert_allclose(ours.boxes, theirs.boxes, atol=0.5)
        np.testing.assert_allclose(ours.landmarks, theirs.landmarks, atol=0.5)
        np.testing.assert_allclose(ours.scores, theirs.scores, atol=1e-3)


def test_a_face_that_no_edge_cuts_is_found_where_facenet_finds_it(engines, astronaut):
    from facenet_pytorch import MTCNN

    for picture in (astronaut, astronaut[::2, ::2]):
        expected = MTCNN(keep_all=True, min_face_size=MIN_FACE_PX, thresholds=list(THRESHOLDS)).detect(
            np.ascontiguousarray(picture), landmarks=True
        )
        boxes, scores, landmarks = (np.array(value, np.float64) for value in expected)
        for engine in engines:
            found = engine.detector.detect(np.ascontiguousarray(picture))
            np.testing.assert_allclose(found.boxes, boxes, atol=0.5)
            np.testing.assert_allclose(found.landmarks, landmarks, atol=0.5)
            np.testing.assert_allclose(found.scores, scores, atol=1e-3)


@pytest.mark.parametrize("side", [512, 330, 96])
def test_both_choose_the_same_style_and_find_the_same_sitter(engines, astronaut, side):
    frame = np.array(astronaut[:side, :side])
    ours, theirs = (engine.classify(frame) for engine in engines)
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    ours, theirs = (engine.subject_mask(frame) for engine in engines)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize(("count", "side"), [(1, 576), (2, 160)])
def test_both_paint_the_same(engines, weights, astronaut, count, side):
    rng = np.random.default_rng(3)
    frames = np.stack([np.pad(astronaut, ((32, 32), (32, 32), (0, 0)))[:side, :side]] * count)
    masks = rng.random((count, side, side), np.float32)
    codes = np.stack([weights.bank["oil"][index].style_code for index in range(count)])
    noise = rng.standard_normal((side // 2, side // 2), np.float32)
    ours, theirs = (engine.paint(frames, masks, codes, noise) for engine in engines)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    difference = np.abs(ours.astype(int) - theirs)
    assert difference.mean() < 2
    assert np.percentile(difference, 99.9) <= 8


def test_whole_portraits_agree(weights, engines, astronaut_path):
    config = PaintConfig(size_px=256, finish=0)
    ours, theirs = (Portraitist(config, weights.folder, engine).paint(astronaut_path) for engine in engines)
    assert ours.choice.style == theirs.choice.style
    difference = np.abs(ours.pixels.astype(int) - theirs.pixels)
    assert difference.mean() < 2
    assert np.percentile(difference, 99.9) <= 8


@pytest.mark.parametrize(("height", "width", "size"), [(50, 70, (24, 24)), (7, 31, (12, 12)), (50, 70, (26, 36))])
def test_areas_are_averaged_as_torch_does(height, width, size):
    image = np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    expected = (torch.nn.functional.interpolate(pixels, size, mode="area") - 127.5) / 128
    found = _AreaSampler(image).sample(np.array([[0, 0, width, height]]), size)
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)
    assert (_AreaSampler(image).sample_whole(size) == found).all()


def test_suppression_is_torchvisions():
    from torchvision.ops import nms

    rng = np.random.default_rng(1)
    corner = rng.random((200, 2), np.float32) * 60
    boxes = np.concatenate([corner, corner + rng.random((200, 2), np.float32) * 40 + 1], 1)
    scores = rng.random(200, np.float32)
    expected = nms(torch.from_numpy(boxes), torch.from_numpy(scores), 0.5).tolist()
    assert suppress(boxes, scores, 0.5).tolist() == expected
    assert suppress(boxes[:0], scores[:0], 0.5).tolist() == []


def test_of_equals_the_last_stage_keeps_the_one_that_facenet_keeps():
    from facenet_pytorch.models.utils.detect_face import nms_numpy

    boxes = np.array([[0, 0, 10, 10], [1, 1, 12, 12], [40, 40, 50, 50], [0, 0, 5, 5]], np.float32)
    scores = np.array([1, 1, 0.5, 0.9], np.float32)
    expected = nms_numpy(boxes, scores, 0.7, "Min").tolist()
    assert suppress(boxes, scores, 0.7, of_smaller=True).tolist() == expected


PAINT = """
import sys
# With this Python takes a package for missing.
sys.modules.update(dict.fromkeys({blocked!r}))
from portraitify.cli.main import main
code = main({arguments!r})
print([name for name in {watched!r} if sys.modules.get(name)], file=sys.stderr)
sys.exit(code)
"""


def paint_elsewhere(blocked, watched, *arguments) -> list[str]:
    """Paint in a process of its own, in which some packages cannot be imported; gives what of others was."""
    program = PAINT.format(blocked=blocked, watched=watched, arguments=[str(argument) for argument in arguments])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=300, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1].replace("'", '"'))


def test_the_cpu_paints_without_torch(random_weights, astronaut_path, tmp_path):
    arguments = [astronaut_path, "-o", tmp_path / "out.png", "--size", "128", "--weights", random_weights]
    watched = ("onnxruntime", *TORCH_PACKAGES)
    assert paint_elsewhere(TORCH_PACKAGES, watched, *arguments, "--device", "cpu") == ["onnxruntime"]


def test_torch_serves_where_onnxruntime_is_missing(random_weights, astronaut_path, tmp_path):
    arguments = [astronaut_path, "-o", tmp_path / "out.png", "--size", "128", "--weights", random_weights]
    assert paint_elsewhere(("onnxruntime",), ("torch", "onnxruntime"), *arguments) == ["torch"]


@pytest.mark.parametrize(
    ("engine", "device", "gpu", "chosen"),
    [
        ("auto", "auto", False, "onnx"),
        ("auto", "cpu", True, "onnx"),
        ("auto", "cuda", False, "torch"),
        ("auto", "mps", False, "torch"),
        ("torch", "cpu", False, "torch"),
        ("onnx", "auto", True, "onnx"),
    ],
)
def test_the_engine_suits_the_machine(random_weights, monkeypatch, engine, device, gpu, chosen):
    monkeypatch.setattr(select, "gpu_seems_present", lambda: gpu)
    config = PaintConfig(engine=engine, device=device)
    assert select.choose_engine(WeightsFolder(random_weights), config) == chosen


def test_where_a_gpu_seems_present_torch_decides(random_weights, monkeypatch):
    monkeypatch.setattr(select, "gpu_seems_present", lambda: True)
    for device, chosen in (("cuda", "torch"), ("cpu", "onnx")):
        monkeypatch.setattr("portraitify.devices.resolve_device", lambda name, device=device: device)
        assert select.choose_engine(WeightsFolder(random_weights), PaintConfig()) == chosen


def test_asking_for_onnx_where_it_is_missing(random_weights, monkeypatch):
    monkeypatch.setattr(select, "has_onnxruntime", lambda: False)
    with pytest.raises(DeviceError, match="not installed"):
        select.open_engine(WeightsFolder(random_weights), PaintConfig(engine="onnx"))


def test_without_graphs_torch_serves(folder, capsys, astronaut_path, tmp_path):
    shutil.rmtree(folder / "graphs")
    weights = WeightsFolder(folder)
    assert select.choose_engine(weights, PaintConfig(device="cpu")) == "torch"
    with pytest.raises(MissingWeightsError, match=r"generator\.onnx"):
        weights.graph("generator")
    arguments = [str(astronaut_path), "-o", str(tmp_path / "out.png"), "--weights", str(folder), "--engine", "onnx"]
    assert main(arguments) == 5


def test_options_that_exclude_each_other(astronaut_path, capsys):
    with pytest.raises(ConfigError, match="CPU only"):
        PaintConfig(engine="onnx", device="cuda")
    with pytest.raises(ConfigError, match="unknown engine"):
        PaintConfig(engine="steam")
    assert main([str(astronaut_path), "--engine", "onnx", "--device", "cuda"]) == 2
    assert "--engine torch" in capsys.readouterr().err


def test_the_engine_is_no_part_of_what_was_asked_for():
    assert PaintConfig(engine="onnx").request("w") == PaintConfig(engine="torch").request("w")


def test_a_changed_graph_is_noticed(folder, astronaut_path, tmp_path, capsys):
    path = folder / "graphs" / "generator.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    arguments = [str(astronaut_path), "-o", str(tmp_path / "out.png"), "--weights", str(folder), "--engine", "onnx"]
    assert main(arguments) == 5
    assert "SHA-256" in capsys.readouterr().err


def test_a_graph_of_another_build_is_noticed(folder):
    from portraitify.models.classifier import StyleClassifier
    from portraitify.training.export import update_manifest
    from portraitify.training.state import save_half

    save_half(StyleClassifier(channels=(4, 4, 6, 8), input_px=32).state_dict(), folder / "classifier.safetensors")
    update_manifest(folder, {})
    with pytest.raises(WeightsMismatchError, match="another build"):
        WeightsFolder(folder).graph("classifier")


def test_graphs_depend_on_the_build_and_not_on_the_weights(folder):
    from portraitify.models.generator import Generator
    from portraitify.training.export import update_manifest
    from portraitify.training.graphs import export_graphs
    from portraitify.training.state import save_half

    before = {path.name: path.read_bytes() for path in (folder / "graphs").iterdir()}
    torch.manual_seed(5)
    network = Generator(**WeightsFolder(folder).arguments("generator"))
    save_half(network.state_dict(), folder / "generator.safetensors")
    update_manifest(folder, {})
    assert WeightsFolder(folder).graph("generator")
    assert {path.name: path.read_bytes() for path in export_graphs(folder)} == before
    assert sum(map(len, before.values())) < 200_000


@pytest.mark.parametrize(("asked", "most"), [("1", 1), ("100000", None), ("", None), ("0", None), ("2,1", None)])
def test_no_more_threads_than_are_asked_for(monkeypatch, asked, most):
    from portraitify.engines.threads import computing_threads

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = computing_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert computing_threads() == (most or cores)
