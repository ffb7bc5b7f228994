"""A painting's style code: the same at run time as in training, and by both engines."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
import torch

from portraitify.data.batches import PreparedData
from portraitify.engines.onnx_engine import OnnxEngine
from portraitify.engines.torch_engine import TorchEngine, build
from portraitify.media.registry import STYLES
from portraitify.models.style_encoder import StyleEncoder
from portraitify.style.painting_view import PaintingView
from portraitify.weights import WeightsFolder, default_folder

pytestmark = pytest.mark.weights
# Codes have unit mean square; the trunk's halves of precision change them by less than this.
TOLERANCE = 0.01
ROWS = (4, 9, 14, 19)


@pytest.fixture
def data(prepared_folder) -> PreparedData:
    return PreparedData(prepared_folder)


def encoded(engine, data: PreparedData) -> np.ndarray:
    """Codes of a painting of each style, as run time finds them."""
    codes = []
    for row in ROWS:
        view = PaintingView(np.array(data.images[row]), np.array(data.masks[row]), data.landmarks[row])
        codes.append(engine.encode_style(*view.small(), [STYLES.index(data.records[row]["set"])])[0])
    return np.stack(codes)


@pytest.mark.parametrize("kind", [OnnxEngine, TorchEngine])
@pytest.mark.skipif(find_spec("efficientnet_lite_pytorch") is None, reason="the extra train is not installed")
def test_codes_are_those_of_training(kind, data):
    from portraitify.training.frozen import TrunkFeatures
    from portraitify.training.statistics import picture_statistics

    weights = WeightsFolder(default_folder())
    statistics = picture_statistics(data, TrunkFeatures())[list(ROWS)]
    styles = torch.tensor([STYLES.index(data.records[row]["set"]) for row in ROWS])
    with torch.no_grad():
        trained = build(StyleEncoder, weights, "style_encoder")(statistics, styles).numpy()
    assert np.abs(encoded(kind(weights), data) - trained).max() < TOLERANCE


def test_both_engines_read_a_painting_alike(data, astronaut):
    weights = WeightsFolder(default_folder())
    ours, theirs = OnnxEngine(weights), TorchEngine(weights, "cpu")
    assert np.abs(encoded(ours, data) - encoded(theirs, data)).max() < 1e-3
    picture = astronaut.copy()
    assert np.allclose(ours.classify_painting(picture), theirs.classify_painting(picture), atol=1e-3)


def test_what_reading_takes_is_small():
    folder = default_folder()
    files = [folder / "trunk.safetensors", folder / "style_encoder.safetensors"]
    files += [folder / "graphs" / f"{name}.onnx" for name in ("trunk", "style_encoder", "painting_classifier")]
    assert sum(file.stat().st_size for file in files) < 4_000_000
