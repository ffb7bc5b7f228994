"""Shared fixtures: a real photo, and small random networks with a manifest of their own."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portraitify.media.registry import STYLES

ROOT = Path(__file__).resolve().parent.parent
ASTRONAUT = ROOT / "examples" / "astronaut.jpg"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="write the paintings of tests/snapshots/ anew")
    parser.addoption("--browser", action="store_true", help="take in the tests that need Chromium")


@pytest.fixture
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    """Whether snapshots are to be written instead of compared."""
    return bool(request.config.getoption("--update-snapshots"))


@pytest.fixture(scope="session")
def astronaut_path() -> Path:
    """A photograph with one upright face (NASA, public domain)."""
    return ASTRONAUT


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """The same photograph as ``(512, 512, 3)`` uint8."""
    from portraitify.io.reading import read_image

    return read_image(ASTRONAUT).pixels


_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture(scope="session")
def as_stored():
    """Turn an upright picture as a camera that writes an orientation tag stores it."""

    def turn(upright: Image.Image, orientation: int) -> Image.Image:
        return upright.transpose(_UNDO[orientation]) if orientation in _UNDO else upright

    return turn


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder with small random networks of the shipped kinds, and the real networks that find faces."""
    import torch

    from portraitify.models.classifier import StyleClassifier
    from portraitify.models.generator import Generator
    from portraitify.models.style_encoder import StyleEncoder
    from portraitify.models.subject_mask import SubjectMask
    from portraitify.models.trunk import STATISTICS_SIZE
    from portraitify.training.export import update_manifest
    from portraitify.training.face_mesh import bring_face_mesh
    from portraitify.training.graphs import export_detector, export_graphs
    from portraitify.training.state import save_half
    from portraitify.training.trunk import bring_trunk
    from portraitify.weights import WeightsFolder, default_folder

    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    arguments = {
        "generator": {"code_size": 8, "channels": [4, 6, 8], "blocks": 1},
        "subject_mask": {"channels": [4, 4, 8, 8], "input_px": 32},
        "classifier": {"channels": [4, 4, 6, 6], "input_px": 32},
        "style_encoder": {"feature_size": STATISTICS_SIZE, "code_size": 8, "hidden": 16},
    }
    save_half(Generator(**arguments["generator"]).state_dict(), folder / "generator.safetensors")
    save_half(StyleClassifier(**arguments["classifier"]).state_dict(), folder / "classifier.safetensors")
    save_half(SubjectMask(**arguments["subject_mask"]).state_dict(), folder / "subject_mask.safetensors")
    save_half(StyleEncoder(**arguments["style_encoder"]).state_dict(), folder / "style_encoder.safetensors")
    save_half({"style_codes": torch.randn(2 * len(STYLES), 8)}, folder / "bank.safetensors")
    bank = [
        {
            "style": style,
            "painter": "A Painter" if number else "",
            "title": "A Title" if number else "",
            "date": "1650" if number else "",
            "face_light": 0.3 + 0.4 * number,
            "identifier": f"{style}{number}",
        }
        for style in STYLES
        for number in range(2)
    ]
    shipped = WeightsFolder(default_folder()).manifest["photo_statistics"]
    update_manifest(folder, arguments, bank=bank, photo_statistics=shipped)
    export_detector(folder)
    bring_face_mesh(folder)
    bring_trunk(folder)
    export_graphs(folder)
    return folder


@pytest.fixture
def prepared_folder(tmp_path: Path) -> Path:
    """Prepared training data of random blobs: two pictures of each kind and split."""
    rng = np.random.default_rng(0)
    records, images, masks = [], [], []
    for name in ("photos", *STYLES):
        for number in range(4):
            small = rng.integers(0, 255, (6, 6, 3)).astype(np.uint8)
            images.append(np.kron(small, np.ones((16, 16, 1), np.uint8)))
            mask = np.zeros((96, 96, 2), np.uint8)
            mask[20:, 20:76, 0] = 255
            mask[..., 1] = 255
            masks.append(mask)
            records.append(
                {
                    "file": f"{name}/{name}{number}.png",
                    "set": name,
                    "artist": "" if name == "photos" else f"Painter {number}",
                    "title": "",
                    "date": "",
                    "source": "",
                    "licence": "CC0",
                    "collection": "folder",
                    "split": "held-out" if number == 3 else "train",
                    "iod": 0.22,
                    "coverage": 1.0,
                    "score": 0.99,
                    "landmarks": [[0.39, 0.45], [0.61, 0.45], [0.5, 0.58], [0.41, 0.7], [0.59, 0.7]],
                }
            )
    folder = tmp_path / "data"
    folder.mkdir()
    np.save(folder / "images.npy", np.stack(images))
    np.save(folder / "masks.npy", np.stack(masks))
    (folder / "records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


@pytest.fixture(scope="session")
def small_photo(astronaut) -> bytes:
    """The astronaut's head on 128 pixels: found in a hundredth of a second."""
    stream = io.BytesIO()
    Image.fromarray(astronaut[20:276, 96:352]).resize((128, 128)).save(stream, "JPEG", quality=95)
    return stream.getvalue()


@pytest.fixture(scope="session")
def write_photos():
    """Write a folder of photos that all show the same, each a file of its own."""

    def write(folder: Path, data: bytes, count: int) -> None:
        folder.mkdir(exist_ok=True)
        for number in range(count):
            # A comment of its own makes each file, and so its digest, another one.
            (folder / f"{number:04d}.jpg").write_bytes(data + b"\xff\xfe\x00\x06%04d" % number)

    return write


@pytest.fixture
def photo(astronaut_path, tmp_path) -> Path:
    """The astronaut as somebody's file."""
    return Path(shutil.copy(astronaut_path, tmp_path / "selfie.jpg"))


@pytest.fixture
def paint(random_weights):
    """Call the command line in this process with small random networks."""
    from portraitify.cli.main import main

    def call(*args: object) -> int:
        return main([*map(str, args), "--weights", str(random_weights), "--device", "cpu", "--size", "128"])

    return call
