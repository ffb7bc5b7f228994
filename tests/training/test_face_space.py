"""Fitting the face space to made-up faces, and running graphs of TensorFlow.js."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
import torch

from portraitify.face_space.space import DIRECTIONS, FRAME_PX, FaceSpace
from portraitify.training.face_space import Sample, export_face_space, fit
from portraitify.training.tfjs import Graph
from portraitify.weights import WeightsFolder, default_folder

COUNT = 90


@pytest.fixture(scope="module")
def sample() -> Sample:
    """Faces that grow paler with age and wider with a smile, and are lit from a side by chance."""
    random = np.random.default_rng(0)
    mean = FaceSpace.load(WeightsFolder(default_folder())).points - [0.5, 0.5, 0]
    labels = random.normal(0, 1, (COUNT, len(DIRECTIONS))) + 3
    others = random.normal(0, 1, (COUNT, 5))
    wider = np.zeros_like(mean)
    wider[[61, 291], 0] = -0.02, 0.02
    age, smile = (labels[:, DIRECTIONS.index(name)] for name in ("age", "smile"))
    points = mean + random.normal(0, 1e-3, (COUNT, *mean.shape)) + smile[:, None, None] * wider
    looks = np.full((COUNT, FRAME_PX, FRAME_PX, 3), (60, 12, 14), np.float32)
    looks += random.normal(0, 1, looks.shape).astype(np.float32)
    looks[..., 0] += (4 * age).astype(np.float32)[:, None, None]
    return Sample(points, looks, labels, others)


def test_each_direction_brings_its_own_change_only(sample):
    space = fit(sample)
    light = dict(zip(DIRECTIONS, space.light_moves.mean((1, 2)), strict=True))
    assert light["age"] == pytest.approx(4, rel=0.1)
    assert max(abs(value) for name, value in light.items() if name != "age") < 0.4
    corner = dict(zip(DIRECTIONS, space.shape_moves[:, 291, 0], strict=True))
    assert corner["smile"] == max(corner.values()) > 0.015


def test_what_is_written_is_read_again(sample, tmp_path):
    space = fit(sample)
    export_face_space(space, COUNT, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["face_space"]["photos"] == COUNT
    kept = json.loads((default_folder() / "manifest.json").read_text())
    manifest["styles"] = kept["styles"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    back = FaceSpace.load(WeightsFolder(tmp_path))
    assert back.light == pytest.approx(space.light, abs=0.1)
    assert back.shape_moves == pytest.approx(space.shape_moves, abs=1e-3)


def test_a_graph_runs_as_its_nodes_say(tmp_path):
    kernel = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1)
    convolution = {
        "strides": {"list": {"i": ["1", "2", "2", "1"]}},
        "padding": {"s": base64.b64encode(b"SAME").decode()},
        "fused_ops": {"list": {"s": [base64.b64encode(name).decode() for name in (b"BiasAdd", b"Relu")]}},
    }
    nodes = [
        {"op": "Mean", "name": "mean", "input": ["conv", "axes"]},
        {"op": "_FusedConv2D", "name": "conv", "input": ["x", "kernel", "bias"], "attr": convolution},
        {"op": "Placeholder", "name": "x"},
        *({"op": "Const", "name": name} for name in ("kernel", "bias", "axes")),
    ]
    values = {"kernel": kernel, "bias": np.array([-2.0], np.float32), "axes": np.array([1, 2], np.float32)}
    weights = [{"name": name, "shape": list(value.shape), "dtype": "float32"} for name, value in values.items()]
    graph = {
        "modelTopology": {"node": nodes},
        "weightsManifest": [{"paths": ["w.bin"], "weights": weights}],
    }
    (tmp_path / "graph.json").write_text(json.dumps(graph))
    (tmp_path / "w.bin").write_bytes(b"".join(value.tobytes() for value in values.values()))
    x = torch.ones(1, 1, 4, 4)
    # With a stride of 2, TensorFlow adds a row below and a column to the right only.
    full = np.pad(np.ones((4, 4)), ((0, 1), (0, 1)))
    expected = [[(full[r : r + 3, c : c + 3] * kernel[..., 0, 0]).sum() - 2 for c in (0, 2)] for r in (0, 2)]
    assert float(Graph(tmp_path / "graph.json")(x)[0, 0]) == pytest.approx(np.mean(expected))
