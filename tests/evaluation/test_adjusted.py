"""Whether adjusted sitters are what was asked for: the judge's networks, and the way it is measured."""

from __future__ import annotations

import json

import numpy as np
import pytest

from portraitify.errors import ConfigError
from portraitify.evaluation.adjusted import AdjustedReading, measure_adjusted, to_markdown, to_records
from portraitify.evaluation.face_api import EXPRESSIONS, FaceApi, face_crop
from portraitify.training.tfjs import read_weights

AGE_OF_ALL, SIDE = 40.0, 448


def layer(name: str, into: int, out: int) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}/depthwise_filter": (3, 3, into, 1),
        f"{name}/pointwise_filter": (1, 1, into, out),
        f"{name}/bias": (out,),
    }


def block(name: str, into: int, out: int) -> dict[str, tuple[int, ...]]:
    beside = {f"{name}/expansion_conv/filters": (1, 1, into, out), f"{name}/expansion_conv/bias": (out,)}
    return layer(f"{name}/separable_conv0", into, out) | layer(f"{name}/separable_conv1", out, out) | beside


def age_shapes() -> dict[str, tuple[int, ...]]:
    shapes = {"entry_flow/conv_in/filters": (3, 3, 3, 32), "entry_flow/conv_in/bias": (32,)}
    shapes |= block("entry_flow/reduction_block_0", 32, 64) | block("entry_flow/reduction_block_1", 64, 128)
    for number in range(6):
        shapes |= layer(f"middle_flow/main_block_{number // 3}/separable_conv{number % 3}", 128, 128)
    shapes |= block("exit_flow/reduction_block", 128, 256) | layer("exit_flow/separable_conv", 256, 512)
    return shapes | {"fc/age/weights": (512, 1), "fc/age/bias": (1,)}


def expression_shapes() -> dict[str, tuple[int, ...]]:
    shapes = {"dense0/conv0/filters": (3, 3, 3, 32), "dense0/conv0/bias": (32,)}
    for number, width in enumerate((32, 64, 128, 256)):
        shapes |= layer(f"dense{number}/conv0", width // 2, width) if number else {}
        for inner in (1, 2, 3):
            shapes |= layer(f"dense{number}/conv{inner}", width, width)
    return shapes | {"fc/weights": (256, 7), "fc/bias": (7,)}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A package of the right shapes: random kernels in bytes, and small last layers around a known answer."""
    folder = tmp_path_factory.mktemp("package") / "model"
    folder.mkdir()
    random = np.random.default_rng(0)
    for model, shapes in (("age_gender_model", age_shapes()), ("face_expression_model", expression_shapes())):
        entries, data = [], b""
        for name, shape in shapes.items():
            entry: dict[str, object] = {"name": name, "shape": shape, "dtype": "float32"}
            if name.endswith("bias"):
                data += np.full(shape, AGE_OF_ALL if name == "fc/age/bias" else 0, np.float32).tobytes()
            else:
                taken = np.prod(shape[:2] if "depthwise" in name else shape[:3])
                span = 0.001 if name.startswith("fc") else np.sqrt(24 / taken)
                entry["quantization"] = {"dtype": "uint8", "scale": span / 255, "min": -span / 2}
                data += random.integers(0, 256, shape, np.uint8).tobytes()
            entries.append(entry)
        (folder / f"{model}.bin").write_bytes(data)
        told = [{"weights": entries, "paths": [f"{model}.bin"]}]
        (folder / f"{model}-weights_manifest.json").write_text(json.dumps(told))
    return folder.parent


def test_weights_in_bytes_are_steps_above_the_least(package):
    weights = read_weights(package / "model" / "age_gender_model-weights_manifest.json")
    kernel = weights["fc/age/weights"]
    assert kernel.dtype == np.float32
    assert -0.0005 <= kernel.min() < -0.0004
    assert 0.0004 < kernel.max() <= 0.0005 + 1e-9
    assert weights["fc/age/bias"] == AGE_OF_ALL


def test_a_face_and_its_mirror_image_are_judged_alike(package):
    judge = FaceApi(package)
    faces = np.random.default_rng(1).integers(0, 256, (3, 112, 112, 3), np.uint8)
    ages, odds = judge.ages(faces), judge.expressions(faces)
    assert (ages.shape, odds.shape) == ((3,), (3, len(EXPRESSIONS)))
    assert ages == pytest.approx(AGE_OF_ALL, abs=5)
    assert len(np.unique(ages)) == 3
    np.testing.assert_allclose(odds.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(judge.ages(faces[:, :, ::-1]), ages, rtol=1e-5)


def test_a_folder_without_the_networks_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="@vladmandic/face-api"):
        FaceApi(tmp_path)


def test_a_crop_holds_the_face_from_cheek_to_cheek():
    view, mesh = np.zeros((400, 400, 3), np.uint8), np.full((468, 3), 200.0)
    mesh[[234, 454], 0] = 100, 300
    mesh[[105, 334], 1], mesh[152, 1] = 120, 280
    view[120:280, 100:300] = 255
    crop = face_crop(view, mesh)
    assert crop.shape == (112, 112, 3)
    # 200 of 240 pixels across and 160 down.
    assert np.mean(crop[56, :, 0] > 127) == pytest.approx(200 / 240, abs=0.02)
    assert np.mean(crop[:, 56, 0] > 127) == pytest.approx(160 / 240, abs=0.02)


def test_sitters_are_adjusted_and_stay_who_they_are(examples, package):
    pytest.importorskip("dlib")
    readings, asked = measure_adjusted(examples, package, None, 2, 0)
    assert asked["age"] == 2
    older = [reading for reading in readings if reading.what == "age"]
    assert len(older) == 2
    assert all(reading.distance < 0.6 and reading.smiles is None for reading in older)
    assert all(abs(reading.light_after - reading.light_before) < 6 for reading in older)


def test_photos_without_faces_are_no_sitters(examples, package):
    pytest.importorskip("dlib")
    examples.images = [np.full((SIDE, SIDE, 3), 128, np.uint8)] * 2
    with pytest.raises(ConfigError, match="calm faces or of adults"):
        measure_adjusted(examples, package, None, 2, 0)


def test_lost_faces_count_against_it():
    readings = [
        AdjustedReading("a.jpg", "smile", 30, 31, True, False, 60, 60, 0.3),
        AdjustedReading("a.jpg", "age", 30, 39, False, False, 60, 58, 0.3),
        AdjustedReading("b.jpg", "age", 40, 47, False, False, 50, 50, 0.7),
    ]
    table = to_markdown(readings, {"smile": 2, "age": 2})
    assert "| smile 0.5: look happy | 1 of 2 |" in table
    assert "| the mouth smiles | 0 of 2 |" in table
    assert "| age +20: look at least 8 years older | 1 of 2 |" in table
    assert "third | +0.0, -2.0 |" in table
    assert to_records(readings)[2]["distance"] == 0.7
