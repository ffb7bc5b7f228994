import json
import pickle
import shutil

import numpy as np
import pytest

from portraitify.cli.main import main
from portraitify.errors import MissingWeightsError, WeightsMismatchError
from portraitify.weights import WeightsFolder


@pytest.fixture
def folder(random_weights, tmp_path):
    return shutil.copytree(random_weights, tmp_path / "weights")


def _edit(folder, change):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def test_tensors_are_float32(folder):
    tensors = WeightsFolder(folder).load("generator")
    assert {value.dtype for value in tensors.values()} == {np.dtype("float32")}


def test_the_bank_names_painters(folder):
    bank = WeightsFolder(folder).bank
    assert [entry.label for entry in bank["oil"]] == ["an unknown painter", "A Painter, “A Title”, 1650"]
    assert bank["oil"][0].style_code.shape == (8,)


def test_a_changed_byte_is_noticed(folder):
    path = folder / "generator.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(WeightsMismatchError, match="SHA-256"):
        WeightsFolder(folder).load("generator")


def test_a_truncated_file_is_noticed(folder):
    path = folder / "generator.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(WeightsMismatchError):
        WeightsFolder(folder).load("generator")


def test_a_pickle_is_never_executed(folder, tmp_path):
    import hashlib

    witness = tmp_path / "witness"

    class Hostile:
        def __reduce__(self):
            return (open, (str(witness), "w"))

    data = pickle.dumps(Hostile())
    (folder / "generator.safetensors").write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    _edit(folder, lambda m: m["files"]["generator.safetensors"].update(sha256=digest))
    with pytest.raises(WeightsMismatchError, match="not a safetensors file"):
        WeightsFolder(folder).load("generator")
    assert not witness.exists()


def test_missing_files_are_named(folder):
    (folder / "generator.safetensors").unlink()
    with pytest.raises(MissingWeightsError, match=r"generator\.safetensors"):
        WeightsFolder(folder).load("generator")
    with pytest.raises(MissingWeightsError, match=r"manifest\.json"):
        WeightsFolder(folder / "elsewhere")


def test_unknown_versions_are_refused(folder):
    _edit(folder, lambda m: m.update(version=99))
    with pytest.raises(WeightsMismatchError, match="version 99"):
        WeightsFolder(folder)


def test_weights_of_another_network_are_refused(folder):
    from portraitify.engines.torch_engine import TorchEngine

    _edit(folder, lambda m: m["files"]["generator.safetensors"]["arguments"].update(code_size=16))
    frames, masks = np.zeros((1, 32, 32, 3), np.uint8), np.ones((1, 32, 32), np.float32)
    codes, noise = np.ones((1, 16), np.float32), np.zeros((16, 16), np.float32)
    with pytest.raises(WeightsMismatchError, match="does not fit"):
        TorchEngine(WeightsFolder(folder), "cpu").paint(frames, masks, codes, noise)


def test_what_is_usual_in_photos_is_read(folder):
    photos = WeightsFolder(folder).photo_statistics
    assert photos.medians["key"] == 52.0
    assert photos.spreads["key"] == 13.402
    assert set(photos.spreads) < set(photos.medians)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.pop("photo_statistics"), "photo_statistics"),
        (lambda m: m.update(photo_statistics=[1]), "photo_statistics"),
        (lambda m: m["photo_statistics"].pop("spreads"), "spreads"),
        (lambda m: m["photo_statistics"]["medians"].pop("sharpness"), "sharpness"),
        (lambda m: m["photo_statistics"].update(medians="none"), "photo_statistics"),
        (lambda m: m["photo_statistics"]["medians"].update(key="bright"), "bright"),
        (lambda m: m["photo_statistics"]["medians"].update(key=float("nan")), "no number"),
        (lambda m: m["photo_statistics"]["spreads"].update(turn=0), "not above 0"),
    ],
)
def test_weights_that_do_not_say_what_is_usual_are_refused(folder, photo, capsys, change, said):
    _edit(folder, change)
    with pytest.raises(WeightsMismatchError, match=said):
        _ = WeightsFolder(folder).photo_statistics
    assert main([str(photo), "--weights", str(folder), "--device", "cpu"]) == 5
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "train bank" in err
